/** Check, show, ask, write: the one way in which documents change. */
import type { ParameterTier } from '@aws-sdk/client-ssm';
import { demandYes } from '../ask.ts';
import { createChecker } from '../check/checker.ts';
import { type InvalidDocument, invalidDocuments } from '../check/report.ts';
import { CliError } from '../cli-error.ts';
import type { Context } from '../context.ts';
import type { Kind } from '../documents/kinds.ts';
import { toParameterName } from '../documents/stored.ts';
import { removeParameter, standardBytes, writeParameter } from '../store/write.ts';
import type { Change } from './plan.ts';
import { renderPlan } from './render.ts';

export interface RunOptions {
  /** Ask before anything is written. */
  readonly ask: boolean;
  /** The answer is yes. */
  readonly yes?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  /** Write over whatever is there by now. */
  readonly force?: boolean | undefined;
  readonly reveal?: boolean | undefined;
  readonly tier?: ParameterTier | undefined;
  readonly keyId?: string | undefined;
}

interface Outcome {
  readonly id: string;
  readonly action: Change['action'];
  /** 0 where there was none. */
  readonly readVersion: number;
  /** As written; missing where nothing was. */
  readonly version?: number;
  readonly overtaken?: number;
}

/** @throws CliError INVALID, DECLINED or CONFLICT */
export async function runPlan(
  context: Context,
  kind: Kind,
  changes: readonly Change[],
  options: RunOptions,
): Promise<void> {
  await checkAll(context, kind, changes);
  const output = context.output();
  const { paint } = output;
  const todo = changes.filter(({ action }) => action !== 'keep');
  const plan = renderPlan(changes, { kind, paint, reveal: options.reveal ?? false });
  if (!output.isJson || options.ask) showPlan(context, plan, options);
  for (const change of todo) adviseOn(context, change, kind);
  if (options.dryRun || todo.length === 0) {
    output.result({ dryRun: options.dryRun ?? false, changes: changes.map(toOutcome) }, () =>
      todo.length === 0 ? 'Nothing to change.' : 'A dry run: nothing was written.',
    );
    return;
  }
  if (options.ask && !options.yes) await demandYes(context, 'Write this?');
  const outcomes: Outcome[] = [];
  for (const change of todo) {
    outcomes.push(await applyChange(context, change, { ...options, kind, outcomes }));
  }
  const kept = changes.filter(({ action }) => action === 'keep').map(toOutcome);
  output.result({ dryRun: false, changes: [...outcomes, ...kept] }, () =>
    outcomes.map((outcome) => renderOutcome(context, kind, outcome)).join('\n'),
  );
  for (const outcome of outcomes) warnOfOvertaken(context, kind, outcome);
}
