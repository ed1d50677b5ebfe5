/** The fields of a route document that say which requests it matches → the route's place. */

import { type ConditionFields, hasCondition, toConditionText } from './condition-text.ts';
import type { RoutePlace } from './route.ts';
import type { RouteDocument } from './schema.ts';
import { parseUri } from './uri.ts';

type PlaceFields = Pick<RouteDocument, 'uri' | 'uris' | 'host' | 'hosts' | 'methods' | 'priority'> &
  ConditionFields;

/** Takes a route's place from its document: URIs, hosts, methods and priority. */
export function toRoutePlace(document: PlaceFields): RoutePlace {
  const uris = document.uris ?? [document.uri ?? '/'];
  return {
    uris: [...new Set(uris)].map(parseUri),
    hosts: [...new Set(document.hosts ?? [document.host ?? ''])],
    methods: document.methods && new Set<string>(document.methods),
    priority: document.priority,
    ...(hasCondition(document) ? { condition: toConditionText(document) } : {}),
  };
}
