/** Changes that events tell of → what is published next. */
import { toKind } from '../proxy/routes/kind.ts';
import type { CurrentParameters } from './current-parameters.ts';
import type { Finding } from './finding.ts';
import type { Revision } from './replace-snapshot.ts';
import {
  isNews,
  type ReviseOptions,
  readOrigin,
  reviseDocuments,
  reviseRead,
} from './revise-documents.ts';
import { isStale } from './stale.ts';
import type { PublishedState } from './state.ts';
import type { Change } from './task.ts';

/** What events tell of. */
export interface ToldChanges {
  readonly changes: readonly Change[];
  /** True at the last reading: a version older than its event is accepted. Otherwise it is left for the next reading. */
  readonly isLast: boolean;
}

/** Takes up the documents and secrets that changed. */
export async function reviseChanged(
  { changes, isLast }: ToldChanges,
  state: PublishedState,
  options: ReviseOptions,
): Promise<Revision> {
  const { root } = options;
  const names = [...new Set(changes.map(({ name }) => name))];
  const secrets = names.filter((name) => isSecret(name, options));
  const documents = names.filter((name) => toKind(name, root) !== undefined);
  const strays = names.filter((name) => !secrets.includes(name) && !documents.includes(name));
  const deleted = changes.filter(({ isDeletion }) => isDeletion).map(({ name }) => name);

  const read = await options.readCurrent(documents);
  const stale = documents.filter((name) => isBehind(name, changes, read));
  const taken = isLast ? documents : documents.filter((name) => !stale.includes(name));
  const own = await reviseRead(taken, read, { state, options });
  const untold = taken.filter((name) => deleted.includes(name) && isGone(name, own, state));
  const isOriginKnown = state.origin != null && !secrets.includes(options.originSecret ?? '');
  const origin = isOriginKnown ? state.origin : await readOrigin(options);
  let current = { ...own.state, origin };
  const news = own.findings.filter(
    (finding) => !stale.includes(finding.parameter) || isNews(finding, state),
  );
  const findings = [...news, ...untold.map((parameter) => toStray(parameter, deleted))];
  options.forgetSecrets(secrets);
  const dependents = findDependents(secrets, current);
  // One document may refer to all of them, and is read and told of once.
  const revised = await reviseDocuments([...dependents.keys()], current, options);
  current = { ...revised.state, origin: current.origin };
  findings.push(
    ...revised.findings.map((finding) => withSecret(finding, dependents.get(finding.parameter))),
  );
  const used = new Set([...dependents.values()].flat());
  for (const secret of secrets) {
    if (deleted.includes(secret)) findings.push({ outcome: 'deleted', parameter: secret });
    else if (!used.has(secret)) findings.push({ outcome: 'unused', parameter: secret });
  }
  findings.push(...strays.map((parameter): Finding => toStray(parameter, deleted)));
  return { state: current, findings, stale };
}

function isBehind(name: string, changes: readonly Change[], read: CurrentParameters): boolean {
  if (read.refused.has(name)) return false;
  const own = changes.filter((change) => change.name === name);
  return isStale(own, read.readable.get(name) ?? read.unreadable.get(name));
}

/** @returns whether there is no such document, and was none in what is published */
function isGone(name: string, { state }: Revision, before: PublishedState): boolean {
  return !state.notes.has(name) && !before.notes.has(name);
}

function toStray(parameter: string, deleted: readonly string[]): Finding {
  return { outcome: deleted.includes(parameter) ? 'deleted' : 'stray', parameter };
}

/** @returns the documents that refer to secrets, each with those that it refers to */
function findDependents(
  secrets: readonly string[],
  { notes, records }: PublishedState,
): ReadonlyMap<string, readonly string[]> {
  const dependents = new Map<string, readonly string[]>();
  for (const [name, note] of notes) {
    const known = new Set([...note.secrets, ...Object.keys(records.get(name)?.secrets ?? {})]);
    const own = secrets.filter((secret) => known.has(secret));
    if (own.length > 0) dependents.set(name, own);
  }
  return dependents;
}

function withSecret(finding: Finding, [secret]: readonly string[] = []): Finding {
  return secret === undefined ? finding : { ...finding, secret };
}

function isSecret(name: string, { root, originSecret }: ReviseOptions): boolean {
  return name === originSecret || name.startsWith(`${root}/secrets/`);
}
