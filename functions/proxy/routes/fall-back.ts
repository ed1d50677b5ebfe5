/**
 * Decides what is in force for a document whose newest version is malformed: its last valid version. Routes of that version
 * answer 503 if they lack an access plugin that a newer version asks for. If older versions cannot be read, the paths of the
 * malformed version answer 503. This module is imported only when there is such a document.
 */

import { DocumentError } from '../documents/document-error.ts';
import { type Reading, readDemands, withhold } from './demands.ts';
import type { Demands, DocumentInForce } from './in-force.ts';
import { toMalformed, toUnfulfilled } from './invalid-document.ts';
import { putInForce } from './load-document.ts';
import type { LoadState } from './load-state.ts';
import type { Parameter } from './parameters.ts';
import { readPlaces } from './read-places.ts';
import { toKind } from './tree.ts';

/** @returns undefined when no version is well-formed */
export async function fallBack(
  newest: Parameter,
  error: DocumentError,
  state: LoadState,
): Promise<DocumentInForce | undefined> {
  const { previous, findings } = state;
  // Versions begin at 1 again where a parameter was deleted and written anew: that past is not its own.
  const base = previous && isBefore(previous, newest) ? previous : undefined;
  const { newer, demands } = await search(newest, base?.version ?? 0, state);
  const kept = newer ?? (base && (await renew(base, state)));
  const lastValid = kept && withhold(kept, demands);
  // Without the history, the routes of older versions are unknown. The paths of the new version then answer 503, so that
  // no other route takes them over.
  const isUnknown = !lastValid && findings.unreadHistories.at(-1)?.parameter === newest.name;
  const places = isUnknown ? readPlaces(newest, state) : undefined;
  findings.invalid.push(toMalformed(newest, { issues: error.issues, lastValid, places }));
  if (lastValid && lastValid.missing.length > 0) findings.invalid.push(toUnfulfilled(lastValid));
  return lastValid ?? places;
}

/** Version 0 stands for the places of a malformed document, and is not a version. */
function isBefore({ version }: DocumentInForce, newest: Parameter): boolean {
  return version > 0 && version <= newest.version;
}

interface Found {
  /** Well-formed, and newer than what was in force: it was replaced between two readings, or the environment is new. */
  readonly newer: DocumentInForce | undefined;
  /** Of the newest version that can be read whole, and of what is newer. */
  readonly demands: readonly Demands[];
}

/** @param after version in force: it, and what is older, is known */
async function search(newest: Parameter, after: number, state: LoadState): Promise<Found> {
  const { name, version, value: text } = newest;
  const { searched: known } = state.memory;
  if (known?.version === version && known.text === text) {
    return { newer: undefined, demands: known.demands };
  }
  const history = version > after + 1 ? await readHistory(name, state) : [];
  if (!history) {
    const isOfThese = known && known.version > after && known.version < version;
    const demands = await addDemands([], newest, toReading(name, state));
    const isKnown = isOfThese && !isEnough(demands);
    return { newer: undefined, demands: isKnown ? [...demands, ...known.demands] : demands };
  }
  const between = history.filter((older) => older.version < version && older.version > after);
  const found = await searchVersions([newest, ...between], state);
  state.memory.searched = { version, text, demands: found.demands };
  return found;
}

/** @param versions newest first; the newest is known to be malformed */
async function searchVersions(
  [newest, ...others]: readonly [Parameter, ...Parameter[]],
  state: LoadState,
): Promise<Found> {
  const reading = toReading(newest.name, state);
  let demands = await addDemands([], newest, reading);
  for (const older of others) {
    const newer = await tryVersion(older, state);
    if (newer) return { newer, demands };
    demands = await addDemands(demands, older, reading);
  }
  return { newer: undefined, demands };
}

/** What an older version asks for counts as long as no newer one could be read whole. */
async function addDemands(
  demands: readonly Demands[],
  older: Parameter,
  reading: Reading,
): Promise<readonly Demands[]> {
  const more = isEnough(demands) ? undefined : await readDemands(older, reading);
  return more ? [...demands, more] : demands;
}

function isEnough(demands: readonly Demands[]): boolean {
  return demands.some(({ isWhole }) => isWhole);
}

function toReading(name: string, { root, registry }: LoadState): Reading {
  return { kind: toKind(name, root) ?? 'route', registry };
}

async function readHistory(
  name: string,
  { reader, findings }: LoadState,
): Promise<readonly Parameter[] | undefined> {
  try {
    return await reader.readHistory(name);
  } catch (error) {
    findings.unreadHistories.push({ parameter: name, error });
    return undefined;
  }
}

async function tryVersion(
  older: Parameter,
  state: LoadState,
): Promise<DocumentInForce | undefined> {
  try {
    await state.tree.addSecretsOf(older.value);
    return await putInForce(older, state);
  } catch (error) {
    if (error instanceof DocumentError) return undefined;
    throw error;
  }
}

/** A document that stays in force follows its secrets. */
function renew({ parameter: name, version, text: value }: DocumentInForce, state: LoadState) {
  return tryVersion({ name, version, value }, state);
}
