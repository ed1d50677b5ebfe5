/** The route document: field names and meanings of an Apache APISIX route, as far as they make sense here. */

import * as v from 'valibot';
import { refused } from '../documents/attributes.ts';
import { idSchema } from '../documents/id.ts';
import { method, recordOf, strictObject } from '../documents/schema.ts';
import { timeoutSchema } from '../documents/timeout.ts';
import { findInvalidUri } from './uri.ts';

const uri = v.pipe(
  v.string(),
  v.check(
    (text) => findInvalidUri(text) === undefined,
    ({ input }) => findInvalidUri(String(input)) ?? '',
  ),
);
/** A host name, or `*.` and the end of one. */
export const host = v.pipe(
  v.string(),
  v.toLowerCase(),
  v.regex(
    /^(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/,
    'a host name without port, with an optional `*.` in front',
  ),
);
/** Schema entry of the optional `id` that all objects but consumers have. */
export const idEntries = { id: v.optional(idSchema) };

/** Schema entries of notes for people. */
export const noteEntries = {
  name: v.optional(v.string()),
  desc: v.optional(v.string()),
  labels: v.optional(recordOf(v.string())),
};

/** Schema entries of the times that APISIX adds; nothing reads them. */
export const timeEntries = {
  create_time: v.optional(v.number()),
  update_time: v.optional(v.number()),
};

/** Schema entries of an upstream, which has a schema of its own. */
export const upstreamEntries = {
  upstream: v.optional(recordOf(v.unknown())),
  upstream_id: v.optional(idSchema),
};

/** Whether an upstream stands in an object, or is named there, and not both. */
export function hasOneUpstream(object: {
  readonly upstream?: unknown;
  readonly upstream_id?: unknown;
}): boolean {
  return object.upstream === undefined || object.upstream_id === undefined;
}

/** For messages: what {@link hasOneUpstream} expects. */
export const oneUpstreamWords = 'upstream or upstream_id, not both';

/** Names the JSON Schema by which an editor checks the document; the proxy ignores it. */
export const schemaEntries = { $schema: v.optional(v.string()) };

/** A WebSocket stays open for longer than an invocation, and function URLs have none. */
export const noWebSocket = {
  enable_websocket: v.optional(
    v.literal(
      false,
      'false: no WebSocket passes a function URL; clients reach its upstream directly',
    ),
  ),
};

/** Names of the objects that a route has plugins and hosts from. */
const linkEntries = {
  service_id: v.optional(idSchema),
  plugin_config_id: v.optional(idSchema),
};

/** What only nginx can run. */
const luaEntries = {
  filter_func: refused('no function of Lua: vars has conditions on requests'),
  script: refused('no script of Lua: plugins does what a route needs'),
};

/** Which requests a route is for. */
export const placeEntries = {
  uri: v.optional(uri),
  uris: v.optional(v.pipe(v.array(uri), v.minLength(1, 'at least one path'))),
  host: v.optional(host),
  hosts: v.optional(v.pipe(v.array(host), v.minLength(1, 'at least one host'))),
  methods: v.optional(v.pipe(v.array(method), v.minLength(1, 'at least one method'))),
  priority: v.optional(v.pipe(v.number(), v.integer('a whole number')), 0),
  status: v.optional(v.picklist([0, 1], '1 (on) or 0 (off)'), 1),
};

/** What a route asks of these requests. What is in the fields is checked where they are compiled. */
const conditionEntries = {
  vars: v.optional(v.array(v.unknown())),
  remote_addr: v.optional(v.string()),
  remote_addrs: v.optional(v.pipe(v.array(v.string()), v.minLength(1, 'at least one address'))),
};

/** Settings by name of the plugin; each plugin checks its own. */
export const pluginsSchema = v.optional(recordOf(recordOf(v.unknown())), {});

/** One route of a document. */
export const routeSchema = v.pipe(
  strictObject({
    ...idEntries,
    ...noteEntries,
    ...placeEntries,
    ...conditionEntries,
    retries: v.optional(
      v.pipe(
        v.number(),
        v.integer('a whole number from 0'),
        v.minValue(0, 'a whole number from 0'),
      ),
    ),
    retry_timeout: v.optional(v.pipe(v.number(), v.minValue(0, 'a number of seconds from 0')), 0),
    timeout: timeoutSchema,
    plugins: pluginsSchema,
    ...linkEntries,
    ...noWebSocket,
    ...luaEntries,
    ...upstreamEntries,
    ...timeEntries,
    ...schemaEntries,
  }),
  v.check((object) => hasOneUpstream(object), oneUpstreamWords),
  v.check((route) => route.uri !== undefined || route.uris !== undefined, 'the field uri, or uris'),
  v.check((route) => route.uri === undefined || route.uris === undefined, 'uri or uris, not both'),
  v.check(
    (route) => route.host === undefined || route.hosts === undefined,
    'host or hosts, not both',
  ),
  v.check(
    (route) => route.remote_addr === undefined || route.remote_addrs === undefined,
    'remote_addr or remote_addrs, not both',
  ),
);

/** A route object, parsed, with defaults filled in. */
export type RouteDocument = v.InferOutput<typeof routeSchema>;

/** `_meta` of any plugin's configuration. */
export const pluginMetaSchema = strictObject({ disable: v.optional(v.boolean(), false) });
