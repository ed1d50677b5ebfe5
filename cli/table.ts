/** The documents in force, found and compiled by the runtime's own code, with what it would log about them. */
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { Logger } from '../functions/proxy/log.ts';
import type { CompileContext, Route } from '../functions/proxy/routes/compile.ts';
import { compileDocument } from '../functions/proxy/routes/compile.ts';
import type { DocumentIssue } from '../functions/proxy/routes/document-error.ts';
import { parseJson } from '../functions/proxy/routes/json.ts';
import type { ParameterReader } from '../functions/proxy/routes/parameters.ts';
import { createTableLoader, type RouteTable } from '../functions/proxy/routes/table.ts';
import { createParameterReader } from './parameter-reader.ts';

/** A route of a document in force; a disabled one too. */
export interface WrittenRoute extends Route {
  /** Version of the parameter that is in force. */
  readonly version: number;
  /** The route as it is written, references unresolved. */
  readonly written: Readonly<Record<string, unknown>>;
}

/** A version of a document that is not in force. */
export interface InvalidDocument {
  readonly parameter: string;
  readonly version: number;
  /** The version that stays in force in its place, or null. */
  readonly inForce: number | null;
  readonly issues: readonly DocumentIssue[];
}

export interface LoadedTable {
  readonly table: RouteTable;
  /** In the order of parameter names and ids. */
  readonly routes: readonly WrittenRoute[];
  readonly invalid: readonly InvalidDocument[];
  readonly warnings: readonly string[];
  /** Values that stand behind `$secret://` references: never to be printed. */
  readonly secrets: readonly string[];
  /** `$env://` names that were asked for and are not known here. */
  readonly unknownVariables: readonly string[];
}

export interface LoadOptions extends Pick<CompileContext, 'registry' | 'services'> {
  readonly ssm: SSMClient;
  readonly root: string;
  /** The function's environment, as far as it is known here. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Reads everything below the root, as a fresh environment of the proxy would. */
export async function loadTable(options: LoadOptions): Promise<LoadedTable> {
  const { root, registry, services, variables } = options;
  const heard = createListener();
  const { reader, secrets } = keepSecrets(createParameterReader(options.ssm), `${root}/routes/`);
  const unknown = new Set<string>();
  const readVariable = (name: string) => {
    if (Object.hasOwn(variables, name)) return variables[name];
    unknown.add(name);
    return `unknown-${name}`;
  };
  const compile = { registry, services };
  const load = createTableLoader({ root, reader, compile, readVariable, log: heard.log });
  const table = await load(undefined);
  const routes = await Promise.all(
    [...table.documents.values()].map((document) => readRoutes(document, services)),
  );
  return {
    table,
    routes: routes.flat(),
    invalid: heard.invalid,
    warnings: heard.warnings,
    secrets: [...secrets],
    unknownVariables: [...unknown],
  };
}

type Document = RouteTable['documents'] extends ReadonlyMap<string, infer T> ? T : never;

/** The compiled routes beside what is written, with the disabled ones, which the table leaves out. */
async function readRoutes(
  { parameter, version, text, routes }: Document,
  services: CompileContext['services'],
): Promise<WrittenRoute[]> {
  const parsed = await parseJson(text);
  const items = (Array.isArray(parsed) ? parsed : [parsed]) as Record<string, unknown>[];
  const found = items.map(async (written): Promise<WrittenRoute> => {
    const id = String(written['id'] ?? parameter.split('/').at(-1));
    const compiled = routes.find((route) => route.id === id);
    if (compiled) return { ...compiled, version, written };
    const bare = { ...written, id, status: 1, plugins: {} };
    const references = { readSecret: () => undefined, readVariable: () => undefined };
    const context = { parameter, references, registry: {}, services };
    const [route] = (await compileDocument(bare, context)).routes;
    if (!route) throw new Error(`route ${id} of ${parameter} was compiled to nothing`);
    return { ...route, isEnabled: false, version, written };
  });
  return (await Promise.all(found)).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** What the runtime would log, kept. */
function createListener() {
  const invalid: InvalidDocument[] = [];
  const warnings: string[] = [];
  const log: Logger = {
    debug() {},
    info() {},
    warn(message, fields = {}) {
      const { parameter, winner, loser } = fields;
      const about = parameter ?? (winner ? `${winner} wins over ${loser}` : undefined);
      warnings.push(about === undefined ? message : `${message} (${about})`);
    },
    error(message, fields = {}) {
      if (fields['event'] === 'invalid-document')
        invalid.push(fields as unknown as InvalidDocument);
      else warnings.push(message);
    },
    isEnabled: () => true,
  };
  return { log, invalid, warnings };
}

/** Whatever is read and is no route is a secret, or holds some. */
function keepSecrets(reader: ParameterReader, routesPath: string) {
  const secrets = new Set<string>();
  const keeping: ParameterReader = {
    ...reader,
    async readTree(root) {
      const parameters = await reader.readTree(root);
      for (const { name, value } of parameters) {
        if (!name.startsWith(routesPath)) secrets.add(value);
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
