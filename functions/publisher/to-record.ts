/** A document in force → its record in the snapshot. */
import type { DocumentIssue } from '../proxy/documents/document-error.ts';
import type { ReferenceRules } from '../proxy/documents/reference-rules.ts';
import { findRuling, findSecrets } from '../proxy/documents/references.ts';
import type { DocumentInForce } from '../proxy/routes/in-force.ts';
import type { Route } from '../proxy/routes/route.ts';
import type { DocumentRecord, RouteRecord } from '../proxy/routes/snapshot/format.ts';

/** What a record is made with. */
export interface RecordOptions {
  readonly rules: ReferenceRules;
  /** Values by absolute name. */
  readonly secrets: ReadonlyMap<string, string>;
  /** A newer version is malformed: what it asks to be guarded cannot be compared with a route that is not complete. */
  readonly isStandIn: boolean;
}

/** A record, and whether the proxy has to complete it. */
export interface RecordedDocument {
  readonly record: DocumentRecord;
  /** It lacks nothing but variables, which the proxy has and the publisher has not. */
  readonly deferred: boolean;
}

/** Makes the record of a document. Its secrets are in the record, its variables are not. */
export function toRecord(
  document: DocumentInForce,
  { rules, secrets, isStandIn }: RecordOptions,
): RecordedDocument {
  const { parameter, version, digest, text, missing, withheld } = document;
  const own = [...new Set(findSecrets(text, rules))].sort();
  const values = own.flatMap((name) => {
    const value = secrets.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const lacking = missing.filter((issue) => !isVariable(issue, rules));
  const isWhole = missing.length > 0 && lacking.length === 0 && withheld.length === 0;
  const deferred = isWhole && !isStandIn;
  const isAvailable = (item: { readonly isAvailable: boolean }) => item.isAvailable || deferred;
  const routes = [...document.routes].sort((a, b) => (a.id < b.id ? -1 : 1));
  const consumers = document.consumers.map((consumer) => ({
    ...{ username: consumer.username, isAvailable: isAvailable(consumer) },
    ...(consumer.identityHeaders.length > 0 ? { identityHeaders: consumer.identityHeaders } : {}),
  }));
  const record = {
    ...{ parameter, version, digest, text },
    ...(values.length > 0 ? { secrets: Object.fromEntries(values) } : {}),
    routes: routes.map((route) => toRouteRecord(route, isAvailable(route))),
    ...(consumers.length > 0 ? { consumers } : {}),
  };
  return { record, deferred };
}

function toRouteRecord(route: Route, isAvailable: boolean): RouteRecord {
  const { id, uris, hosts, methods, priority, isOpen, secretParameters } = route;
  return {
    id,
    uris: uris.map(({ text }) => text),
    hosts,
    ...(methods && { methods: [...methods] }),
    ...{ priority, isOpen, isAvailable, secretParameters },
  };
}

/** A variable that documents may refer to, and that only the proxy has. `found` is the reference itself, in quotes. */
function isVariable({ found, isUnfulfilled }: DocumentIssue, rules: ReferenceRules): boolean {
  if (isUnfulfilled !== true || !/^"\$env:/i.test(found)) return false;
  const ruling = findRuling(JSON.parse(found) as string, rules);
  return ruling !== undefined && 'name' in ruling;
}
