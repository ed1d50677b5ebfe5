/** What checking a document adds to judging it alone: what it names, and the global rules above its routes. */
import { type DocumentIssue, pointerTo } from '../../functions/proxy/documents/document-error.ts';
import type { CompiledDocument } from '../../functions/proxy/routes/compile.ts';
import { isOpenBelow } from '../../functions/proxy/routes/global-guard.ts';
import { findLinks, parseSharedKey } from '../../functions/proxy/routes/shared/shared-object.ts';
import { findSplitLinks } from '../../functions/proxy/routes/shared/split-links.ts';
import type { SharedView } from './shared-view.ts';

/** @returns the document, with each route open or not below the global rules, as the publisher judges it */
export function guardRoutes(compiled: CompiledDocument, view: SharedView): CompiledDocument {
  if (compiled.routes.length === 0 || !view.hasRules()) return compiled;
  const rules = view.rules();
  const isAssumed = (key: string) => {
    const { kind, id } = parseSharedKey(key);
    return view.find(kind, id) === 'assumed';
  };
  const routes = compiled.routes.map((route) => ({
    ...route,
    // What is not known of another document may hold an access plugin.
    isOpen: !route.links?.some(isAssumed) && isOpenBelow(rules, route.plugins),
  }));
  return { ...compiled, routes };
}

/** Issues of open routes below global rules, where no route may be open. Without global rules the proxy's code finds them. */
export function findUnguarded({ routes }: CompiledDocument): DocumentIssue[] {
  const open = routes.filter(({ isOpen, isEnabled }) => isOpen && isEnabled);
  return open.map(({ id }) => ({
    pointer: '',
    found: `the route ${id} without a guard`,
    expected:
      'an access plugin of the route or of a global rule (COUNTERSIGN_REQUIRE_ACCESS_PLUGIN is on)',
  }));
}

/** Issues of objects that name an upstream that is not there. The proxy finds them when a route names the service. */
export function findDeadLinks(
  { shared = [] }: CompiledDocument,
  view: SharedView,
): DocumentIssue[] {
  return shared.flatMap(({ document, pointer }) => {
    const own = findLinks({ upstream_id: document.upstream_id }).map(({ id, field }) => ({
      ...{ id, pointer: pointerTo('', field) },
    }));
    const dead = [...own, ...findSplitLinks(document)].filter(
      ({ id }) => !view.find('upstream', id),
    );
    return dead.map(({ id, pointer: at }) => ({
      ...{ pointer: `${pointer}${at}`, found: JSON.stringify(id) },
      expected: `an upstream ${id}: no valid document in upstreams/ has this id`,
    }));
  });
}
