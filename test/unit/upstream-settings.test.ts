/** What an upstream's document says, as its requests are sent with it. */
import { setImmediate } from 'node:timers/promises';
import * as v from 'valibot';
import type { BalanceState } from '../../functions/proxy/upstream/balance/choose.ts';
import {
  checkUpstream,
  connectUpstream,
  type UpstreamContext,
} from '../../functions/proxy/upstream/balance/compile.ts';
import { parseNodes } from '../../functions/proxy/upstream/balance/parse-nodes.ts';
import { upstreamSchema } from '../../functions/proxy/upstream/balance/schema.ts';
import { thrownBy, toAllowedHosts, toExchange, toServices } from '../support/builders.ts';
import {
  createPlayedPool,
  type PlayedPool,
  type PlayedPoolOptions,
} from '../support/played-pool.ts';
import { plain } from '../support/raw-upstream.ts';

const allowedHosts = '*.internal.example,127.0.0.1,[::1]';
const a = 'a.internal.example';
const b = 'b.internal.example';
const two = { scheme: 'https', nodes: { [a]: 1, [b]: 1 } };
const parse = (written: object) => v.parse(upstreamSchema, written);

interface Parts extends Partial<PlayedPoolOptions> {
  readonly retry?: object;
}

const used: PlayedPool[] = [];
afterEach(() => {
  for (const pool of used.splice(0)) for (const each of pool.connections) each.destroy();
});

/** An upstream of these settings, and what it was connected with. */
function connect(written: object, { retry = {}, answers = [[]], ...played }: Parts = {}) {
  const pool = createPlayedPool({ answers, ...played });
  used.push(pool);
  const slept: number[] = [];
  const services = {
    ...toServices({ allowedHosts, pool }),
    retry: { retries: 0, retryTimeoutMs: 0, ...retry },
    sleep: async (ms: number) => {
      slept.push(ms);
    },
  };
  let state: BalanceState | undefined;
  const context: UpstreamContext = {
    ...{ services, pointer: '/upstream', compileKey: () => () => 'key' },
    keep(_, create) {
      state = create();
      return state;
    },
  };
  const checked = checkUpstream(parse(written), context);
  const upstream = connectUpstream(checked, context);
  const exchange = toExchange({ deadlineMs: services.now() + 10_000_000 });
  const call = () => upstream.call(exchange);
  return { checked, call, pool, slept, state: () => state, connections: services.connections };
}

test.each([
  [{ scheme: 'http', nodes: { '127.0.0.1': 1 }, tls: { verify: false } }, 1],
  [{ scheme: 'http', nodes: { '127.0.0.1': 1 } }, 0],
  [{ ...two, tls: { verify: false } }, 0],
  [{ ...two, pass_host: 'pass' }, 1],
])('of %j there are %d warnings', (written, count) => {
  expect(connect(written).checked.warnings).toHaveLength(count);
});

test('only a consistent hash reads a key', () => {
  const keys = [two, { ...two, type: 'chash', key: 'uri' }].map((written) =>
    connect(written).checked.readKey(toExchange()),
  );

  expect(keys).toEqual(['', 'key']);
});

test.each([
  [{ idle_timeout: 0 }, { keepalive: false, poolSize: 320, idleTimeoutMs: 0 }],
  [
    { size: 2, idle_timeout: 1.5 },
    { keepalive: true, poolSize: 2, idleTimeoutMs: 1500 },
  ],
])('connections of %j are kept as %j', (keepalive_pool, settings) => {
  const { connections } = connect({ ...two, keepalive_pool });

  expect(connections.map((each) => each.settings)).toStrictEqual([
    { ...settings, verifyTls: true },
    { ...settings, verifyTls: true },
  ]);
});

const types = ['roundrobin', 'least_conn', 'chash', 'ewma'] as const;
test.each(types)('the type %s has its own way to choose', (type) => {
  const { picker } = connect({ ...two, type, key: 'uri' }).state() ?? {};
  const ways = { least_conn: picker?.begin, ewma: picker?.measure };
  const nodes = [a, b].map((name) => ({ name, weight: 1, priority: 0 }));
  const picked = [1, 2, 3, 4].map(() => picker?.pick(nodes, 'k').name);

  for (const [name, way] of Object.entries(ways)) expect(way !== undefined).toBe(name === type);
  expect(picked).not.toContain(undefined);
  expect(new Set(picked).size).toBe({ roundrobin: 2, least_conn: 2, chash: 1, ewma: 1 }[type]);
});

test.each([
  [undefined, undefined],
  [{ passive: {} }, 'function'],
])('with the checks %j there is a health: %s', (checks, kind) => {
  const { health } = connect({ ...two, ...(checks && { checks }) }).state() ?? {};

  expect(health && typeof health.isResting).toBe(kind);
});

// Each attempt fails at once.
const refused = { connect: { code: 'ECONNREFUSED' } };
test.each<[string, object, object, number]>([
  ['each node once', two, {}, 2],
  ['as often as the upstream says', { ...two, retries: 4 }, {}, 5],
  ['as often as the route says', { ...two, retries: 4 }, { retries: 2, isWritten: true }, 3],
  ['once where the route says so', { ...two, retries: 4 }, { retries: 0, isWritten: true }, 1],
])('a request is sent to %s', async (_, written, retry, count) => {
  const { call, pool } = connect(written, { ...refused, retry });
  await call().catch(() => undefined);

  expect(pool.connections).toHaveLength(count);
});

// Pauses grow from 50 ms; the clock of the test stands still.
test.each([
  [{ retry_timeout: 0.15 }, {}, [0, 50, 100]],
  [{}, { retryTimeoutMs: 60 }, [0, 50]],
  [{ retry_timeout: 0.15 }, { retryTimeoutMs: 60 }, [0, 50]],
])('with %j, and %j of the route, the pauses are %j', async (own, retry, pauses) => {
  const { call, slept } = connect({ ...two, ...own, retries: 5 }, { ...refused, retry });
  await call().catch(() => undefined);

  expect(slept).toEqual(pauses);
});

describe('times', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance'] }));
  afterEach(() => jest.useRealTimers());

  const timeout = { connect: 1, send: 2, read: 3 };
  const longest = { connect: 500, send: 500, read: 500 };
  const never = { connect: 'never' } as const;
  const silent = { answers: [['HTTP/1.1 200 OK\r\n\r\nx']] };
  test.each<[string, object, Parts, number, string]>([
    ['to connect', { timeout }, never, 1000, 'no connection within 1000 ms'],
    ['until the headers', { timeout }, {}, 6000, 'no response headers within 6000 ms'],
    ['until the headers', { timeout: longest }, {}, 900_000, 'no response headers within'],
    ['of silence', { timeout }, silent, 3000, 'silent for 3000 ms'],
    [
      "that the route's timeout says",
      { timeout: longest },
      { ...never, retry: { timeout } },
      1000,
      '1000',
    ],
    ['of a minute', {}, {}, 60_000, 'no response headers within 60000 ms'],
  ])('are %s', async (_, own, parts, ms, words) => {
    const { call } = connect({ ...two, ...own, retries: 0 }, parts);
    let failure: unknown;
    const made = (async () => {
      const { body } = await call();
      for await (const _chunk of body as AsyncIterable<Buffer>);
    })();
    made.catch((error: unknown) => {
      failure = error;
    });
    // Until the connection has played all that it does.
    for (let turn = 0; turn < 10; turn += 1) await setImmediate();
    await jest.advanceTimersByTimeAsync(ms - 1);
    expect(failure).toBeUndefined();
    await jest.advanceTimersByTimeAsync(2);

    expect(String(failure)).toContain(words);
  });
});

test.each<[unknown, string[]]>([
  [[{ host: '::1', port: 8443, weight: 1 }], ['[::1]:8443']],
  [[{ host: '[::1]', weight: 1 }], ['[::1]:443']],
  [[{ host: a, port: 8443, weight: 2, priority: -1_000_000 }], [`${a}:8443`]],
  [{ [a]: 0, [b]: 1 }, [`${b}:443`]],
])('of the nodes %j are called: %j', (nodes, names) => {
  const parsed = parseNodes(parse({ ...two, nodes }), toAllowedHosts(allowedHosts), '');

  expect(parsed.nodes.map(({ name }) => name)).toEqual(names);
});

test('a node is called under the name that the document writes for it', () => {
  const config = parse({ ...two, nodes: { [b]: 1 }, pass_host: 'rewrite', upstream_host: a });
  const [node] = parseNodes(config, toAllowedHosts(allowedHosts), '').nodes;

  expect(node).toMatchObject({ target: { host: a, hostname: b }, serverName: a });
});

test('a node of a list that is no host is named by its place', () => {
  const config = parse({ ...two, nodes: [{ host: 'a/b', weight: 1 }] });

  expect(String(thrownBy(() => parseNodes(config, [], '/upstream')))).toContain(
    'at /upstream/nodes/0/host',
  );
});

test('what a document does not say has the values of APISIX', () => {
  const successes = [...range(200, 208), 226, ...range(300, 308)];
  const { passive } = parse({ ...two, checks: { passive: {} } }).checks ?? {};

  expect(passive).toEqual({
    healthy: { http_statuses: successes, successes: 5 },
    unhealthy: { http_statuses: [429, 500, 503], http_failures: 5, tcp_failures: 2, timeouts: 7 },
  });
  expect(parse(two)).toMatchObject({
    ...{ type: 'roundrobin', hash_on: 'vars', retry_timeout: 0, tls: { verify: true } },
    keepalive_pool: { size: 320, idle_timeout: 60 },
  });
});

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

test.each<[object, boolean]>([
  ...['roundrobin', 'ewma', 'least_conn'].map((type) => [{ type }, true] as [object, boolean]),
  ...['vars', 'header', 'cookie', 'vars_combinations'].map(
    (hash_on) => [{ type: 'chash', key: 'k', hash_on }, true] as [object, boolean],
  ),
  ...['http', 'https', 'tcp'].map(
    (type) => [{ checks: { passive: { type } } }, true] as [object, boolean],
  ),
  ...['pass', 'node'].map((pass_host) => [{ pass_host }, true] as [object, boolean]),
  [{ type: 'chash', hash_on: 'consumer' }, true],
  [{ type: 'chash' }, false],
  [{ pass_host: 'rewrite', upstream_host: a }, true],
  [{ pass_host: 'rewrite' }, false],
  [{ id: 'a.b-c_1' }, true],
  [{ id: 7 }, true],
  [{ id: 'a/b' }, false],
  [{ id: 'x'.repeat(65) }, false],
  [{ id: true }, false],
  [{ nodes: [{ host: a, weight: 1, priority: -1 }] }, true],
  [{ nodes: 'a' }, false],
  [{ nodes: undefined }, false],
])('%j is valid: %s', (more, isValid) => {
  expect(v.safeParse(upstreamSchema, { ...two, ...more }).success).toBe(isValid);
});

test('a status that is listed twice is named', () => {
  const passive = { healthy: { http_statuses: [200, 200] } };
  const { issues = [] } = v.safeParse(upstreamSchema, { ...two, checks: { passive } });

  expect(issues.map(({ message }) => message).join()).toContain('status');
});

test('a request reaches the node', async () => {
  expect((await connect(two, { answers: [[plain('x')]] }).call()).status).toBe(200);
});
