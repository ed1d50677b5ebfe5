/** Parameters → the table in force. One invalid document takes nothing else down, nor its own last valid version. */
import { createHash } from 'node:crypto';
import { toCountMetrics } from '../metrics.ts';
import { loadPlugins, type PluginRegistry } from '../plugins/registry.ts';
import { type CompiledDocument, compileDocument } from './compile.ts';
import { DocumentError } from './document-error.ts';
import { parseJson } from './json.ts';
import type { Parameter } from './parameters.ts';
import type { CompileContext } from './prepare.ts';
import { type DocumentInForce, type RouteTable, toTable } from './route-table.ts';
import { readTree, type Tree, type TreeOptions, toKind } from './tree.ts';

export interface TableLoaderOptions extends TreeOptions {
  readonly registry: PluginRegistry;
  readonly compile: Pick<CompileContext, 'services' | 'requireGuard'>;
}

/** Reads everything and builds a table; parts that did not change are taken over from the previous one. */
export type LoadTable = (previous: RouteTable | undefined) => Promise<RouteTable>;

/** @returns a loader that remembers what it has reported, so that each bad version is named once */
export function createTableLoader(options: TableLoaderOptions): LoadTable {
  const reported = new Set<string>();
  const searched = new Set<string>();
  return async (previous) => {
    const texts = [...(previous?.documents.values() ?? [])].map(({ text }) => text);
    const tree = await readTree(options, texts);
    if (previous?.sourceDigest === tree.digest) return previous;
    const unread = new Set<string>();
    const loaded: DocumentInForce[] = [];
    for (const parameter of tree.documents) {
      const inForce = previous?.documents.get(parameter.name);
      const state = { ...options, tree, reported, searched, unread, previous: inForce };
      const document = await loadDocument(parameter, state);
      if (document) loaded.push(document);
    }
    // With something unread the next refresh has to look again, changed or not.
    const source = { digest: unread.size > 0 ? '' : tree.digest, originKeys: tree.originKeys };
    const table = toTable(loaded, source, { log: options.log, reported });
    const newest = tree.documents.map(({ name, version }) => `${name}:${version}`);
    const inForce = new Set(loaded.map(({ parameter, version }) => `${parameter}:${version}`));
    return { ...table, invalidDocuments: newest.filter((name) => !inForce.has(name)).length };
  };
}

/** Undefined when no version is valid. */
type Loaded = DocumentInForce | undefined;

interface LoadState extends TableLoaderOptions {
  readonly tree: Tree;
  readonly reported: Set<string>;
  /** Invalid versions whose history has been read. */
  readonly searched: Set<string>;
  /** Names whose history could not be read this time. */
  readonly unread: Set<string>;
  readonly previous: DocumentInForce | undefined;
}

async function loadDocument(parameter: Parameter, state: LoadState): Promise<Loaded> {
  try {
    return await putInForce(parameter, state);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    const news = `${parameter.name}:${parameter.version}:${error.message}`;
    const isNews = !state.reported.has(news);
    state.reported.add(news);
    const inForce = await findInForce(parameter, { ...state, isNews });
    if (isNews) report(parameter, error, inForce, state);
    return inForce;
  }
}

interface SearchState extends LoadState {
  readonly isNews: boolean;
}

/** What was in force stays there, unless a newer version was valid and broken again between two readings. */
async function findInForce(parameter: Parameter, state: SearchState): Promise<Loaded> {
  const { previous, searched, unread } = state;
  // Versions begin at 1 again where a parameter was deleted and written anew: that past is not its own.
  if (!previous || previous.version > parameter.version) return findLastValid(parameter, 0, state);
  const invalid = `${parameter.name}:${parameter.version}`;
  if (parameter.version > previous.version + 1 && !searched.has(invalid)) {
    const newer = await findLastValid(parameter, previous.version, state);
    if (!unread.has(parameter.name)) searched.add(invalid);
    if (newer) return newer;
  }
  return renew(previous, state);
}

/** A document that stays in force follows its secrets; where it no longer can, it stays as it was. */
async function renew(document: DocumentInForce, state: LoadState): Promise<DocumentInForce> {
  const { parameter: name, version, text: value } = document;
  try {
    return await putInForce({ name, version, value }, state);
  } catch (error) {
    if (error instanceof DocumentError) return document;
    throw error;
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
  { compile, registry, root, tree, log }: LoadState,
): Promise<CompiledDocument> {
  const document = await parseJson(value);
  try {
    const kind = toKind(name, root) ?? 'route';
    const plugins = await loadPlugins(document, registry);
    const { references } = tree;
    return compileDocument(document, { ...compile, parameter: name, kind, references, plugins });
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
  afterVersion: number,
  state: SearchState,
): Promise<Loaded> {
  let history: readonly Parameter[];
  try {
    history = await state.reader.readHistory(parameter.name);
  } catch (error) {
    if (state.isNews)
      state.log.warn('the history of an invalid document could not be read', {
        parameter: parameter.name,
        error,
      });
    state.unread.add(parameter.name);
    return undefined;
  }
  for (const older of history) {
    if (older.version >= parameter.version || older.version <= afterVersion) continue;
    try {
      await state.tree.addSecretsOf(older.value);
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
  inForce: Loaded,
  { log, root }: Pick<LoadState, 'log' | 'root'>,
): void {
  const kept = inForce?.version;
  log.error(
    kept === undefined
      ? 'a document is invalid and none of its versions is in force'
      : `a document is invalid; its version ${kept} stays in force`,
    {
      event: 'invalid-document',
      parameter: name,
      version,
      inForce: kept ?? null,
      issues,
      proxy: root,
      ...toCountMetrics({ invalidDocuments: 1 }, ['proxy', 'parameter']),
    },
  );
}
