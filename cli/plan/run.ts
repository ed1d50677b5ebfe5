/** Checks, shows, confirms and writes a plan. Every command that changes documents does it here. */

import type { Variables } from '../check/sources.ts';
import type { Context } from '../context.ts';
import { readRelated, type StoredByKind } from '../documents/stored.ts';
import { type ApplyOptions, applyPlan, type Outcome } from './apply.ts';
import { checkPlan } from './check.ts';
import { confirmPlan } from './confirm.ts';
import { type Place, readPlace, toHeading } from './place.ts';
import type { Change } from './plan.ts';
import { renderPlan } from './render.ts';

/** Secrets that are written after the confirmation, and before the documents. */
export interface NewSecrets {
  /** By absolute name. */
  readonly values: ReadonlyMap<string, string>;
  /** Names of those that are not stored yet, or with another value. */
  readonly todo: readonly string[];
  readonly write: () => Promise<void>;
}

/** How a plan is shown, confirmed and written. */
export interface RunOptions extends ApplyOptions {
  /** Whether to ask before writing. */
  readonly ask: boolean;
  /** Whether `--yes` has answered the question. */
  readonly yes?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  /** What is stored of the kinds of the plan and of related ones, if the caller has read it already. */
  readonly stored?: StoredByKind;
  /** Variables of the proxy that are known. */
  readonly variables?: Variables;
  /** Whether secret values are shown. */
  readonly reveal?: boolean | undefined;
  /** Whether the texts of new documents are shown, however many there are. */
  readonly verbose?: boolean | undefined;
  readonly secrets?: NewSecrets | undefined;
}

/** What `--json` prints of a plan. */
export interface PlanReport {
  readonly dryRun: boolean;
  readonly place: Omit<Place, 'isLocal'>;
  readonly warnings: readonly string[];
  readonly changes: readonly Outcome[];
}

const noSecrets: NewSecrets = { values: new Map(), todo: [], write: async () => {} };

/**
 * Prints each step while it runs.
 * @returns the report for `--json`
 * @throws CliError INVALID, DECLINED or CONFLICT. Changes that were written before a conflict stay
 */
export async function carryOut(
  context: Context,
  changes: readonly Change[],
  options: RunOptions,
): Promise<PlanReport> {
  const reading = readPlace(context);
  const planned = [...new Set(changes.map(({ kind }) => kind))];
  const stored = options.stored ?? (await readRelated(context, planned));
  const { force, variables, secrets = noSecrets } = options;
  const checking = { stored, force, variables, secrets: secrets.values };
  const warnings = await checkPlan(context, changes, checking);
  const output = context.output();
  const { ask, yes = false, dryRun = false, reveal = false, verbose: isVerbose } = options;
  const whole = await reading;
  const { isLocal: _, ...place } = whole;
  const plan = renderPlan(changes, { paint: output.paint, reveal, isVerbose });
  if (plan !== '') output.tell(`${output.paint('bold', toHeading(whole))}\n\n${plan}\n\n`);
  for (const name of secrets.todo) output.tell(`Secret to write: secrets/${name}`);
  for (const warning of warnings) output.warn(warning);
  const todo = changes.filter(({ action }) => action !== 'keep');
  const isIdle = todo.length + secrets.todo.length === 0;
  if (!isIdle && !dryRun) {
    const hasStored = planned.some(({ name }) => stored.get(name)?.documents.length);
    await confirmPlan(context, { todo, place: whole, hasStored, ask, yes });
    await secrets.write();
    return { dryRun, place, warnings, changes: await applyPlan(context, todo, options) };
  }
  output.tell(isIdle ? 'Nothing to change.' : 'This was a dry run: nothing was written.');
  const outcomes = changes.map(({ kind, id, action, before }) => ({
    ...{ kind: kind.name, id, action, readVersion: before?.version ?? 0 },
  }));
  return { dryRun, place, warnings, changes: outcomes };
}

/** Runs {@link carryOut}, and prints the report for `--json`. */
export async function runPlan(
  context: Context,
  changes: readonly Change[],
  options: RunOptions,
): Promise<readonly Outcome[]> {
  const report = await carryOut(context, changes, options);
  context.output().reply(report);
  return report.changes;
}
