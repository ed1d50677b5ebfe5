/** Documents as Parameter Store has them → what is published of them next. */
import type { InvalidDocument } from '../proxy/routes/findings.ts';
import { toKind } from '../proxy/routes/kind.ts';
import type { Parameter } from '../proxy/routes/parameters.ts';
import type { DocumentParameter } from '../proxy/routes/tree.ts';
import { admitRecords } from './admit-records.ts';
import type { CurrentParameters } from './current-parameters.ts';
import { type EvaluateOptions, evaluate } from './evaluate.ts';
import { type Finding, toAcceptance, toRefusal } from './finding.ts';
import type { Revision } from './replace-snapshot.ts';
import { reviseDependents } from './revise-dependents.ts';
import type { SecretReader } from './secret-reader.ts';
import type { DocumentNote, PublishedState } from './state.ts';

/** What a revision reads with. */
export interface ReviseOptions extends EvaluateOptions {
  /** Reads the secrets of all documents. */
  readonly pollSecrets: SecretReader['poll'];
  readonly forgetSecrets: SecretReader['forget'];
  /** Absolute name of the origin secret; undefined where none is configured. */
  readonly originSecret: string | undefined;
  readonly readCurrent: (names: readonly string[]) => Promise<CurrentParameters>;
}

/** Reads what Parameter Store has now of some documents. A deletion is believed when the reading confirms it. */
export async function reviseDocuments(
  names: readonly string[],
  state: PublishedState,
  options: ReviseOptions,
): Promise<Revision> {
  if (names.length === 0) return { state, findings: [] };
  return reviseRead(names, await options.readCurrent(names), { state, options });
}

/** @param current what was read of the named documents */
export async function reviseRead(
  names: readonly string[],
  { readable, unreadable, refused }: CurrentParameters,
  { state, options }: { readonly state: PublishedState; readonly options: ReviseOptions },
): Promise<Revision> {
  const given = names
    .flatMap((name) => readable.get(name) ?? unreadable.get(name) ?? [])
    .filter((document) => !isOlder(document, state.notes.get(document.name)));
  const hidden = names.filter((name) => refused.has(name));
  const revised = await reviseGiven(
    [...given, ...hidden.flatMap((name) => toSealed(name, state, options))],
    state,
    options,
  );
  const gone = names.filter(
    (name) => !readable.has(name) && !unreadable.has(name) && !refused.has(name),
  );
  const deletions = gone.filter((name) => state.notes.has(name));
  const revision = {
    state: without(withHidden(revised.state, hidden), gone),
    findings: [
      ...revised.findings.filter(({ parameter }) => !refused.has(parameter)),
      ...hidden.map((name) => toRefusal(toHidden(name, state))),
      ...deletions.map((parameter): Finding => ({ outcome: 'deleted', parameter })),
    ],
  };
  // What was read in an older version has not been judged, and may name a changed object.
  const judged = new Set([...given.map(({ name }) => name), ...hidden]);
  return withDependents(state, { ...revision, judged }, options);
}

/** Judges what names a changed object of a shared kind. */
export function withDependents(
  before: PublishedState,
  revision: Revision & { readonly judged: ReadonlySet<string> },
  options: ReviseOptions,
): Promise<Revision> {
  return reviseDependents(before, revision, {
    reviseGiven: (given, state) => reviseGiven(given, state, options),
    reviseNamed: (names, state) => reviseDocuments(names, state, options),
    isNews,
  });
}

/** What is in force of a document that may not be read follows its secrets, like that of one that cannot be decrypted. */
function toSealed(
  name: string,
  { notes, records }: PublishedState,
  { root }: ReviseOptions,
): DocumentParameter[] {
  const note = notes.get(name);
  if (toKind(name, root) === 'global_rule') {
    return [{ name, version: note?.version ?? 0, modifiedMs: note?.modifiedMs }];
  }
  if (!note || !records.has(name)) return [];
  return [{ name, version: note.version, modifiedMs: note.modifiedMs }];
}

/** What was published of them stays, until Parameter Store shows them. */
function withHidden(state: PublishedState, names: readonly string[]): PublishedState {
  const notes = new Map(state.notes);
  for (const name of names) {
    const { version = 0, secrets = [], ...note } = notes.get(name) ?? {};
    const refused = toHidden(name, state);
    // The next comparison of the whole tree reads a document again if the digest of its text is missing.
    notes.set(name, { ...note, version, secrets, refused, textDigest: undefined });
  }
  return { ...state, notes };
}

function toHidden(parameter: string, { notes, records }: PublishedState): InvalidDocument {
  const [found, expected] = ['a parameter that may not be read', 'one that the role may read'];
  const inForce = records.get(parameter)?.version ?? null;
  return {
    ...{ parameter, version: notes.get(parameter)?.version ?? 0, fault: 'unfulfilled', inForce },
    issues: [{ pointer: '', found, expected, isUnfulfilled: true }],
  };
}

/** @param given the newest versions of documents */
export async function reviseGiven(
  given: readonly DocumentParameter[],
  state: PublishedState,
  options: ReviseOptions,
): Promise<Revision> {
  if (given.length === 0) return { state, findings: [] };
  const { records, notes, accepted } = admitRecords(await evaluate(given, state, options), state);
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

/** @returns the value of the origin secret: null where it may not be read, undefined where none is configured */
export async function readOrigin({
  originSecret,
  readCurrent,
}: ReviseOptions): Promise<string | null | undefined> {
  if (originSecret === undefined) return undefined;
  // By a call of its own: every request needs it, so no other secret may make its call fail.
  return (await readCurrent([originSecret])).readable.get(originSecret)?.value ?? null;
}

/** A document that was refused in the same way before has been told of; the first snapshot accepts very many at once. */
export function isNews(finding: Finding, { notes, contentDigest }: PublishedState): boolean {
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
