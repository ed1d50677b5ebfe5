/** Secrets, or the whole tree, as they are now → what is published next. */
import type { DocumentParameter } from '../proxy/routes/tree.ts';
import { findRoomy } from './admit-records.ts';
import type { Revision } from './replace-snapshot.ts';
import {
  isNews,
  type ReviseOptions,
  readOrigin,
  reviseDocuments,
  reviseGiven,
  withDependents,
} from './revise-documents.ts';
import { listPolledSecrets, selectNamed } from './secret-names.ts';
import type { SecretReading } from './secret-reader.ts';
import { type DocumentNote, type PublishedState, toTextDigest } from './state.ts';

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

/** Secrets that rotate without an event, and secrets that documents are waiting for. */
export async function reviseSecrets(
  state: PublishedState,
  options: ReviseOptions,
): Promise<Revision> {
  const reading = await options.pollSecrets(listPolledSecrets(state, options.rules.root));
  const roomy = findRoomy(state);
  const changed = [...state.notes.keys()].filter(
    (name) => roomy.has(name) || hasOtherSecrets(name, state, reading),
  );
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
  const reading = await options.pollSecrets(listPolledSecrets(state, options.rules.root));
  const isChanged = (document: DocumentParameter) =>
    !isKnown(document, state.notes.get(document.name));
  const roomy = findRoomy(state);
  const isOpenAgain = ({ name }: DocumentParameter) =>
    roomy.has(name) || hasOtherSecrets(name, state, reading);
  const same = documents.filter(
    (document) => !isChanged(document) && (isJudgedAnew || isOpenAgain(document)),
  );
  const readable = documents.filter(({ value }) => value !== undefined);
  const judged = isFirst ? readable : same;
  const alone = await reviseGiven(judged, state, options);
  const names = new Set(judged.map(({ name }) => name));
  const first = await withDependents(state, { ...alone, judged: names }, options);
  // The listing took a while. What differs from what is published is read again: it may be the listing that is old.
  const open = isFirst ? documents.filter(({ value }) => value === undefined) : documents;
  const changed = open.filter(isChanged).map(({ name }) => name);
  const gone = [...state.notes.keys()].filter((name) => !listed.has(name));
  const second = await reviseDocuments([...changed, ...gone], first.state, options);
  const findings = [...first.findings, ...second.findings];
  return {
    state: { ...second.state, origin: await readOrigin(options) },
    findings: findings.filter((finding) => isNews(finding, state)),
  };
}

/** @returns a function that reads the secrets outside of the root. It takes those below the root from the listing, which has read them */
function readSecretsOf(
  { secrets }: Listing,
  { root, readSecrets }: ReviseOptions,
): ReviseOptions['readSecrets'] {
  return async (names) => {
    const outside = names.filter((name) => !name.startsWith(`${root}/`));
    const inside = selectNamed(secrets, names);
    const { values, unknown } = await readSecrets(outside);
    return { values: new Map([...inside, ...values]), unknown };
  };
}

function isKnown({ version, value, modifiedMs }: DocumentParameter, note?: DocumentNote): boolean {
  if (!note || note.version !== version || note.modifiedMs !== modifiedMs) return false;
  return note.textDigest === (value === undefined ? undefined : toTextDigest(value));
}

/** @returns whether a document was published with other values than its secrets have now */
function hasOtherSecrets(
  name: string,
  { records, notes }: PublishedState,
  { values, unknown }: SecretReading,
): boolean {
  const record = records.get(name);
  const { secrets = [], refused, overRoom } = notes.get(name) ?? {};
  // It waits for room, and none of its secrets is published.
  if (overRoom) return false;
  // Nothing is in force of it, and no secret can change that.
  if (!record && refused?.fault === 'malformed') return false;
  const published = record?.secrets ?? {};
  const names = new Set([...secrets, ...Object.keys(published)]);
  return [...names].some(
    (secret) => !unknown.has(secret) && values.get(secret) !== published[secret],
  );
}
