/**
 * Reads hosts, paths and methods from a malformed route document, as far as they can be read. It is used when no older
 * version of the parameter is known.
 */

import { parse } from 'jsonc-parser';
import * as v from 'valibot';
import { isTooDeep } from '../documents/depth.ts';
import type { DocumentInForce } from './in-force.ts';
import { toKind } from './kind.ts';
import type { LoadState } from './load-state.ts';
import type { Parameter } from './parameters.ts';
import { createPlaceCount } from './place-count.ts';
import { toRoutePlace } from './route-place.ts';
import { idEntries, placeEntries } from './schema.ts';
import { toUnavailable } from './unavailable.ts';

/** Why routes answer 503 whose last valid version is not known. */
export const unreadHistory = 'its document is malformed, and its older versions could not be read';

/** Other fields of the document may be invalid or missing. Its condition, if it has one, would let a wider route take over. */
const placeSchema = v.object({ ...idEntries, ...placeEntries });

/** @returns routes that answer 503; undefined if the text has no route with valid hosts, paths and methods */
export function readPlaces(
  { name, value }: Parameter,
  { root }: LoadState,
): DocumentInForce | undefined {
  if (toKind(name, root) !== 'route' || isTooDeep(value)) return undefined;
  const hasRoomFor = createRoom();
  const routes = readItems(value).flatMap((item) => {
    const { success, output } = v.safeParse(placeSchema, item);
    if (!success || output.status === 0 || !(output.uris ?? output.uri)) return [];
    if (!hasRoomFor(output)) return [];
    const id = output.id ?? name.split('/').at(-1) ?? name;
    const place = { ...toRoutePlace(output), parameter: name, secretParameters: [] };
    return [toUnavailable({ ...place, id, isEnabled: true }, unreadHistory)];
  });
  if (routes.length === 0) return undefined;
  const nothing = { consumers: [], missing: [], withheld: [], pools: [], warnings: [] };
  // The empty text and the prefix of the digest keep this from being taken for a valid version.
  const of = { parameter: name, version: 0, text: '', digest: `places of ${value}` };
  return { ...nothing, ...of, routes, linked: '', substituted: [], patternSteps: 0 };
}

/** What is too much for a valid document is too much for a malformed one. */
function createRoom() {
  const countPlaces = createPlaceCount();
  return (place: v.InferOutput<typeof placeSchema>): boolean => {
    try {
      countPlaces(place, '');
      return true;
    } catch {
      return false;
    }
  };
}

/** Reads the items of a text, as far as they can be read if the text is not valid JSON. */
function readItems(text: string): unknown[] {
  const document: unknown = parse(text);
  return Array.isArray(document) ? document : [document];
}
