/** Whether what Parameter Store says of a parameter is older than the event that told of its change. */
import type { Parameter } from '../proxy/routes/parameters.ts';
import type { Change } from './task.ts';

/** Events are dated to the second, some time after the change. */
const eventResolutionMs = 1000;
const eventDelayMs = 2000;

/**
 * Parameter Store is eventually consistent: for some seconds a reading may find the version before the change, no
 * parameter where one was created, or one that was deleted.
 *
 * @param changes all changes of one parameter
 * @param current the parameter as it was read; undefined when there is none
 */
export function isStale(
  changes: readonly Change[],
  current: Pick<Parameter, 'modifiedMs'> | undefined,
): boolean {
  const dated = changes.filter(({ timeMs }) => timeMs !== undefined);
  const newestMs = Math.max(...dated.map(({ timeMs = 0 }) => timeMs));
  // Event times have whole seconds, so the order of changes within one second is unknown.
  const newest = dated.filter(({ timeMs }) => timeMs === newestMs);
  return newest.length > 0 && newest.every((change) => isOlder(current, change));
}

function isOlder(
  current: Pick<Parameter, 'modifiedMs'> | undefined,
  { timeMs = 0, isDeletion }: Change,
): boolean {
  if (!current) return !isDeletion;
  if (current.modifiedMs === undefined) return false;
  // After a deletion, a parameter that was written before it is a stale reading; one that was written later is a new one.
  const limitMs = isDeletion ? timeMs + eventResolutionMs : timeMs - eventDelayMs;
  return current.modifiedMs < limitMs;
}
