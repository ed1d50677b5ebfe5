/** Changes that events tell of → what is published next. */
import { toKind } from '../proxy/routes/tree.ts';
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
  /** What is older than its event is taken as it is. Otherwise it is left as it was. */
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
  for (const secret of secrets) {
    const dependents = findDependents(secret, current);
    const revised = await reviseDocuments(dependents, current, options);
    current = { ...revised.state, origin: current.origin };
    findings.push(...revised.findings.map((finding) => ({ ...finding, secret })));
    if (deleted.includes(secret)) findings.push({ outcome: 'deleted', parameter: secret });
    else if (dependents.length === 0) findings.push({ outcome: 'unused', parameter: secret });
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

function findDependents(secret: string, { notes, records }: PublishedState): string[] {
  return [...notes]
    .filter(([name, note]) => {
      const published = records.get(name)?.secrets ?? {};
      return note.secrets.includes(secret) || Object.hasOwn(published, secret);
    })
    .map(([name]) => name);
}

function isSecret(name: string, { root, originSecret }: ReviseOptions): boolean {
  return name === originSecret || name.startsWith(`${root}/secrets/`);
}
