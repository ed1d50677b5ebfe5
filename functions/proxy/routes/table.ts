/**
 * Parameters → the table in force. One invalid document takes nothing else down. Of a malformed one the last valid version
 * stays in force. One that lacks something answers 503. No older version lets in clients that a newer one refuses.
 */

import { DocumentError } from '../documents/document-error.ts';
import { createFindingLists, type FindingLists, type Findings } from './findings.ts';
import { guardDocuments, hasGlobalRules } from './global-guard.ts';
import type { DocumentInForce } from './in-force.ts';
import { addRoom, isWithin, maxRoom, measureRoom, noRoom } from './index-room.ts';
import { isSharedKind, toKind } from './kind.ts';
import { isSettled, isWhole, putInForce } from './load-document.ts';
import type { LoadState, Memory, TableLoaderOptions } from './load-state.ts';
import { isOtherLife } from './other-life.ts';
import type { UnreadableParameter } from './parameters.ts';
import { type RouteTable, toTable } from './route-table.ts';
import {
  createSharedSource,
  describeLinked,
  nothingShared,
  type SharedObject,
  type SharedSource,
} from './shared/shared-object.ts';
import { createTreeReader, type DocumentParameter } from './tree.ts';

/** A table, and what was found out about the documents that it is made of. */
export interface LoadResult extends Findings {
  readonly table: RouteTable;
}

/** Reads everything and builds a table; parts that did not change are taken over from the previous one. */
export type LoadTable = (previous: RouteTable | undefined) => Promise<LoadResult>;

/** @returns a loader that remembers what it found in histories. When nothing has changed, its table is `previous` itself */
export function createTableLoader(options: TableLoaderOptions): LoadTable {
  const readTree = createTreeReader({ ...options, now: options.compile.services.now });
  let memories: Memories = new Map();
  let seen: Seen = new Map();
  let last: LoadResult | undefined;
  return async (previous) => {
    const tree = await readTree(listTexts(previous, options));
    if (last && last.table === previous && previous.sourceDigest === tree.digest) {
      return { ...last, warnings: [], failures: [] };
    }
    const findings = createFindingLists();
    const hasRules = hasGlobalRules(tree, options);
    const isStrict = options.compile.requireAccessPlugin && !hasRules;
    const compile = { ...options.compile, requireAccessPlugin: isStrict };
    const context = { ...options, compile, tree, findings, shared: nothingShared };
    const own = keepOwn(previous?.documents, tree.documents, seen);
    const loaded = await loadDocuments(context, own, keepKnown(memories, tree.documents, seen));
    seen = new Map(tree.documents.map((document) => [document.name, document]));
    memories = loaded.memories;
    // With something unread the next refresh has to look again, changed or not.
    const digest = findings.unreadHistories.length > 0 ? '' : tree.digest;
    const { isIndexed } = options;
    const source = { digest, originKeys: tree.originKeys, isIndexed };
    const documents = guardDocuments(loaded.documents, options, { hasRules, previous });
    await addUnguarded(documents, loaded.documents, findings);
    const { table, ...others } = toTable(documents, source);
    last = { table: { ...table, invalidDocuments: memories.size }, ...findings, ...others };
    return last;
  };
}

/** Documents whose references count: those in force, and the objects that others may name. */
function listTexts(
  previous: RouteTable | undefined,
  { heldShared = [] }: TableLoaderOptions,
): readonly string[] {
  const held = heldShared.map(({ document }) => JSON.stringify(document));
  return [...[...(previous?.documents.values() ?? [])].map(({ text }) => text), ...held];
}

/** Documents that have lost routes because no global rule guards them. */
async function addUnguarded(
  documents: readonly DocumentInForce[],
  before: readonly DocumentInForce[],
  { invalid }: FindingLists,
): Promise<void> {
  for (const [place, document] of documents.entries()) {
    if (document.missing.length <= (before[place]?.missing.length ?? 0)) continue;
    const { toUnfulfilled } = await import('./invalid-document.ts');
    invalid.push(toUnfulfilled(document));
  }
}

/** Memories of the documents that are not wholly in force, by parameter. A parameter that was deleted and created again is another document. */
type Memories = ReadonlyMap<string, Memory>;

/** The newest versions of the last reading, by parameter. */
type Seen = ReadonlyMap<string, DocumentParameter>;

/**
 * Keeps what is known of documents. If a parameter was deleted and created again, what was found in its history before the deletion
 * does not count, even if texts and versions are alike.
 */
function keepKnown(
  memories: Memories,
  documents: readonly DocumentParameter[],
  seen: Seen,
): Memories {
  if (memories.size === 0) return memories;
  const kept = new Map(memories);
  for (const document of documents) {
    if (isOtherLife(document, seen.get(document.name))) kept.delete(document.name);
  }
  return kept;
}

/** Forgets unreadable parameters that were created anew. Without a text, only version and time show that. */
function keepOwn(
  previous: RouteTable['documents'] | undefined,
  documents: readonly DocumentParameter[],
  seen: Seen,
): RouteTable['documents'] | undefined {
  const anew = documents.filter(
    (document) => document.value === undefined && isOtherLife(document, seen.get(document.name)),
  );
  if (!previous || anew.length === 0) return previous;
  const kept = new Map(previous);
  for (const { name } of anew) kept.delete(name);
  return kept;
}

async function loadDocuments(
  given: LoadContext,
  previous: RouteTable['documents'] | undefined,
  before: Memories,
) {
  const documents: DocumentInForce[] = [];
  const memories = new Map<string, Memory>();
  const admit = createAdmit(given);
  const pause = createPause(given.compile.services.now);
  const isShared = ({ name }: DocumentParameter) => isSharedKind(toKind(name, given.root));
  const ofShared = given.tree.documents.filter(isShared);
  for (const parameter of ofShared) await load(parameter, given);
  // Routes and consumers are compiled with them.
  const shared = toSharedSource(documents, given.heldShared);
  for (const parameter of given.tree.documents) {
    if (!isShared(parameter)) await load(parameter, { ...given, shared });
  }
  if (ofShared.length > 0) documents.sort((a, b) => (a.parameter < b.parameter ? -1 : 1));
  return { documents, memories };

  async function load(parameter: DocumentParameter, context: LoadContext): Promise<void> {
    await pause();
    const { name, version } = parameter;
    const memory = before.get(name) ?? {};
    const last = previous?.get(name);
    // What was withheld may be in force again, and its counts go on then.
    const state = { ...context, memory, previous: last?.whole ?? last };
    const loaded = await loadDocument(parameter, state, last);
    const document = loaded && (await admit(loaded, parameter));
    if (document) documents.push(document);
    const isInForce = parameter.value !== undefined && document?.version === version;
    if (!isInForce || !isWhole(document)) memories.set(name, memory);
  }
}

function toSharedSource(
  documents: readonly DocumentInForce[],
  held: readonly SharedObject[] = [],
): SharedSource {
  const all = [...documents.flatMap((document) => document.shared ?? []), ...held];
  return createSharedSource(all.sort((a, b) => (a.parameter < b.parameter ? -1 : 1)));
}

/** What is the same for all documents of one load. */
type LoadContext = Omit<LoadState, 'memory' | 'previous'>;

/** Documents are compiled for so long before requests have their turn: a first reading compiles all of them. */
const sliceMs = 10;

function createPause(now: () => number): () => Promise<void> {
  let endMs = now() + sliceMs;
  return async () => {
    if (now() < endMs) return;
    await new Promise(setImmediate);
    endMs = now() + sliceMs;
  };
}

/** @returns a function that is told of each document in order, and takes away the routes of one that the index has no room for */
function createAdmit({ isIndexed = true, findings }: LoadContext) {
  let total = noRoom;
  return async (document: DocumentInForce, parameter: DocumentParameter) => {
    const next = addRoom(total, measureRoom(document.routes));
    if (isIndexed && !isWithin(next, maxRoom)) {
      const { withoutRoom } = await import('./without-room.ts');
      return withoutRoom(document, parameter, findings);
    }
    total = next;
    return document;
  };
}

async function loadDocument(
  parameter: DocumentParameter,
  state: LoadState,
  last: DocumentInForce | undefined,
): Promise<DocumentInForce | undefined> {
  if (parameter.value === undefined) return keepUnreadable(parameter, state, last);
  try {
    const document = await putInForce(parameter, state);
    if (!isWhole(document)) {
      const { toUnfulfilled } = await import('./invalid-document.ts');
      state.findings.invalid.push(toUnfulfilled(document));
    }
    return document;
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    const { fallBack } = await import('./fall-back.ts');
    return fallBack(parameter, error, state);
  }
}

/** What is in force stays, and what was withheld as well: the version that cannot be read may be guarded better. */
async function keepUnreadable(
  parameter: UnreadableParameter,
  state: LoadState,
  last: DocumentInForce | undefined,
): Promise<DocumentInForce | undefined> {
  const { name, version } = parameter;
  // A parameter that was deleted and created again has versions from 1. No version from before the deletion counts.
  const own = last && last.version <= version ? last : undefined;
  state.findings.unreadable.push({ parameter: name, version, inForce: own?.version ?? null });
  if (!own && toKind(name, state.root) === 'global_rule') {
    const { toBarrier } = await import('./shared/barrier.ts');
    return toBarrier(parameter, 'a global rule cannot be decrypted');
  }
  if (!own || (isSettled(own) && own.linked === describeLinked(own.links, state.shared)))
    return own;
  const { keepInForce } = await import('./fall-back.ts');
  return keepInForce(own, state);
}
