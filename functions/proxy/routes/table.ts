/** Parameters → the table in force. One invalid document takes nothing else down, nor its own last valid version. */
import { createHash } from 'node:crypto';
import type { Logger } from '../log.ts';
import { createMatcher, type Matcher } from '../match.ts';
import type { Pool } from '../upstream/connections.ts';
import { type CompileContext, type CompiledDocument, compileDocument } from './compile.ts';
import { DocumentError } from './document-error.ts';
import { parseJson } from './json.ts';
import type { Parameter, ParameterReader } from './parameters.ts';
import { findAbsoluteSecrets, type ReferenceSource } from './references.ts';

export interface RouteTable {
  /** Digest of the documents in force and their resolved references. */
  readonly version: string;
  readonly matcher: Matcher;
  readonly documents: ReadonlyMap<string, DocumentInForce>;
  /** Every pool that a document in force uses. */
  readonly pools: ReadonlySet<Pool>;
  /** Digest of everything that was read; a table is kept as it is while this stays the same. */
  readonly sourceDigest: string;
}

export interface DocumentInForce extends CompiledDocument {
  readonly parameter: string;
  /** Version of the parameter that is in force, not always the newest one. */
  readonly version: number;
  readonly text: string;
  readonly digest: string;
}

export interface TableLoaderOptions {
  /** Root of the documents, without trailing slash. */
  readonly root: string;
  readonly reader: ParameterReader;
  readonly compile: Pick<CompileContext, 'registry' | 'services'>;
  readonly readVariable: (name: string) => string | undefined;
  readonly log: Logger;
}

/** Reads everything and builds a table; parts that did not change are taken over from the previous one. */
export type LoadTable = (previous: RouteTable | undefined) => Promise<RouteTable>;

/** @returns a loader that remembers what it has reported, so that each bad version is named once */
export function createTableLoader(options: TableLoaderOptions): LoadTable {
  const reported = new Set<string>();
  return async (previous) => {
    const tree = await readTree(options);
    if (previous?.sourceDigest === tree.digest) return previous;
    const documents = new Map<string, DocumentInForce>();
    let isComplete = true;
    for (const parameter of tree.routes) {
      const state: LoadState = {
        ...options,
        tree,
        reported,
        previous: previous?.documents.get(parameter.name),
      };
      const loaded = await loadDocument(parameter, state);
      if (loaded === 'unread') isComplete = false;
      else if (loaded) documents.set(parameter.name, loaded);
    }
    return toTable(documents, isComplete ? tree.digest : '', options.log);
  };
}

interface Tree {
  readonly routes: readonly Parameter[];
  readonly references: ReferenceSource;
  readonly digest: string;
}

interface LoadState extends TableLoaderOptions {
  readonly tree: Tree;
  readonly reported: Set<string>;
  readonly previous: DocumentInForce | undefined;
}

async function readTree({ root, reader, readVariable, log }: TableLoaderOptions): Promise<Tree> {
  const parameters = await reader.readTree(root);
  const routes = parameters
    .filter(({ name }) => name.startsWith(`${root}/routes/`))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const secrets = new Map(parameters.map(({ name, value }) => [name, value]));
  const absolute = new Set(routes.flatMap(({ value }) => findAbsoluteSecrets(value)));
  for (const [name, value] of await reader.readNamed([...absolute])) secrets.set(name, value);
  const digest = createHash('sha256');
  for (const { name, version, value } of [...parameters].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    digest.update(JSON.stringify([name, version, value]));
  }
  for (const name of [...absolute].sort()) digest.update(JSON.stringify([name, secrets.get(name)]));
  const outside = parameters.find(
    ({ name }) => !/^\/(routes|secrets|consumers)\/./.test(name.slice(root.length)),
  );
  if (outside)
    log.debug('a parameter is none of routes/, consumers/ and secrets/', {
      parameter: outside.name,
    });
  return {
    routes,
    digest: digest.digest('hex'),
    references: {
      readSecret: (name) => secrets.get(name.startsWith('/') ? name : `${root}/secrets/${name}`),
      readVariable,
    },
  };
}

/** @returns undefined when no version is valid, `'unread'` when an older one could not be read this time */
async function loadDocument(
  parameter: Parameter,
  state: LoadState,
): Promise<DocumentInForce | 'unread' | undefined> {
  try {
    return await putInForce(parameter, state);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    const news = `${parameter.name}:${parameter.version}:${error.message}`;
    const isNews = !state.reported.has(news);
    state.reported.add(news);
    const inForce = state.previous ?? (await findLastValid(parameter, state, isNews));
    if (isNews) report(parameter, error, inForce, state.log);
    return inForce;
  }
}

async function putInForce(parameter: Parameter, state: LoadState): Promise<DocumentInForce> {
  const { previous } = state;
  if (previous?.text === parameter.value && previous.substituted.length === 0) {
    return { ...previous, version: parameter.version };
  }
  const compiled = await compileText(parameter, state);
  const digest = createHash('sha256')
    .update(JSON.stringify([parameter.name, parameter.value, compiled.substituted]))
    .digest('hex');
  if (previous?.digest === digest) return { ...previous, version: parameter.version };
  for (const warning of compiled.warnings) {
    state.log.warn(warning, { parameter: parameter.name, version: parameter.version });
  }
  const { name, version, value: text } = parameter;
  return { ...compiled, parameter: name, version, text, digest };
}

async function compileText(
  { name, value }: Parameter,
  { compile, tree, log }: LoadState,
): Promise<CompiledDocument> {
  const document = await parseJson(value);
  try {
    return await compileDocument(document, {
      ...compile,
      parameter: name,
      references: tree.references,
    });
  } catch (error) {
    if (error instanceof DocumentError) throw error;
    // Our bug, and still no reason to take the other documents down.
    log.error('a document could not be compiled', { parameter: name, error });
    const issue = { pointer: '', found: 'a document that the proxy fails on', expected: 'none' };
    throw new DocumentError([issue], { cause: error });
  }
}

/** A fresh environment has no last valid version in memory; the parameter's history has it. */
async function findLastValid(
  parameter: Parameter,
  state: LoadState,
  isNews: boolean,
): Promise<DocumentInForce | 'unread' | undefined> {
  let history: readonly Parameter[];
  try {
    history = await state.reader.readHistory(parameter.name);
  } catch (error) {
    if (isNews)
      state.log.warn('the history of an invalid document could not be read', {
        parameter: parameter.name,
        error,
      });
    return 'unread';
  }
  for (const older of history.filter(({ version }) => version < parameter.version)) {
    try {
      return await putInForce(older, state);
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
    }
  }
  return undefined;
}

function report(
  { name, version }: Parameter,
  { issues }: DocumentError,
  inForce: DocumentInForce | 'unread' | undefined,
  log: Logger,
): void {
  const kept = typeof inForce === 'object' ? inForce.version : undefined;
  log.error(
    kept === undefined
      ? 'a document is invalid and none of its versions is in force'
      : `a document is invalid; its version ${kept} stays in force`,
    { event: 'invalid-document', parameter: name, version, inForce: kept ?? null, issues },
  );
}

function toTable(
  documents: ReadonlyMap<string, DocumentInForce>,
  sourceDigest: string,
  log: Logger,
): RouteTable {
  const all = [...documents.values()];
  const routes = all.flatMap((document) =>
    [...document.routes].sort((a, b) => (a.id < b.id ? -1 : 1)),
  );
  const matcher = createMatcher(routes);
  for (const [winner, loser] of matcher.conflicts) {
    log.warn('two routes claim the same host, path and method; the first one wins', {
      winner: `${winner.parameter}#${winner.id}`,
      loser: `${loser.parameter}#${loser.id}`,
    });
  }
  const version = createHash('sha256');
  for (const { digest } of all) version.update(digest);
  return {
    version: version.digest('hex').slice(0, 12),
    matcher,
    documents,
    pools: new Set(all.flatMap(({ pools }) => pools)),
    sourceDigest,
  };
}
