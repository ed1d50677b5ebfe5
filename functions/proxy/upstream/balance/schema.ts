/** An `upstream` as Apache APISIX has it, as far as it makes sense here. Times are in seconds. */
import * as v from 'valibot';
import { distinct, integer, refused } from '../../documents/attributes.ts';
import { recordOf, strictObject } from '../../documents/schema.ts';
import { timeoutSchema, toUsefulSeconds } from '../../documents/timeout.ts';

const seconds = v.pipe(v.number(), v.minValue(0, 'a number of seconds from 0'), toUsefulSeconds);

const weight = integer(0, 1_000_000);
const nodeList = v.array(
  strictObject({
    host: v.pipe(v.string(), v.minLength(1, 'a host name or an address')),
    port: v.optional(integer(1, 65_535)),
    weight,
    priority: v.optional(integer(-1_000_000, 1_000_000), 0),
    metadata: v.optional(recordOf(v.unknown())),
  }),
);
const nodeMap = recordOf(weight);
/** A union to the JSON Schema. A document is checked as the one that it is, so that messages say what is wrong inside. */
const nodes: v.UnionSchema<[typeof nodeList, typeof nodeMap], undefined> = {
  ...v.union([nodeList, nodeMap]),
  '~run': (dataset, config) =>
    (Array.isArray(dataset.value) ? nodeList : nodeMap)['~run'](dataset, config) as never,
};

const statuses = v.pipe(
  v.array(integer(200, 599)),
  v.minLength(1, 'at least one status'),
  distinct('status'),
);
const limit = integer(0, 254);
/** The statuses that APISIX counts as successes where a document lists none. */
const successStatuses = [
  ...[200, 201, 202, 203, 204, 205, 206, 207, 208, 226],
  ...[300, 301, 302, 303, 304, 305, 306, 307, 308],
];
const passive = strictObject({
  type: v.optional(v.picklist(['http', 'https', 'tcp'])),
  healthy: v.optional(
    strictObject({
      http_statuses: v.optional(statuses, successStatuses),
      successes: v.optional(limit, 5),
    }),
    {},
  ),
  unhealthy: v.optional(
    strictObject({
      http_statuses: v.optional(statuses, [429, 500, 503]),
      http_failures: v.optional(limit, 5),
      tcp_failures: v.optional(limit, 2),
      timeouts: v.optional(limit, 7),
    }),
    {},
  ),
});

/** What requests may be hashed by. */
export const hashOn = v.picklist(
  ['vars', 'header', 'cookie', 'consumer', 'vars_combinations'],
  'one of vars, header, cookie, consumer, vars_combinations',
);

const noBackground =
  'no active checks: a Lambda environment has no background to ask nodes in. checks.passive judges them by the requests of clients';
const noDiscovery = 'nodes in place of it: there is no service discovery here';
const noClientCertificate =
  'no client certificate: none is presented to an upstream here. Sign the request, or use an API key';

/** An upstream of a document. Rules between its fields are part of it. */
export const upstreamSchema = v.pipe(
  strictObject({
    id: v.optional(
      v.pipe(
        v.union([v.string(), v.number()], 'a string or a number'),
        v.transform(String),
        v.regex(/^[\w.-]{1,64}$/, '1 to 64 letters, digits, `_`, `.` or `-`'),
      ),
    ),
    $schema: v.optional(v.string()),
    name: v.optional(v.string()),
    desc: v.optional(v.string()),
    labels: v.optional(recordOf(v.string())),
    type: v.optional(
      v.picklist(
        ['roundrobin', 'chash', 'least_conn', 'ewma'],
        'one of roundrobin, chash, least_conn, ewma',
      ),
      'roundrobin',
    ),
    nodes: v.optional(nodes),
    hash_on: v.optional(hashOn, 'vars'),
    key: v.optional(v.string()),
    scheme: v.optional(
      v.picklist(
        ['http', 'https'],
        'http (for loopback hosts that are listed) or https: requests are HTTP, and neither gRPC nor TCP',
      ),
      'http',
    ),
    pass_host: v.optional(
      v.picklist(['pass', 'node', 'rewrite'], 'node, rewrite or pass (which acts as node)'),
    ),
    upstream_host: v.optional(v.pipe(v.string(), v.minLength(1, 'a host name'))),
    retries: v.optional(integer(0, 1000)),
    retry_timeout: v.optional(seconds, 0),
    timeout: timeoutSchema,
    keepalive_pool: v.optional(
      strictObject({
        size: v.optional(integer(1, 1_000_000), 320),
        idle_timeout: v.optional(seconds, 60),
        requests: v.optional(integer(1, 1_000_000_000)),
      }),
      {},
    ),
    tls: v.optional(
      strictObject({
        verify: v.optional(v.boolean(), true),
        client_cert: refused(noClientCertificate),
        client_key: refused(noClientCertificate),
        client_cert_id: refused(noClientCertificate),
      }),
      {},
    ),
    checks: v.optional(
      strictObject({ active: refused(noBackground), passive: v.optional(passive) }),
    ),
    service_name: refused(noDiscovery),
    discovery_type: refused(noDiscovery),
    discovery_args: refused(noDiscovery),
    create_time: v.optional(v.number()),
    update_time: v.optional(v.number()),
  }),
  v.check((upstream) => upstream.nodes !== undefined, 'the field nodes, which may be empty'),
  v.check(
    ({ pass_host, upstream_host }) => pass_host !== 'rewrite' || upstream_host !== undefined,
    'upstream_host beside "pass_host": "rewrite"',
  ),
  v.check(
    ({ type, hash_on, key }) => type !== 'chash' || hash_on === 'consumer' || key !== undefined,
    'key beside "type": "chash", or "hash_on": "consumer"',
  ),
);

/** An upstream, parsed, with defaults filled in. */
export type UpstreamConfig = v.InferOutput<typeof upstreamSchema>;
