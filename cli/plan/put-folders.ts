/** Puts folders of documents, one of each kind, in one plan. */
import type { Context } from '../context.ts';
import { assertBase, readBase, toNextBase, writeBase } from '../documents/base.ts';
import { type DocumentFile, readFolder } from '../documents/files.ts';
import type { Part } from '../documents/folders.ts';
import { kindsInOrder } from '../documents/kinds.ts';
import { toRunOptions, type WritingOptions } from '../documents/options.ts';
import { readRelated } from '../documents/stored.ts';
import { type Change, toPlan, toPruning, type Wanted } from './plan.ts';
import { runPlan } from './run.ts';

/** What putting folders takes. */
export interface PutFoldersOptions extends WritingOptions {
  /** Removes what is not in the folders, of their kinds. */
  readonly prune?: boolean;
}

/** @throws CliError INVALID, CONFLICT or DECLINED */
export async function putFolders(
  context: Context,
  parts: readonly Part[],
  { prune = false, ...options }: PutFoldersOptions,
): Promise<void> {
  const sorted = kindsInOrder.flatMap((kind) => parts.filter((part) => part.kind === kind));
  const files = sorted.map((part) => ({ ...part, wanted: readFolder(part.folder).map(toWanted) }));
  const stored = await readRelated(
    context,
    sorted.map(({ kind }) => kind),
  );
  const plans = files.map(({ kind, folder, wanted }) => {
    const old = stored.get(kind.name)?.documents ?? [];
    const changes = toPlan(kind, wanted, old);
    const removals = prune ? toPruning(kind, wanted, old) : [];
    return { kind, folder, changes, removals, base: readBase(context, kind, folder) };
  });
  if (!options.force) {
    for (const { base, changes, removals } of plans) assertBase(base, [...changes, ...removals]);
  }
  // What is removed goes in the other order: documents before the objects that they name.
  const changes: Change[] = [
    ...plans.flatMap((plan) => plan.changes),
    ...[...plans].reverse().flatMap((plan) => plan.removals),
  ];
  const outcomes = await runPlan(context, changes, { ...toRunOptions(options), ask: true, stored });
  if (options.dryRun) return;
  for (const { kind, folder, base, ...plan } of plans) {
    if (base === undefined) continue;
    const own = outcomes.filter((outcome) => outcome.kind === kind.name);
    writeBase(context, kind, folder, toNextBase(base, [...plan.changes, ...plan.removals], own));
  }
}

/** @returns the document of a file, as a plan has it */
export function toWanted({ id, text, file, origin }: DocumentFile): Wanted {
  return { id, text, source: file, origin };
}
