/** Checks every document of a plan before any is written. */
import { type Checker, createChecker, type Verdict } from '../check/checker.ts';
import { findConflicts, findOpenRoutes } from '../check/conflicts.ts';
import { invalidDocuments } from '../check/report.ts';
import { readSources } from '../check/sources.ts';
import type { Context } from '../context.ts';
import type { Kind } from '../documents/kinds.ts';
import { type StoredDocument, toParameterName } from '../documents/stored.ts';
import { standardBytes } from '../store/write.ts';
import type { Change } from './plan.ts';

/**
 * @param stored all stored documents of the kind, with which new ones may conflict
 * @returns warnings
 * @throws CliError INVALID that lists every place
 */
export async function checkPlan(
  context: Context,
  kind: Kind,
  changes: readonly Change[],
  stored: readonly StoredDocument[],
): Promise<readonly string[]> {
  const texts = new Map(stored.map(({ id, value }) => [id, value]));
  for (const { id, after } of changes) {
    if (after === undefined) texts.delete(id);
    else texts.set(id, after);
  }
  const checker = await createChecker(context, await readSources(context, [...texts.values()]));
  const origins = new Map(changes.map(({ id, origin }) => [id, origin]));
  const verdicts = await checkTexts(context, kind, checker, { texts, origins });
  const invalid = changes.flatMap(({ id, source, action }) => {
    const issues = verdicts.get(id)?.issues ?? [];
    return issues.length > 0 && action !== 'keep' ? [{ id, source, issues }] : [];
  });
  if (invalid.length > 0) throw invalidDocuments(context, invalid);
  return findWarnings(kind, changes, verdicts).concat(checker.remarks());
}

interface Texts {
  readonly texts: ReadonlyMap<string, string>;
  readonly origins: ReadonlyMap<string, Change['origin']>;
}

type Verdicts = ReadonlyMap<string, Verdict>;

async function checkTexts(
  context: Context,
  kind: Kind,
  checker: Checker,
  { texts, origins }: Texts,
): Promise<Verdicts> {
  const verdicts = new Map<string, Verdict>();
  for (const id of [...texts.keys()].sort()) {
    const parameter = toParameterName(context, kind, id);
    const [text = '', origin] = [texts.get(id), origins.get(id)];
    verdicts.set(id, await checker.check({ parameter, text, origin }));
  }
  return verdicts;
}

function findWarnings(kind: Kind, changes: readonly Change[], verdicts: Verdicts): string[] {
  const written = changes.filter(({ action }) => action === 'add' || action === 'change');
  const own = written.flatMap(({ id }) => verdicts.get(id) ?? []);
  const all = [...verdicts.values()].flatMap(({ compiled }) => compiled ?? []);
  const open = findOpenRoutes(own.flatMap(({ compiled }) => compiled ?? []));
  return [
    ...own.flatMap(({ warnings }) => warnings),
    ...(open.length > 0
      ? [`no access plugin protects ${open.join(', ')}: anyone who knows the URL may call it`]
      : []),
    ...(written.length > 0 ? findConflicts(all) : []),
    ...written.flatMap((change) => adviseOnStorage(kind, change)),
  ];
}

function adviseOnStorage(kind: Kind, { id, before, after = '' }: Change): string[] {
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
