/** Checks, shows, confirms and writes a plan. Every command that changes documents does it here. */

import type { Context } from '../context.ts';
import type { Kind } from '../documents/kinds.ts';
import { readStored, type StoredDocument } from '../documents/stored.ts';
import { type ApplyOptions, applyPlan, type Outcome } from './apply.ts';
import { checkPlan } from './check.ts';
import { confirmPlan } from './confirm.ts';
import { type Place, readPlace, toHeading } from './place.ts';
import type { Change } from './plan.ts';
import { renderPlan } from './render.ts';

/** How a plan is shown, confirmed and written. */
export interface RunOptions extends ApplyOptions {
  /** Whether to ask before writing. */
  readonly ask: boolean;
  /** Whether `--yes` has answered the question. */
  readonly yes?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  /** All stored documents of the kind, if the caller has read them already. */
  readonly stored?: readonly StoredDocument[];
  /** Whether secret values are shown. */
  readonly reveal?: boolean | undefined;
  /** Whether the texts of new documents are shown, however many there are. */
  readonly verbose?: boolean | undefined;
}

/** What `--json` prints of a plan. */
export interface PlanReport {
  readonly dryRun: boolean;
  readonly place: Omit<Place, 'isLocal'>;
  readonly warnings: readonly string[];
  readonly changes: readonly Outcome[];
}

/**
 * Prints each step while it runs.
 * @returns the report for `--json`
 * @throws CliError INVALID, DECLINED or CONFLICT. Changes that were written before a conflict stay
 */
export async function carryOut(
  context: Context,
  kind: Kind,
  changes: readonly Change[],
  options: RunOptions,
): Promise<PlanReport> {
  const reading = readPlace(context);
  const stored = options.stored ?? (await readStored(context, kind));
  const warnings = await checkPlan(context, kind, changes, stored);
  const output = context.output();
  const { ask, yes, dryRun = false, reveal = false, verbose: isVerbose } = options;
  const whole = await reading;
  const { isLocal: _, ...place } = whole;
  const plan = renderPlan(changes, { kind, paint: output.paint, reveal, isVerbose });
  if (plan !== '') output.tell(`${output.paint('bold', toHeading(whole))}\n\n${plan}\n\n`);
  for (const warning of warnings) output.warn(warning);
  const todo = changes.filter(({ action }) => action !== 'keep');
  if (todo.length > 0 && !dryRun) {
    const hasStored = stored.length > 0;
    if (!yes) await confirmPlan(context, { kind, todo, place: whole, hasStored, ask });
    return { dryRun, place, warnings, changes: await applyPlan(context, kind, todo, options) };
  }
  output.tell(
    todo.length === 0 ? 'Nothing to change.' : 'This was a dry run: nothing was written.',
  );
  const outcomes = changes.map(({ id, action, before }) => ({
    ...{ id, action, readVersion: before?.version ?? 0 },
  }));
  return { dryRun, place, warnings, changes: outcomes };
}

/** Runs {@link carryOut}, and prints the report for `--json`. */
export async function runPlan(
  context: Context,
  kind: Kind,
  changes: readonly Change[],
  options: RunOptions,
): Promise<readonly Outcome[]> {
  const report = await carryOut(context, kind, changes, options);
  context.output().reply(report);
  return report.changes;
}
