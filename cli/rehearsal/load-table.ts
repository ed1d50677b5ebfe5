/**
 * Finds and compiles the documents in force with the proxy's own code, and collects the warnings that the proxy would
 * log.
 */
import type { SSMClient } from '@aws-sdk/client-ssm';
import { parseJson } from '../../functions/proxy/documents/json.ts';
import { compileDocument } from '../../functions/proxy/routes/compile.ts';
import { compileCondition } from '../../functions/proxy/routes/condition.ts';
import type { InvalidDocument } from '../../functions/proxy/routes/findings.ts';
import type { DocumentInForce } from '../../functions/proxy/routes/in-force.ts';
import type { SharedKind } from '../../functions/proxy/routes/kind.ts';
import type { LoadState, TableLoaderOptions } from '../../functions/proxy/routes/load-state.ts';
import { noticeMessages } from '../../functions/proxy/routes/logged-loader.ts';
import type { ParameterReader } from '../../functions/proxy/routes/parameters.ts';
import { messages, toUnreadableMessage } from '../../functions/proxy/routes/report.ts';
import type { Route } from '../../functions/proxy/routes/route.ts';
import type { RouteTable } from '../../functions/proxy/routes/route-table.ts';
import * as inherit from '../../functions/proxy/routes/shared/inherit.ts';
import {
  createSharedSource,
  type SharedObject,
} from '../../functions/proxy/routes/shared/shared-object.ts';
import { createTableLoader, type LoadResult } from '../../functions/proxy/routes/table.ts';
import type { Notice } from '../../functions/proxy/routes/tree.ts';
import type { Context } from '../context.ts';
import { createParameterReader } from '../store/parameter-reader.ts';
import { createRehearsal, type Rehearsal } from './rehearsal.ts';

/** A route of a document in force, which may be disabled. */
export interface WrittenRoute extends Route {
  /** Version of the parameter that is in force. */
  readonly version: number;
  /** The route as written, with unresolved references. */
  readonly written: Readonly<Record<string, unknown>>;
}

/** A route table that the CLI has loaded from Parameter Store, with the proxy's own code. */
export interface LoadedTable {
  readonly table: RouteTable;
  /** In the order of parameter names and ids. */
  readonly routes: readonly WrittenRoute[];
  /** The objects that routes and consumers share, and the global rules. */
  readonly shared: LoadedObjects;
  /** Root of the documents. */
  readonly root: string;
  readonly invalid: readonly InvalidDocument[];
  readonly warnings: readonly string[];
  /** Values of `$secret://` references. They must never be printed. */
  readonly secrets: readonly string[];
  /** Names of `$env://` references that are not known here. */
  readonly unknownVariables: readonly string[];
}

/** The shared objects of a table. */
export interface LoadedObjects {
  /** In the order of their documents. */
  readonly objects: readonly SharedObject[];
  readonly find: (kind: SharedKind, id: string) => SharedObject | undefined;
}

/** A loaded table with a rehearsal, which runs its routes without sending anything. */
export interface RehearsedTable extends LoadedTable {
  /** Runs the table's routes. */
  readonly rehearsal: Rehearsal;
}

/**
 * Reads everything below the root, as a new environment of the proxy would.
 * @param variables the known part of the function's environment
 */
export async function loadTable(
  context: Context,
  variables: Readonly<Record<string, string>> = {},
): Promise<RehearsedTable> {
  const { root: readRoot, rules: toRules, allowedHosts, requireAccessPlugin } = context.settings();
  const root = readRoot();
  const region = await context.region();
  const rehearsal = createRehearsal({ region, allowedHosts });
  const { services, registry } = rehearsal;
  const compile = { services, requireAccessPlugin };
  const options = { ssm: context.ssm(), root, rules: toRules(root), registry, compile, variables };
  return { ...(await loadDocuments(options)), rehearsal };
}

interface LoadOptions extends Pick<TableLoaderOptions, 'root' | 'rules' | 'registry' | 'compile'> {
  readonly ssm: SSMClient;
  readonly variables: Readonly<Record<string, string>>;
}

async function loadDocuments(options: LoadOptions): Promise<LoadedTable> {
  const { root, rules, registry, compile, variables } = options;
  const notices: Notice[] = [];
  const onNotice = (notice: Notice) => notices.push(notice);
  const { reader, secrets } = keepSecrets(createParameterReader(options.ssm), `${root}/secrets/`);
  const unknown = new Set<string>();
  const readVariable = (name: string) => {
    if (Object.hasOwn(variables, name)) return variables[name];
    unknown.add(name);
    return `unknown-${name}`;
  };
  const load = createTableLoader({
    ...{ root, rules, reader, registry, compile, readVariable, onNotice },
  });
  const result = await load(undefined);
  const { table, invalid } = result;
  const documents = [...table.documents.values()];
  const objects = documents.flatMap((document) => document.shared ?? []);
  const shared = createSharedSource(objects);
  const routes = await Promise.all(
    documents.map((document) => readRoutes(document, { compile, rules, shared })),
  );
  return {
    table,
    routes: routes.flat(),
    shared: { objects, find: (kind, id) => toKnown(shared.find(kind, id)) },
    root,
    invalid,
    warnings: toWarnings(notices, result),
    secrets: [...secrets],
    unknownVariables: [...unknown],
  };
}

/** All objects of a table are known. */
function toKnown(object: SharedObject | 'assumed' | undefined): SharedObject | undefined {
  return object === 'assumed' ? undefined : object;
}

/** Combines compiled routes with their written form. It includes disabled routes, which the table omits. */
async function readRoutes(
  { parameter, version, text, routes, consumers, shared: ownObjects }: DocumentInForce,
  { compile, rules, shared }: Pick<LoadOptions, 'compile' | 'rules'> & Pick<LoadState, 'shared'>,
): Promise<WrittenRoute[]> {
  if (consumers.length > 0 || ownObjects) return [];
  // Only the places of a malformed document are known.
  if (version === 0) return routes.map((route) => ({ ...route, version, written: {} }));
  const parsed = await parseJson(text);
  const items = (Array.isArray(parsed) ? parsed : [parsed]) as Record<string, unknown>[];
  const found = items.map((written): WrittenRoute => {
    const id = String(written['id'] ?? parameter.split('/').at(-1));
    const route = routes.find((own) => own.id === id) ?? compileDisabled(written, id);
    return { ...route, version, written };
  });
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));

  /** Compiles the paths and hosts of a disabled route, without its plugins. */
  function compileDisabled(written: Readonly<Record<string, unknown>>, id: string): Route {
    const [route] = compileDocument(
      { ...written, id, status: 1, plugins: {} },
      {
        parameter,
        kind: 'route',
        references: { rules, readSecret: () => undefined, readVariable: () => undefined },
        plugins: { get: () => undefined, names: [] },
        ...{ compileCondition, inherit, shared },
        services: compile.services,
        requireAccessPlugin: false,
      },
    ).routes;
    if (!route) throw new Error(`route ${id} of ${parameter} was compiled to no route`);
    // It was compiled without its plugins, and lets nobody in.
    return { ...route, isEnabled: false, isOpen: false };
  }
}

/** The warnings that the proxy would log, except those about invalid documents. */
function toWarnings(notices: readonly Notice[], result: LoadResult): string[] {
  const { failures, warnings, unreadable, unreadHistories, conflicts, orphans } = result;
  return [
    ...notices.flatMap(({ kind }) => (kind === 'stray-parameter' ? [] : [noticeMessages[kind]])),
    ...failures.map(({ parameter }) => `${messages.failure} (${parameter})`),
    ...warnings.map(({ text, parameter }) => `${text} (${parameter})`),
    ...unreadable.map((document) => `${toUnreadableMessage(document)} (${document.parameter})`),
    ...unreadHistories.map(({ parameter }) => `${messages.unreadHistory} (${parameter})`),
    ...conflicts.map(
      ({ between, winner, loser }) =>
        `${messages.conflict[between]} (${winner} wins over ${loser})`,
    ),
    ...orphans.map(({ parameter }) => `${messages.orphan} (${parameter})`),
  ];
}

/** Collects the values of secrets that documents can refer to. */
function keepSecrets(reader: ParameterReader, secretsPath: string) {
  const secrets = new Set<string>();
  const keeping: ParameterReader = {
    ...reader,
    async readTree(root, onUnreadable) {
      const parameters = await reader.readTree(root, onUnreadable);
      for (const { name, value } of parameters) {
        if (name.startsWith(secretsPath)) secrets.add(value);
      }
      return parameters;
    },
    async readNamed(names) {
      const found = await reader.readNamed(names);
      for (const value of found.values()) secrets.add(value);
      return found;
    },
  };
  return { reader: keeping, secrets };
}
