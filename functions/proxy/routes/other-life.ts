/** A parameter that was deleted and created again has versions from 1. No version from before the deletion counts. */
import type { UnreadableParameter } from './parameters.ts';

type Seen = Pick<UnreadableParameter, 'version' | 'modifiedMs'>;

/** @returns whether a parameter was deleted and created again since it was seen, as far as version and time tell */
export function isOtherLife({ version, modifiedMs }: Seen, seen: Seen | undefined): boolean {
  if (!seen) return false;
  if (version !== seen.version) return version < seen.version;
  return (
    modifiedMs !== undefined && seen.modifiedMs !== undefined && modifiedMs !== seen.modifiedMs
  );
}
