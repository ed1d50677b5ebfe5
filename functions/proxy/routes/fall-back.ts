/**
 * Decides what is in force for a document whose newest version is malformed: its last valid version. Routes of that version
 * answer 503 if they lack an access plugin that a newer version asks for. If the history may not be read, the paths of the
 * version in force and of the malformed version answer 503. This module is imported only when there is such a document.
 */

import { DocumentError } from '../documents/document-error.ts';
import { AwsServiceError } from '../send/aws-json.ts';
import { type Reading, readDemands, withhold } from './demands.ts';
import type { Demands, DocumentInForce } from './in-force.ts';
import { toMalformed, toUnfulfilled } from './invalid-document.ts';
import { toKind } from './kind.ts';
import { putInForce } from './load-document.ts';
import type { LoadState } from './load-state.ts';
import { isRefused } from './named-reader.ts';
import type { Parameter } from './parameters.ts';
import { readPlaces, unreadHistory } from './read-places.ts';
import { readReserved } from './read-reserved.ts';
import { toBarrier } from './shared/barrier.ts';
import { toUnavailable, toUnavailableObject } from './unavailable.ts';

/** @returns undefined when no version is well-formed */
export async function fallBack(
  newest: Parameter,
  error: DocumentError,
  state: LoadState,
): Promise<DocumentInForce | undefined> {
  const { findings } = state;
  const { base, newer, demands, unread } = await search(newest, state);
  const kept = newer ?? (base && (await renew(base, state)));
  // Without the history it is unknown what older versions asked for, and whether the parameter was deleted after them.
  const lastValid = kept && unread !== 'for-good' ? withhold(kept, demands) : undefined;
  const places = lastValid ? undefined : readKnown(newest, { kept, unread, state });
  const shown = unread ? places : undefined;
  findings.invalid.push(toMalformed(newest, { issues: error.issues, lastValid, places: shown }));
  if (lastValid && lastValid.missing.length > 0) findings.invalid.push(toUnfulfilled(lastValid));
  return lastValid ?? places;
}

interface Unproven extends Pick<Found, 'unread'> {
  readonly kept: DocumentInForce | undefined;
  readonly state: LoadState;
}

const noVersion = 'a global rule is malformed, and no valid version of it is known';

/**
 * The headers of a consumer stay reserved, whether it has ever been valid or not. The paths of a malformed route count only
 * if the history cannot be read. A credential has no paths and reserves no headers.
 */
function readKnown(
  newest: Parameter,
  { kept, unread, state }: Unproven,
): DocumentInForce | undefined {
  const kind = toKind(newest.name, state.root);
  if (kind === 'global_rule') return answerForAll(unread && kept, toBarrier(newest, noVersion));
  const isConsumer = kind === 'consumer';
  if (!unread) return isConsumer ? readReserved(newest, state) : undefined;
  return answerForAll(kept, (isConsumer ? readReserved : readPlaces)(newest, state));
}

interface Found {
  /** What was in force, if it is an older version and the parameter was not deleted since. */
  readonly base: DocumentInForce | undefined;
  /** Well-formed, and newer than what was in force: it was replaced between two readings, or the environment is new. */
  readonly newer?: DocumentInForce | undefined;
  /** What the newest version that can be read whole asks for, and what newer ones ask for. */
  readonly demands: readonly Demands[];
  /** Whether the history could not be read: it is refused, or was not answered this time. */
  readonly unread?: 'for-good' | 'for-now' | undefined;
}

async function search(newest: Parameter, state: LoadState): Promise<Found> {
  const { version, value: text } = newest;
  const { searched: known } = state.memory;
  const previous = findOlder(newest, state);
  if (known?.isRead && known.version === version && known.text === text) {
    const isStandIn = previous?.version === known.standIn;
    return { base: isStandIn ? previous : undefined, demands: known.demands };
  }
  const history = version > 1 ? await readHistory(newest.name, state) : [];
  if (typeof history === 'string') {
    const demands = await gatherKnownDemands(newest, previous, state);
    state.memory.searched = { version, text, demands, isRead: false };
    return { base: previous, demands, unread: history };
  }
  const base = previous && hasVersion(history, previous) ? previous : undefined;
  const after = base?.version ?? 0;
  const between = history.filter((older) => older.version < version && older.version > after);
  const { newer, demands } = await searchVersions([newest, ...between], state);
  const standIn = newer?.version ?? base?.version;
  state.memory.searched = { version, text, demands, isRead: true, standIn };
  return { base, newer, demands };
}

/**
 * Version 0 stands for the places of a malformed document, and is not a version. The newest version is malformed, even if
 * it was in force before a change of the code.
 */
function findOlder({ version }: Parameter, { previous }: LoadState): DocumentInForce | undefined {
  return previous && previous.version > 0 && previous.version < version ? previous : undefined;
}

/** @returns what the newest version asks for. If it cannot be read whole, also what is known that versions before it ask for */
async function gatherKnownDemands(
  newest: Parameter,
  previous: DocumentInForce | undefined,
  state: LoadState,
): Promise<readonly Demands[]> {
  const { searched: known } = state.memory;
  const own = await addDemands([], newest, toReading(newest.name, state));
  const isOfThese =
    known && known.version > (previous?.version ?? 0) && known.version < newest.version;
  return isOfThese && !isEnough(own) ? [...own, ...known.demands] : own;
}

/**
 * If a parameter was deleted and created again, its versions begin at 1 again, and no version from before the deletion counts.
 * Parameter Store keeps only the newest versions of a long history.
 */
function hasVersion(history: readonly Parameter[], { version, text }: DocumentInForce): boolean {
  const own = history.find((older) => older.version === version);
  return own ? own.value === text : history.every((older) => older.version > version);
}

/** @param versions newest first; the newest is known to be malformed */
async function searchVersions(
  [newest, ...others]: readonly [Parameter, ...Parameter[]],
  state: LoadState,
): Promise<Pick<Found, 'newer' | 'demands'>> {
  const reading = toReading(newest.name, state);
  let demands = await addDemands([], newest, reading);
  for (const older of others) {
    // Parameter Store keeps a hundred versions, and each may take many milliseconds: requests go on in between.
    await new Promise(setImmediate);
    const newer = await tryVersion(older, state);
    if (newer) return { newer, demands };
    demands = await addDemands(demands, older, reading);
  }
  return { newer: undefined, demands };
}

/** The demands of an older version apply as long as no newer version could be read whole. */
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
  const kind = toKind(name, root);
  return { kind: kind === 'consumer' || kind === 'credential' ? 'consumer' : 'route', registry };
}

async function readHistory(
  name: string,
  { reader, findings }: LoadState,
): Promise<readonly Parameter[] | 'for-good' | 'for-now'> {
  try {
    return await reader.readHistory(name);
  } catch (error) {
    findings.unreadHistories.push({ parameter: name, error });
    return isRefused(error) && !isGone(error) ? 'for-good' : 'for-now';
  }
}

/** The parameter was deleted after it was read, or was created a moment ago and is not known everywhere. The next reading shows which. */
function isGone(error: unknown): boolean {
  return error instanceof AwsServiceError && error.type === 'ParameterNotFound';
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

/**
 * Keeps what is in force of a document whose newest version cannot be read: with the values that its secrets have now, and with
 * what was withheld from it withheld.
 */
export async function keepInForce(
  last: DocumentInForce,
  state: LoadState,
): Promise<DocumentInForce> {
  const { searched } = state.memory;
  const whole = last.whole ?? last;
  // Only places are known, or all of it answers 503 already: no secret changes that.
  if (whole.version === 0 || (last.whole && last.withheld.length === 0)) return last;
  const renewed = await renew(whole, state);
  if (!renewed) return answerForAll(whole, undefined) ?? last;
  if (renewed.missing.length > 0) state.findings.invalid.push(toUnfulfilled(renewed));
  const isAsked = searched !== undefined && searched.version > whole.version;
  return isAsked ? withhold(renewed, searched.demands) : renewed;
}

/** Answers 503 for the paths that were in force and for those of the malformed version, so that no other route takes them over. */
function answerForAll(
  kept: DocumentInForce | undefined,
  places: DocumentInForce | undefined,
): DocumentInForce | undefined {
  if (!kept) return places;
  const known = kept.routes.map((route) => toUnavailable(route, unreadHistory));
  const routes = [...known, ...(places?.routes ?? [])];
  const consumers = kept.consumers.map((consumer) => ({ ...consumer, isAvailable: false }));
  const shared = kept.shared?.map((object) => toUnavailableObject(object, unreadHistory));
  const digest = `unread history of ${kept.digest}, ${places?.digest}`;
  return { ...kept, routes, consumers, shared, pools: [], missing: [], digest, whole: kept };
}
