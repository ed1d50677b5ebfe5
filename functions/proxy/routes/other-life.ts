/** Versions begin at 1 again where a parameter was deleted and made anew: nothing of its former life is its own. */
import type { UnreadableParameter } from './parameters.ts';

type Seen = Pick<UnreadableParameter, 'version' | 'modifiedMs'>;

/** @returns whether a parameter was deleted and made anew since it was seen, as far as version and time tell */
export function isOtherLife({ version, modifiedMs }: Seen, seen: Seen | undefined): boolean {
  if (!seen) return false;
  if (version !== seen.version) return version < seen.version;
  return (
    modifiedMs !== undefined && seen.modifiedMs !== undefined && modifiedMs !== seen.modifiedMs
  );
}
