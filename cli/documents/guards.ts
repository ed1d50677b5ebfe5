/** Which plugins keep clients out of the routes of a document. */
import { findAccessPlugins } from '../../functions/proxy/chain/open-route.ts';
import type { Candidate, Checker } from '../check/checker.ts';
import { findJson } from '../terminal/json.ts';

/** For each route of a document, in its order: names of plugins, or undefined if that is not known. */
export type RouteGuards = readonly (readonly string[] | undefined)[];

/** Finds the guards of each route, those of disabled routes as if they were enabled. */
export async function findRouteGuards(
  checker: Checker,
  { parameter, text }: Candidate,
): Promise<RouteGuards> {
  const document = findJson(text)?.value;
  const items = (Array.isArray(document) ? document : [document]).map(toEnabled);
  const guards: (readonly string[] | undefined)[] = [];
  for (const item of items) {
    const { compiled } = await checker.check({ parameter, text: JSON.stringify(item ?? null) });
    const [route] = compiled?.routes ?? [];
    guards.push(route && findAccessPlugins(route.plugins).map(({ name }) => name));
  }
  return guards;
}

/** A disabled route is not compiled. */
function toEnabled(item: unknown): unknown {
  const isObject = typeof item === 'object' && item !== null && !Array.isArray(item);
  return isObject ? { ...item, status: 1 } : item;
}
