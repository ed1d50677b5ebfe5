/** What a malformed route document claims, as far as it can be read, where nothing better is known of the parameter. */

import { parse } from 'jsonc-parser';
import * as v from 'valibot';
import { isTooDeep } from '../documents/depth.ts';
import { toUnavailable } from './compile.ts';
import type { DocumentInForce } from './in-force.ts';
import type { LoadState } from './load-state.ts';
import type { Parameter } from './parameters.ts';
import { toRoutePlace } from './route-place.ts';
import { idEntries, placeEntries } from './schema.ts';
import { toKind } from './tree.ts';

/** Other fields may be wrong, or be none. */
const placeSchema = v.object({ ...idEntries, ...placeEntries });

/** @returns routes that answer 503; undefined when the text shows no route with a place that is right */
export function readClaims(
  { name, value }: Parameter,
  { root }: LoadState,
): DocumentInForce | undefined {
  if (toKind(name, root) !== 'route' || isTooDeep(value)) return undefined;
  const routes = readItems(value).flatMap((item) => {
    const { success, output } = v.safeParse(placeSchema, item);
    if (!success || output.status === 0 || !(output.uris ?? output.uri)) return [];
    const id = output.id ?? name.split('/').at(-1) ?? name;
    const place = { ...toRoutePlace(output), parameter: name, secretParameters: [] };
    return [toUnavailable({ ...place, id, isEnabled: true })];
  });
  if (routes.length === 0) return undefined;
  const nothing = { consumers: [], missing: [], withheld: [], pools: [], warnings: [] };
  // Never taken for the text of a version that was valid.
  const of = { parameter: name, version: 0, text: '', digest: `claims of ${value}` };
  return { ...nothing, ...of, routes, substituted: [], patternSteps: 0 };
}

/** Also of a text that is no JSON, as far as it can be read. */
function readItems(text: string): unknown[] {
  const document: unknown = parse(text);
  return Array.isArray(document) ? document : [document];
}
