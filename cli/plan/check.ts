/** Checks every document of a plan before any is written. */
import { findConflicts, findOpenRoutes } from '../check/conflicts.ts';
import { invalidDocuments } from '../check/report.ts';
import { readSources, type Variables, withSecrets } from '../check/sources.ts';
import { type Checked, checkTogether, type Text, type Together } from '../check/together.ts';
import type { Context } from '../context.ts';
import type { StoredByKind } from '../documents/stored.ts';
import { standardBytes } from '../store/write.ts';
import { assertNotNeeded, isOfOthers } from './needed.ts';
import type { Change } from './plan.ts';

/** What a plan is checked with. */
export interface PlanContext {
  /** Stored documents of the kinds of the changes, and of the kinds that decide about them. */
  readonly stored: StoredByKind;
  /** Whether objects may be removed that other documents name. */
  readonly force: boolean | undefined;
  /** Variables of the proxy that are known. */
  readonly variables?: Variables | undefined;
  /** Secrets that are written before the documents, by absolute name. */
  readonly secrets?: ReadonlyMap<string, string> | undefined;
}

/**
 * @returns warnings
 * @throws CliError INVALID that lists every place; CONFLICT if what a document names would be gone
 */
export async function checkPlan(
  context: Context,
  changes: readonly Change[],
  { stored, force, variables, secrets = new Map() }: PlanContext,
): Promise<readonly string[]> {
  const texts = listTexts(changes, stored);
  const all = [...texts.values()].map(({ text }) => text);
  const sources = withSecrets(await readSources(context, all, variables), secrets);
  const isWhole = (name: Text['kind']['name']) => stored.get(name)?.isWhole ?? false;
  const check = (own: ReadonlyMap<string, Text>) =>
    checkTogether(context, [...own.values()], { sources, isWhole });
  const after = await check(texts);
  const byKey = new Map(after.checked.map((document) => [toKey(document), document]));
  const invalid = changes.flatMap((change) => {
    const issues = byKey.get(toKey(change))?.issues ?? [];
    const { id, source, action } = change;
    return issues.length > 0 && action !== 'keep' ? [{ id, source, issues }] : [];
  });
  if (invalid.length > 0) throw invalidDocuments(context, invalid);
  const sides = changes.some(isOfOthers)
    ? { changes, after, before: await check(listTexts([], stored)) }
    : undefined;
  if (sides && !force) assertNotNeeded(sides);
  const written = changes.filter(({ action }) => action === 'add' || action === 'change');
  const own = written.flatMap((change) => byKey.get(toKey(change)) ?? []);
  return [
    ...own.flatMap(({ warnings }) => warnings),
    ...warnOfOpen([...own, ...(sides ? findNewlyOpen(sides.before, after) : [])]),
    ...(written.length > 0
      ? findConflicts(after.checked.flatMap(({ compiled }) => compiled ?? []))
      : []),
    ...written.flatMap(adviseOnStorage),
    ...sources.remarks(),
  ];
}

const toKey = ({ kind, id }: Pick<Text, 'kind' | 'id'>) => `${kind.name}/${id}`;

/** @returns the documents as they will be after the changes, by kind and id */
function listTexts(changes: readonly Change[], stored: StoredByKind): ReadonlyMap<string, Text> {
  const texts = new Map<string, Text>();
  for (const { kind, documents } of stored.values()) {
    for (const { id, value: text } of documents) texts.set(toKey({ kind, id }), { kind, id, text });
  }
  for (const { kind, id, after, origin } of changes) {
    if (after === undefined) texts.delete(toKey({ kind, id }));
    else texts.set(toKey({ kind, id }), { kind, id, text: after, origin });
  }
  return texts;
}

/** @returns the documents with routes that are open after the changes, and were not before */
function findNewlyOpen(before: Together<Text>, after: Together<Text>): Checked[] {
  const known = new Set(
    before.checked.flatMap((document) =>
      listOpen(document).map((id) => `${toKey(document)} ${id}`),
    ),
  );
  return after.checked.filter((document) =>
    listOpen(document).some((id) => !known.has(`${toKey(document)} ${id}`)),
  );
}

const listOpen = ({ compiled }: Checked) => (compiled ? findOpenRoutes([compiled]) : []);

function warnOfOpen(documents: readonly Checked[]): string[] {
  const open = [...new Set(documents.flatMap(listOpen))];
  return open.length > 0
    ? [`no access plugin protects ${open.join(', ')}: anyone who knows the URL may call it`]
    : [];
}

function adviseOnStorage({ kind, id, before, after = '' }: Change): string[] {
  const bytes = Buffer.byteLength(after);
  const isPlain = kind.type === 'SecureString' && before && before.type !== 'SecureString';
  return [
    ...(bytes > standardBytes
      ? [
          `${kind.name}/${id} takes ${bytes} bytes, more than a standard parameter's ${standardBytes}: it is stored in the advanced tier, which AWS charges for`,
        ]
      : []),
    ...(isPlain
      ? [
          `${kind.name}/${id} is stored unencrypted (${before.type}), and Parameter Store cannot change that: remove it and put it again`,
        ]
      : []),
  ];
}
