/** A document in force → its record in the snapshot. */
import { hash } from 'node:crypto';
import type { Consumer } from '../proxy/chain/exchange.ts';
import type { DocumentIssue } from '../proxy/documents/document-error.ts';
import type { ReferenceRules } from '../proxy/documents/reference-rules.ts';
import { findRuling, findSecrets } from '../proxy/documents/references.ts';
import type { DocumentInForce } from '../proxy/routes/in-force.ts';
import type { Route } from '../proxy/routes/route.ts';
import {
  parseLinked,
  type SharedObject,
  toSharedKey,
} from '../proxy/routes/shared/shared-object.ts';
import type {
  ConsumerRecord,
  DocumentRecord,
  ObjectRecord,
  RouteRecord,
} from '../proxy/routes/snapshot/format.ts';

/** What a record is made with. */
export interface RecordOptions {
  readonly rules: ReferenceRules;
  /** Values by absolute name. */
  readonly secrets: ReadonlyMap<string, string>;
  /** A newer version is malformed: what it asks to be guarded cannot be compared with a route that is not complete. */
  readonly isStandIn: boolean;
  /** Text of the document of a parameter that it has objects from. */
  readonly readLinkedText: (parameter: string) => string | undefined;
}

/** A record, and the document as it will be in force. */
export interface RecordedDocument {
  readonly record: DocumentRecord;
  /** Parts that lack only variables count as complete here: the proxy has the variables, and the publisher does not. */
  readonly completed: DocumentInForce;
}

/** Makes the record of a document. Its secrets are in the record, its variables are not. */
export function toRecord(document: DocumentInForce, options: RecordOptions): RecordedDocument {
  const { rules, secrets } = options;
  const { parameter, version, text } = document;
  const values = toValues(text, rules, secrets);
  const links = parseLinked(document.linked);
  const inherited = Object.values(links ?? {}).flatMap((name) => {
    const linkedText = name === null ? undefined : options.readLinkedText(name);
    return linkedText === undefined ? [] : toValues(linkedText, rules, secrets);
  });
  // A plugin that waits for a variable has put in none of its secrets: without them a rotated one would change no digest.
  const all = [...values, ...inherited];
  const isWaiting = document.missing.length > 0 && all.length > 0;
  const digest = isWaiting ? toDigest(document.digest, all) : document.digest;
  const completed = options.isStandIn ? document : complete(document, rules);
  const routes = [...completed.routes].sort((a, b) => (a.id < b.id ? -1 : 1));
  const consumers = completed.consumers.map(toConsumerRecord);
  const record = {
    ...{ parameter, version, digest, text },
    ...(values.length > 0 ? { secrets: Object.fromEntries(values) } : {}),
    routes: routes.map(toRouteRecord),
    ...(consumers.length > 0 ? { consumers } : {}),
    ...(links ? { links } : {}),
    ...(completed.shared ? { objects: completed.shared.map(toObjectRecord) } : {}),
  };
  return { record, completed };
}

/**
 * Makes the record of a document that stays in force while its newest version cannot be read: with the values that its secrets
 * have now. A proxy answers 503 for what lacks one of them.
 */
export function followSecrets(
  record: DocumentRecord,
  { rules, secrets }: Pick<RecordOptions, 'rules' | 'secrets'>,
): DocumentRecord {
  const { secrets: known = {}, consumers, ...others } = record;
  const values = toValues(record.text, rules, secrets);
  const isSame =
    values.length === Object.keys(known).length &&
    values.every(([name, value]) => known[name] === value);
  if (isSame) return record;
  // Which keys the new values make is not known without compiling the document.
  const withoutKeys = consumers?.map(({ keys: _, ...consumer }) => consumer);
  return {
    ...others,
    ...(withoutKeys && { consumers: withoutKeys }),
    digest: toDigest(record.digest, values),
    ...(values.length > 0 ? { secrets: Object.fromEntries(values) } : {}),
  };
}

/**
 * The same for a document that names shared objects: it follows them as well. What was published as unavailable stays unavailable.
 *
 * @param document as it was compiled with the objects that there are now; undefined where it was not
 */
export function followAll(
  record: DocumentRecord,
  document: DocumentInForce | undefined,
  options: Omit<RecordOptions, 'isStandIn'>,
): DocumentRecord {
  const followed = followSecrets(record, options);
  if (!record.links || !document) return followed;
  const now = toRecord(document, { ...options, isStandIn: true }).record;
  const routes = followed.routes.map((route) => {
    const { hosts = route.hosts, isOpen = false } =
      now.routes.find(({ id }) => id === route.id) ?? {};
    return { ...route, hosts, isOpen: route.isAvailable && isOpen };
  });
  const { digest, links = {} } = now;
  return { ...followed, digest, links, routes };
}

function toDigest(digest: string, values: readonly (readonly [string, string])[]): string {
  return hash('sha256', JSON.stringify([digest, values]));
}

function toValues(
  text: string,
  rules: ReferenceRules,
  secrets: ReadonlyMap<string, string>,
): (readonly [name: string, value: string])[] {
  const names = [...new Set(findSecrets(text, rules))].sort();
  return names.flatMap((name) => {
    const value = secrets.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
}

/** Each route and consumer by itself: the others of its document may lack more than variables. */
function complete(document: DocumentInForce, rules: ReferenceRules): DocumentInForce {
  const isWaiting = ({ missing }: Pick<Route, 'missing'>) =>
    missing?.every((issue) => isVariable(issue, rules)) ?? false;
  const routes = document.routes.map((route) =>
    isWaiting(route) ? { ...route, isAvailable: true, isOpen: route.willBeOpen ?? false } : route,
  );
  const consumers = document.consumers.map((consumer) =>
    isWaiting(consumer) ? { ...consumer, isAvailable: true } : consumer,
  );
  const shared = document.shared?.map((object) =>
    isWaiting(object) ? { ...object, isAvailable: true } : object,
  );
  const missing = document.shared
    ? document.missing.filter((issue) => !isVariable(issue, rules))
    : [...routes, ...consumers].flatMap((item) => (item.isAvailable ? [] : (item.missing ?? [])));
  return { ...document, routes, consumers, ...(shared ? { shared } : {}), missing };
}

function toConsumerRecord({
  username,
  credentialId,
  isAvailable,
  identityHeaders,
  credentials,
}: Consumer): ConsumerRecord {
  const keys = [...credentials].map(([plugin, { key }]) => [plugin, hash('sha256', key, 'base64')]);
  return {
    ...{ username, isAvailable },
    ...(credentialId === undefined ? {} : { credential: credentialId }),
    ...(identityHeaders.length > 0 ? { identityHeaders } : {}),
    ...(keys.length > 0 ? { keys: Object.fromEntries(keys) } : {}),
  };
}

function toObjectRecord(object: SharedObject): ObjectRecord {
  const { isAvailable, reason, secretParameters } = object;
  return {
    ...{ key: toSharedKey(object), isAvailable },
    ...(isAvailable || reason === undefined ? {} : { reason }),
    ...(secretParameters ? { secretParameters } : {}),
  };
}

function toRouteRecord(route: Route): RouteRecord {
  const { id, uris, hosts, methods, priority, condition, isOpen, isAvailable, secretParameters } =
    route;
  const { reason } = route;
  return {
    id,
    uris: uris.map(({ text }) => text),
    hosts,
    ...(methods && { methods: [...methods] }),
    ...(condition === undefined ? {} : { condition }),
    ...{ priority, isOpen, isAvailable, secretParameters },
    ...(isAvailable || reason === undefined ? {} : { reason }),
  };
}

/** A variable that documents may refer to, and that only the proxy has. `found` is the reference itself, in quotes. */
function isVariable({ found, isUnfulfilled }: DocumentIssue, rules: ReferenceRules): boolean {
  if (isUnfulfilled !== true || !/^"\$env:/i.test(found)) return false;
  const ruling = findRuling(JSON.parse(found) as string, rules);
  return ruling !== undefined && 'name' in ruling;
}
