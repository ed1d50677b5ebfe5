/** A task → what it changes of the published documents. */
import type { Parameter } from '../proxy/routes/parameters.ts';
import { type DocumentParameter, toKind } from '../proxy/routes/tree.ts';
import type { CurrentParameters } from './current-parameters.ts';
import { type EvaluateOptions, evaluate } from './evaluate.ts';
import { type Finding, toAcceptance, toRefusal } from './finding.ts';
import { admitSecrets } from './secret-names.ts';
import { type DocumentNote, type PublishedState, toTextDigest } from './state.ts';
import type { Change } from './task.ts';

/** What is to be published next, and what is to be said of it. */
export interface Revision {
  readonly state: PublishedState;
  readonly findings: readonly Finding[];
}

/** What a revision reads with. */
export interface ReviseOptions extends EvaluateOptions {
  /** Absolute name of the origin secret; undefined where none is configured. */
  readonly originSecret: string | undefined;
  readonly readCurrent: (names: readonly string[]) => Promise<CurrentParameters>;
}

/** One reading of the whole tree. */
export interface Listing {
  readonly documents: readonly DocumentParameter[];
  /** Values of the secrets below the root. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** What the whole tree is compared with. */
export interface Reconciliation {
  readonly listing: Listing;
  /** Documents are judged anew though they did not change: the code or its settings may have. */
  readonly isJudgedAnew: boolean;
}

/** Takes up the documents and secrets that changed. */
export async function reviseChanged(
  changes: readonly Change[],
  state: PublishedState,
  options: ReviseOptions,
): Promise<Revision> {
  const { root } = options;
  const names = [...new Set(changes.map(({ name }) => name))];
  const secrets = names.filter((name) => isSecret(name, options));
  const documents = names.filter((name) => toKind(name, root) !== undefined);
  const strays = names.filter((name) => !secrets.includes(name) && !documents.includes(name));
  const deleted = changes.filter(({ isDeletion }) => isDeletion).map(({ name }) => name);

  const own = await reviseDocuments(documents, state, options);
  const untold = documents.filter((name) => deleted.includes(name) && isGone(name, own, state));
  const isOriginKnown = state.origin != null && !secrets.includes(options.originSecret ?? '');
  const origin = isOriginKnown ? state.origin : await readOrigin(options);
  let current = { ...own.state, origin };
  const findings = [...own.findings, ...untold.map((parameter) => toStray(parameter, deleted))];
  for (const secret of secrets) {
    const dependents = findDependents(secret, current);
    const revised = await reviseDocuments(dependents, current, options);
    current = { ...revised.state, origin: current.origin };
    findings.push(...revised.findings.map((finding) => ({ ...finding, secret })));
    if (deleted.includes(secret)) findings.push({ outcome: 'deleted', parameter: secret });
    else if (dependents.length === 0) findings.push({ outcome: 'unused', parameter: secret });
  }
  findings.push(...strays.map((parameter): Finding => toStray(parameter, deleted)));
  return { state: current, findings };
}

/** @returns whether there is no such document, and was none in what is published */
function isGone(name: string, { state }: Revision, before: PublishedState): boolean {
  return !state.notes.has(name) && !before.notes.has(name);
}

function toStray(parameter: string, deleted: readonly string[]): Finding {
  return { outcome: deleted.includes(parameter) ? 'deleted' : 'stray', parameter };
}

/** Secrets that rotate without an event, and secrets that documents are waiting for. */
export async function reviseSecrets(
  state: PublishedState,
  options: ReviseOptions,
): Promise<Revision> {
  const lists = [...state.notes.values()].map(({ secrets }) => secrets);
  const values = await options.readSecrets(admitSecrets(lists, options.rules.root));
  const changed = [...state.notes.keys()].filter((name) => hasOtherSecrets(name, state, values));
  const revised = await reviseDocuments(changed, state, options);
  const findings = revised.findings.filter((finding) => isNews(finding, state));
  return { state: { ...revised.state, origin: await readOrigin(options) }, findings };
}

/** Compares everything that there is with what is published. */
export async function reviseEverything(
  { listing, isJudgedAnew }: Reconciliation,
  state: PublishedState,
  given: ReviseOptions,
): Promise<Revision> {
  const { documents } = listing;
  const isFirst = state.contentDigest === '';
  const options = isFirst ? { ...given, readSecrets: readSecretsOf(listing, given) } : given;
  const listed = new Set(documents.map(({ name }) => name));
  const lists = [...state.notes.values()].map(({ secrets }) => secrets);
  const values = await options.readSecrets(admitSecrets(lists, options.rules.root));
  const isChanged = (document: DocumentParameter) =>
    !isKnown(document, state.notes.get(document.name));
  const same = documents.filter(
    (document) =>
      !isChanged(document) && (isJudgedAnew || hasOtherSecrets(document.name, state, values)),
  );
  const first = await reviseGiven(isFirst ? documents : same, state, options);
  // The listing took a while. What differs from what is published is read again: it may be the listing that is old.
  const changed = isFirst ? [] : documents.filter(isChanged).map(({ name }) => name);
  const gone = [...state.notes.keys()].filter((name) => !listed.has(name));
  const second = await reviseDocuments([...changed, ...gone], first.state, options);
  const findings = [...first.findings, ...second.findings];
  return {
    state: { ...second.state, origin: await readOrigin(options) },
    findings: findings.filter((finding) => isNews(finding, state)),
  };
}

/** Those below the root have been read with everything else. */
function readSecretsOf(
  { secrets }: Listing,
  { root, readSecrets }: ReviseOptions,
): ReviseOptions['readSecrets'] {
  return async (names) => {
    const outside = names.filter((name) => !name.startsWith(`${root}/`));
    const inside = [...secrets].filter(([name]) => names.includes(name));
    return new Map([...inside, ...(await readSecrets(outside))]);
  };
}

/** Reads what Parameter Store has now of some documents. A deletion is believed when the reading confirms it. */
async function reviseDocuments(
  names: readonly string[],
  state: PublishedState,
  options: ReviseOptions,
): Promise<Revision> {
  if (names.length === 0) return { state, findings: [] };
  const { readable, unreadable, refused } = await options.readCurrent(names);
  const given = names.flatMap((name) => readable.get(name) ?? unreadable.get(name) ?? []);
  const revised = await reviseGiven(
    given.filter((document) => !isOlder(document, state.notes.get(document.name))),
    state,
    options,
  );
  const gone = names.filter(
    (name) => !readable.has(name) && !unreadable.has(name) && !refused.has(name),
  );
  const deletions = gone.filter((name) => state.notes.has(name));
  return {
    state: without(revised.state, gone),
    findings: [
      ...revised.findings,
      ...deletions.map((parameter): Finding => ({ outcome: 'deleted', parameter })),
    ],
  };
}

async function reviseGiven(
  given: readonly DocumentParameter[],
  state: PublishedState,
  options: ReviseOptions,
): Promise<Revision> {
  if (given.length === 0) return { state, findings: [] };
  const { records, notes, accepted } = await evaluate(given, state, options);
  const nextRecords = new Map(state.records);
  for (const [name, record] of records) {
    if (record) nextRecords.set(name, record);
    else nextRecords.delete(name);
  }
  const refusals = [...notes.values()].flatMap(({ refused }) =>
    refused ? toRefusal(refused) : [],
  );
  return {
    state: { ...state, records: nextRecords, notes: new Map([...state.notes, ...notes]) },
    findings: [...refusals, ...accepted.map(toAcceptance)],
  };
}

function without(state: PublishedState, names: readonly string[]): PublishedState {
  const records = new Map(state.records);
  const notes = new Map(state.notes);
  for (const name of names) {
    records.delete(name);
    notes.delete(name);
  }
  return { ...state, records, notes };
}

/** Parameter Store may answer with an older version for a moment. A parameter that was created anew begins at version 1. */
function isOlder(
  { version, modifiedMs }: Pick<Parameter, 'version' | 'modifiedMs'>,
  note: DocumentNote | undefined,
): boolean {
  if (!note) return false;
  if (modifiedMs === undefined || note.modifiedMs === undefined) return version < note.version;
  return modifiedMs < note.modifiedMs;
}

function isKnown({ version, value, modifiedMs }: DocumentParameter, note?: DocumentNote): boolean {
  if (!note || note.version !== version || note.modifiedMs !== modifiedMs) return false;
  return note.textDigest === (value === undefined ? undefined : toTextDigest(value));
}

/** @returns whether a document was published with other values than its secrets have now */
function hasOtherSecrets(
  name: string,
  { records, notes }: PublishedState,
  values: ReadonlyMap<string, string>,
): boolean {
  const record = records.get(name);
  const { secrets = [], refused } = notes.get(name) ?? {};
  // Nothing is in force of it, and no secret can change that.
  if (!record && refused?.fault === 'malformed') return false;
  const published = record?.secrets ?? {};
  const names = new Set([...secrets, ...Object.keys(published)]);
  return [...names].some((secret) => values.get(secret) !== published[secret]);
}

function findDependents(secret: string, { notes, records }: PublishedState): string[] {
  return [...notes]
    .filter(([name, note]) => {
      const published = records.get(name)?.secrets ?? {};
      return note.secrets.includes(secret) || Object.hasOwn(published, secret);
    })
    .map(([name]) => name);
}

/** A document that was refused in the same way before has been told of; the first snapshot accepts very many at once. */
function isNews(finding: Finding, { notes, contentDigest }: PublishedState): boolean {
  if (contentDigest === '' && finding.outcome === 'accepted') return false;
  const note = notes.get(finding.parameter);
  if (finding.outcome === 'refused') {
    return (
      JSON.stringify(toRefusal(finding)) !==
      JSON.stringify(note?.refused && toRefusal(note.refused))
    );
  }
  return finding.outcome !== 'accepted' || note?.version !== finding.version || !!note.refused;
}

function isSecret(name: string, { root, originSecret }: ReviseOptions): boolean {
  return name === originSecret || name.startsWith(`${root}/secrets/`);
}

async function readOrigin({ originSecret, readSecrets }: ReviseOptions) {
  if (originSecret === undefined) return undefined;
  return (await readSecrets([originSecret])).get(originSecret) ?? null;
}
