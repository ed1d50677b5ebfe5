/** Asks before a plan is written, if there is a reason to ask. */
import type { Context } from '../context.ts';
import { demandYes } from '../terminal/ask.ts';
import { toPlain } from '../terminal/table.ts';
import { describePlace, isUnusedPath, type Place } from './place.ts';
import type { Change } from './plan.ts';

/** Names in a question beyond these are counted. */
const maxNames = 5;

/** What a question is about. */
export interface Confirmation {
  /** Changes without those that keep a document. */
  readonly todo: readonly Change[];
  readonly place: Place;
  /** Whether documents of these kinds are stored below the path. */
  readonly hasStored: boolean;
  /** Whether to ask although the path is in use. */
  readonly ask: boolean;
  /** Whether `--yes` has answered. */
  readonly yes: boolean;
}

/** @throws CliError DECLINED if the answer is no, or if there is no terminal */
export async function confirmPlan(context: Context, confirmation: Confirmation): Promise<void> {
  const { place, hasStored, ask, yes } = confirmation;
  const isUnused = !hasStored && (await isUnusedPath(context));
  if (isUnused) await confirmUnused(context, place, yes);
  else if (ask && !yes) await demandYes(context, toQuestion(confirmation));
}

/**
 * Asks about the first write below a path, which may be mistyped. With `--yes` it says so.
 * @throws CliError DECLINED
 */
export async function confirmUnused(context: Context, place: Place, yes: boolean): Promise<void> {
  const finding = `othing exists below ${describePlace(place)} yet`;
  if (yes) context.output().warn(`n${finding}`);
  else await demandYes(context, `N${finding}. Write there?`);
}

function toQuestion({ todo, place }: Confirmation): string {
  const removed = todo.filter(({ action }) => action === 'remove');
  if (removed.length === 0) return `Write this to ${describePlace(place)}?`;
  const names = removed.slice(0, maxNames).map(({ kind, id }) => toPlain(`${kind.name}/${id}`));
  const more = removed.length - names.length;
  const listed = `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const isOnlyRemoval = removed.length === todo.length;
  return isOnlyRemoval
    ? `Remove ${listed} from ${describePlace(place)}?`
    : `Write this to ${describePlace(place)}, and remove ${listed} there?`;
}
