/** Carries out a plan: one parameter after the other, and each only if it still has the version that was read. */
import type { ParameterTier } from '@aws-sdk/client-ssm';
import { type Context, toShellWord } from '../context.ts';
import type { Kind, KindName } from '../documents/kinds.ts';
import { toParameterName } from '../documents/stored.ts';
import { describeDocument } from '../documents/summary.ts';
import { removeParameter, standardBytes, writeParameter } from '../store/write.ts';
import { CliError } from '../terminal/cli-error.ts';
import type { Change } from './plan.ts';
import { maxTexts } from './render.ts';

/** How a plan is written. */
export interface ApplyOptions {
  /** Overwrites any version, even one that the CLI has not read. */
  readonly force?: boolean | undefined;
  /** @default advanced if the value needs it */
  readonly tier?: ParameterTier | undefined;
  readonly keyId?: string | undefined;
}

/** The result of one change. */
export interface Outcome {
  readonly kind: KindName;
  readonly id: string;
  readonly action: Change['action'];
  /** The version that was replaced; 0 if there was none. */
  readonly readVersion: number;
  /** The version that was written. */
  readonly version?: number;
  /** The version of another writer between this command's reading and writing. */
  readonly overtaken?: number;
}

/** Writes the changes and prints each one. @throws CliError CONFLICT */
export async function applyPlan(
  context: Context,
  todo: readonly Change[],
  options: ApplyOptions,
): Promise<readonly Outcome[]> {
  const output = context.output();
  const outcomes: Outcome[] = [];
  for (const change of todo) {
    const doing = `Writing ${change.kind.name}/${change.id}, ${outcomes.length + 1} of ${todo.length}`;
    const work = () => applyChange(context, change, options);
    const outcome = await output.during(doing, work).catch((error: unknown) => {
      throw withOutcomes(error, outcomes);
    });
    outcomes.push(outcome);
    output.tell(renderOutcome(context, { change, outcome, isShort: todo.length > maxTexts }));
    if (outcome.overtaken !== undefined) output.warn(toOvertaken(context, change.kind, outcome));
  }
  return outcomes;
}

async function applyChange(
  context: Context,
  { kind, id, action, before, after }: Change,
  { force, tier, keyId }: ApplyOptions,
): Promise<Outcome> {
  const name = toParameterName(context, kind, id);
  const readVersion = before?.version ?? 0;
  if (after === undefined) {
    await removeParameter(context.ssm(), name, { readVersion, force });
    return { kind: kind.name, id, action, readVersion };
  }
  const needed = Buffer.byteLength(after) > standardBytes ? 'Advanced' : undefined;
  const written = await writeParameter(context.ssm(), name, after, {
    ...{ readVersion, type: kind.type, tier: tier ?? needed, force },
    keyId: kind.type === 'SecureString' ? keyId : undefined,
  });
  const { version, overtaken } = written;
  const outcome = { kind: kind.name, id, action, readVersion, version };
  return { ...outcome, ...(overtaken === undefined ? {} : { overtaken }) };
}

interface Applied {
  readonly change: Change;
  readonly outcome: Outcome;
  /** Omits the commands that check and undo the change. */
  readonly isShort: boolean;
}

function renderOutcome(context: Context, { change, outcome, isShort }: Applied): string {
  const { kind } = change;
  const { id, action, readVersion, version } = outcome;
  const name = `${kind.name}/${id}`;
  if (action === 'remove') return `Removed ${name}.`;
  const { paint } = context.output();
  if (isShort) return `${paint('green', 'Wrote')} ${name}, version ${version}.`;
  const trial = findTrial(kind, change.after ?? '');
  const undo = readVersion === 0 ? `remove ${id}` : `rollback ${id} --to ${readVersion}`;
  return [
    `${paint('green', 'Wrote')} ${name}, version ${version}; the proxy uses it after its next refresh.`,
    ...(trial ? [`Check: ${context.commandLine(`explain ${trial}`)}`] : []),
    `Undo:  ${context.commandLine(`${kind.command} ${undo}`)}`,
  ].join('\n');
}

/** Finds method and URL of a request that the route handles, to try it. */
function findTrial(kind: Kind, text: string): string | undefined {
  const [first] = describeDocument(kind, text);
  const [path] = first?.paths ?? [];
  if (path === undefined || first?.state === 'off') return undefined;
  const target = path.replace(/\*$/, '');
  const url = target.startsWith('/') ? target : `https://${target.replace(/^\*/, 'www')}`;
  return `${first?.methods[0] ?? 'GET'} ${toShellWord(url)}`;
}

function toOvertaken(context: Context, kind: Kind, { id, overtaken, version }: Outcome): string {
  const command = `${kind.command} diff ${id} --from ${overtaken} --to ${version}`;
  return [
    `ANOTHER WRITER CHANGED ${kind.name}/${id} AT THE SAME MOMENT: your version has replaced their version ${overtaken}.`,
    `Compare: ${context.commandLine(command)}`,
    `To restore theirs: ${context.commandLine(`${kind.command} rollback ${id} --to ${overtaken}`)}`,
  ].join('\n');
}

/** Adds to an error what had been written before it. */
function withOutcomes(error: unknown, outcomes: readonly Outcome[]): unknown {
  if (outcomes.length === 0 || !(error instanceof CliError)) return error;
  const names = outcomes.map(({ kind, id }) => `${kind}/${id}`).join(', ');
  const message = `${error.message.replace(' Nothing was written.', '')} Written before that: ${names}.`;
  const { code, hint, details, cause } = error;
  return new CliError(code, message, { hint, details: { ...details, written: outcomes }, cause });
}
