/** The global rules of a snapshot. Loaded only for snapshots that have any. */
import { isOpenBelow, unguarded } from '../global-guard.ts';
import { withGlobalRules } from '../global-rules.ts';
import type { Matcher } from '../match.ts';
import type { Route, ServedRoute } from '../route.ts';
import type { SharedObject } from '../shared/shared-object.ts';
import { notBuilt, toUnavailable, toUnavailableObject } from '../unavailable.ts';
import type { CompiledDocuments } from './compiled-documents.ts';
import { toSharedObjects } from './linked-objects.ts';
import type { Snapshot } from './read.ts';

/** A route that is compiled when a request first matches it. */
export interface SnapshotRoute extends ServedRoute {
  /** @returns undefined for a route that answers 503 */
  readonly open: () => Promise<Route | undefined>;
}

/** What guarding a snapshot's routes needs. */
export interface GuardOptions {
  readonly documents: CompiledDocuments;
  /** Open routes answer 503. */
  readonly requireAccessPlugin: boolean;
}

/** @returns the matcher with the global rules around each route */
export async function guardMatcher(
  snapshot: Snapshot,
  matcher: Matcher<SnapshotRoute>,
  { documents, requireAccessPlugin }: GuardOptions,
): Promise<Matcher<ServedRoute>> {
  const rules = await readGlobalRules(snapshot, documents);
  const open = async (served: SnapshotRoute) => {
    const route = await served.open();
    const isRefused = route && requireAccessPlugin && isOpenBelow(rules, route.plugins);
    return isRefused ? toUnavailable(route, unguarded) : route;
  };
  return withGlobalRules(rules, { matcher, open });
}

/** A rule that the publisher has refused, or that cannot be built here, is not available. */
async function readGlobalRules(
  snapshot: Snapshot,
  documents: CompiledDocuments,
): Promise<readonly SharedObject[]> {
  const rules: SharedObject[] = [];
  for (const place of snapshot.header.globalRules ?? []) {
    const compiled = await documents.get(snapshot, place);
    const record = snapshot.documentAt(place);
    const published = await toSharedObjects(record, snapshot.header.root);
    rules.push(
      ...published.map((object) => {
        if (!object.isAvailable) return object;
        const own = compiled?.shared?.find(({ id }) => id === object.id);
        return own ?? toUnavailableObject(object, notBuilt);
      }),
    );
  }
  return rules;
}
