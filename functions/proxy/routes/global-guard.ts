/** Which routes are open where global rules guard all of them. */
import { createHash } from 'node:crypto';
import { findAccessPlugins, isOpenRoute } from '../chain/open-route.ts';
import type { DocumentInForce } from './in-force.ts';
import { toKind } from './kind.ts';
import type { TableLoaderOptions } from './load-state.ts';
import type { Route } from './route.ts';
import type { RouteTable } from './route-table.ts';
import type { SharedObject } from './shared/shared-object.ts';
import type { DocumentParameter, Tree } from './tree.ts';
import { toUnavailable } from './unavailable.ts';

/** Whether the documents of a load, or those around it, hold a global rule. */
export function hasGlobalRules({ documents }: Tree, { root, heldShared = [] }: TableLoaderOptions) {
  const isRule = ({ name }: DocumentParameter) => toKind(name, root) === 'global_rule';
  return documents.some(isRule) || heldShared.some(({ kind }) => kind === 'global_rule');
}

/** What guarding the documents of a load needs. */
export interface Guarding {
  /** Whether there are global rules. */
  readonly hasRules: boolean;
  readonly previous: RouteTable | undefined;
}

/** Whether a route is open depends on the global rules. Without rules now and before, `isOpen` is right already. */
export function guardDocuments(
  documents: readonly DocumentInForce[],
  { compile, heldShared = [] }: TableLoaderOptions,
  { hasRules, previous }: Guarding,
): readonly DocumentInForce[] {
  if (!hasRules && !previous?.guarded) return documents;
  const all = [...documents.flatMap(({ shared = [] }) => shared), ...heldShared];
  const rules = all.filter(({ kind }) => kind === 'global_rule');
  const requireAccessPlugin = compile.requireAccessPlugin && hasRules;
  return documents.map((document) => guardDocument(document, { rules, requireAccessPlugin }));
}

/** What decides about open routes. */
interface GlobalGuard {
  readonly rules: readonly SharedObject[];
  /** Open routes answer 503. */
  readonly requireAccessPlugin: boolean;
}

/** Why an open route answers 503. */
export const unguarded =
  'neither it nor a global rule has an access plugin (COUNTERSIGN_REQUIRE_ACCESS_PLUGIN is on)';

/** @returns the document, with each route open or not by its own plugins and by the global rules */
function guardDocument(document: DocumentInForce, guard: GlobalGuard): DocumentInForce {
  if (document.routes.length === 0) return document;
  const routes = document.routes.map((route) => guardRoute(route, guard.rules));
  if (!guard.requireAccessPlugin) return { ...document, routes };
  const open = new Set(routes.filter(({ isOpen }) => isOpen));
  if (open.size === 0) return { ...document, routes };
  const issue = {
    ...{ pointer: '', found: 'a route that no plugin guards', isUnfulfilled: true as const },
    expected:
      'an access plugin of the route or of a global rule (COUNTERSIGN_REQUIRE_ACCESS_PLUGIN is on)',
  };
  const missing = [issue];
  return {
    ...document,
    routes: routes.map((route) =>
      open.has(route) ? { ...toUnavailable(route, unguarded), missing, willBeOpen: true } : route,
    ),
    missing: [...document.missing, issue],
    digest: createHash('sha256').update(`without a guard: ${document.digest}`).digest('hex'),
  };
}

function guardRoute(route: Route, rules: readonly SharedObject[]): Route {
  if (route.isAvailable) {
    const isOpen = isOpenBelow(rules, route.plugins);
    return isOpen === route.isOpen ? route : { ...route, isOpen };
  }
  return route.willBeOpen && isGuard(rules) ? { ...route, willBeOpen: false } : route;
}

/** @returns whether clients without credentials reach a route with these plugins */
export function isOpenBelow(rules: readonly SharedObject[], plugins: Route['plugins']): boolean {
  const outer = rules.flatMap((rule) => rule.plugins);
  return !isGuard(rules) && isOpenRoute(plugins, outer);
}

/** A rule that lacks something counts by what its settings ask for. */
function isGuard(rules: readonly SharedObject[]): boolean {
  const isWhole = rules.every(({ isAvailable }) => isAvailable);
  if (!isWhole) return rules.some((rule) => rule.isGuard);
  return findAccessPlugins(rules.flatMap(({ plugins }) => plugins)).length > 0;
}
