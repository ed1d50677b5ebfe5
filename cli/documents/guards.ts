/** Which plugins keep clients out of the routes of a document. */
import { findAccessPlugins } from '../../functions/proxy/chain/open-route.ts';
import { isOpenBelow } from '../../functions/proxy/routes/global-guard.ts';
import type { Route } from '../../functions/proxy/routes/route.ts';
import type { SharedObject } from '../../functions/proxy/routes/shared/shared-object.ts';
import type { Candidate } from '../check/checker.ts';
import type { Text, Together } from '../check/together.ts';
import { findJson } from '../terminal/json.ts';

/** For each route of a document, in its order: names of plugins, or undefined if that is not known. */
export type RouteGuards = readonly (readonly string[] | undefined)[];

/** Finds the guards of each route, those of disabled routes as if they were enabled. */
export async function findRouteGuards(
  { checker, view }: Pick<Together<Text>, 'checker' | 'view'>,
  { parameter, text }: Candidate,
): Promise<RouteGuards> {
  const document = findJson(text)?.value;
  const items = (Array.isArray(document) ? document : [document]).map(toEnabled);
  const guards: (readonly string[] | undefined)[] = [];
  for (const item of items) {
    const { compiled } = await checker.check({ parameter, text: JSON.stringify(item ?? null) });
    const [route] = compiled?.routes ?? [];
    guards.push(route && listGuards(route, view.rules()));
  }
  return guards;
}

/** Access plugins of global rules are marked, because no route names them. */
function listGuards({ plugins }: Route, rules: readonly SharedObject[]): readonly string[] {
  const outer = rules.flatMap((rule) => rule.plugins);
  const ofRules = isOpenBelow(rules, []) ? [] : findAccessPlugins(outer);
  return [
    ...ofRules.map(({ name }) => `global:${name}`),
    ...findAccessPlugins(plugins, outer).map(({ name }) => name),
  ];
}

/** A disabled route is not compiled. */
function toEnabled(item: unknown): unknown {
  const isObject = typeof item === 'object' && item !== null && !Array.isArray(item);
  return isObject ? { ...item, status: 1 } : item;
}
