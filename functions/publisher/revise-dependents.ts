/** Changes of shared objects → what becomes of the routes and consumers that name them. */
import { isGlobalRule } from '../proxy/routes/shared/shared-object.ts';
import type { DocumentRecord } from '../proxy/routes/snapshot/format.ts';
import type { DocumentParameter } from '../proxy/routes/tree.ts';
import type { Finding } from './finding.ts';
import type { Revision } from './replace-snapshot.ts';
import { type PublishedState, toTextDigest } from './state.ts';

/** How documents are judged again. */
export interface DependentOptions {
  /** Judges the newest versions of documents. */
  readonly reviseGiven: (
    given: readonly DocumentParameter[],
    state: PublishedState,
  ) => Promise<Revision>;
  /** Reads the newest versions of documents, and judges them. */
  readonly reviseNamed: (names: readonly string[], state: PublishedState) => Promise<Revision>;
  readonly isNews: (finding: Finding, before: PublishedState) => boolean;
}

/**
 * Judges the documents anew that name what has changed. The texts of most are in the snapshot: a service may have thousands of routes.
 *
 * @param judged documents that were judged with the changes already
 */
export async function reviseDependents(
  before: PublishedState,
  { judged, ...revision }: Revision & { readonly judged: ReadonlySet<string> },
  options: DependentOptions,
): Promise<Revision> {
  const changed = findChanged(before, revision.state);
  if (changed.size === 0) return revision;
  const { records, notes } = revision.state;
  const causes = findCauses(records, changed, judged);
  const known: DocumentParameter[] = [];
  const others: string[] = [];
  for (const name of causes.keys()) {
    const [record, note] = [records.get(name), notes.get(name)];
    const isNewest = record && note?.textDigest === toTextDigest(record.text);
    if (!isNewest) others.push(name);
    else
      known.push({ name, value: record.text, version: note.version, modifiedMs: note.modifiedMs });
  }
  const first = await options.reviseGiven(known, revision.state);
  const second = await options.reviseNamed(others, first.state);
  const findings = [...first.findings, ...second.findings].filter((finding) =>
    isTold(finding, before, options),
  );
  return {
    ...revision,
    state: second.state,
    findings: [
      ...revision.findings,
      ...findings.map((finding) => toCaused(finding, causes.get(finding.parameter))),
    ],
  };
}

/** @returns documents to judge again, each with the changed parameter that caused it */
function findCauses(
  records: PublishedState['records'],
  changed: ReadonlyMap<string, string>,
  judged: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const causes = new Map<string, string>();
  const rule = [...changed.keys()].find((key) => isGlobalRule(key));
  for (const { parameter, links = {}, routes } of records.values()) {
    const link = Object.keys(links).find((own) => changed.has(own));
    // Whether a route is open depends on global rules.
    const key = link ?? (routes.length > 0 ? rule : undefined);
    if (key !== undefined && !judged.has(parameter)) causes.set(parameter, changed.get(key) ?? '');
  }
  return causes;
}

/** @returns keys of the objects that are others than before, each with the parameter that it is or was in */
function findChanged(
  { records: before }: PublishedState,
  { records: after }: PublishedState,
): ReadonlyMap<string, string> {
  const changed = new Map<string, string>();
  const add = (records: PublishedState['records'], others: PublishedState['records']) => {
    for (const record of records.values()) {
      const { parameter, objects = [], digest } = record;
      if (objects.length === 0 || others.get(parameter)?.digest === digest) continue;
      for (const { key } of objects) changed.set(key, parameter);
    }
  };
  add(before, after);
  add(after, before);
  return changed;
}

/** Without news about it, a document is reported only if one of its routes became open. */
function isTold(finding: Finding, before: PublishedState, { isNews }: DependentOptions): boolean {
  if (finding.outcome !== 'accepted') return isNews(finding, before);
  const wasOpen = findOpen(before.records.get(finding.parameter));
  return isNews(finding, before) || finding.openRoutes.some((id) => !wasOpen.has(id));
}

function findOpen(record: DocumentRecord | undefined): ReadonlySet<string> {
  return new Set(record?.routes.flatMap(({ id, isOpen }) => (isOpen ? [id] : [])));
}

function toCaused(finding: Finding, through: string | undefined): Finding {
  return through === undefined ? finding : { ...finding, through };
}
