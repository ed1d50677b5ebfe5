/** An upstream of several nodes: which node each try goes to, what is sent there, and what is noted of it. */
import { ProxyError } from '../../functions/proxy/http/errors.ts';
import { gatherBody } from '../../functions/proxy/send/gather.ts';
import { StaleConnectionError } from '../../functions/proxy/send/send-errors.ts';
import {
  type BalancedSettings,
  createBalancedUpstream,
} from '../../functions/proxy/upstream/balance/balanced-upstream.ts';
import type { Measured, Picker } from '../../functions/proxy/upstream/balance/node.ts';
import type { UpstreamOptions } from '../../functions/proxy/upstream/call.ts';
import { rejectionOf, toExchange, toRequest, toServices, toTarget } from '../support/builders.ts';
import { parseRequest } from '../support/fake-pool.ts';
import {
  createPlayedPool,
  type PlayedPool,
  type PlayedPoolOptions,
  type PlayedStep,
} from '../support/played-pool.ts';
import { plain } from '../support/raw-upstream.ts';

const ok = [plain('x')];
const busy = ['HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n'];
const reset: PlayedStep[] = [{ code: 'ECONNRESET' }];
const config = {
  ...{ function_uri: '', timeout: 3000, ssl_verify: true, keepalive: true, keepalive_pool: 5 },
  ...{ keepalive_timeout: 60_000, max_req_body_size: 10 },
};
const options = {
  ...{ config, target: toTarget(undefined), forwardAs: '', apiKey: undefined },
} satisfies UpstreamOptions;

interface Rig extends Partial<BalancedSettings> {
  /** What each node answers; the last node answers for all behind it. */
  readonly answers: readonly (readonly PlayedStep[])[];
  readonly pools?: Partial<PlayedPoolOptions>;
}

const used: PlayedPool[] = [];
afterEach(() => {
  for (const pool of used.splice(0)) for (const each of pool.connections) each.destroy();
});

/** An upstream of nodes that are picked in order. */
function create({ answers, pools: played = {}, ...settings }: Rig) {
  const notes: unknown[] = [];
  const measured: Measured[] = [];
  const slept: number[] = [];
  const pools = answers.map((steps) => createPlayedPool({ answers: [steps], ...played }));
  used.push(...pools);
  const nodes = pools.map((pool, index) => {
    const host = `n${index}.internal.example`;
    const target = toTarget(`https://${host}/`, '*.internal.example');
    return { name: `n${index}`, weight: 1, priority: 0, target, pool };
  });
  const picker: Picker = {
    pick: (candidates, key) => {
      notes.push(`pick ${candidates.map(({ name }) => name)} ${key}`);
      return candidates[0] as (typeof candidates)[number];
    },
    begin: (name) => notes.push(`begin ${name}`),
    end: (name) => notes.push(`end ${name}`),
    measure: (name, how) => {
      notes.push(`measure ${name}`);
      measured.push(how);
    },
  };
  const health = {
    isResting: () => false,
    report: (name: string, report: unknown) => notes.push(`report ${name} ${report}`),
  };
  const services = {
    ...toServices(),
    sleep: async (ms: number) => {
      slept.push(ms);
    },
  };
  const upstream = createBalancedUpstream(
    {
      ...{ nodes, state: { picker, health }, retries: 0, retryTimeoutMs: 0, times: undefined },
      ...{ readKey: () => 'key', ...settings },
    },
    services,
  );
  const exchange = toExchange({
    deadlineMs: services.now() + 900_000,
    request: toRequest({ path: '/p', query: 'q=1', headers: { authorization: 'Basic eA==' } }),
    rest: 'rest',
  });
  const sent = () => pools.flatMap((pool) => pool.requests.map((raw) => parseRequest(raw)));
  return { upstream, exchange, notes, measured, slept, pools, sent };
}

test("as it is, a node gets the client's path and its Authorization", async () => {
  const { upstream, exchange, sent } = create({ answers: [ok] });
  const response = await upstream.call(exchange);

  expect([response.status, String(response.body)]).toEqual([200, 'x']);
  const [{ line, header } = parseRequest()] = sent();
  expect([line, header('host'), header('authorization')]).toEqual([
    'GET /p?q=1 HTTP/1.1',
    ['n0.internal.example'],
    ['Basic eA=='],
  ]);
});

test('a body that no function URL takes is refused before a node is chosen', async () => {
  const { upstream, exchange, notes } = create({ answers: [ok] });
  const request = { ...exchange.request, body: { length: 6_291_557 } as Buffer };

  expect(await rejectionOf((async () => upstream.call({ ...exchange, request }))())).toMatchObject({
    code: 'BODY_TOO_LARGE',
  });
  expect(notes).toEqual([]);
});

test("in place of a plugin's own host, what the plugin adds is made once for each node", async () => {
  const { upstream, exchange, sent } = create({ answers: [ok] });
  const asked: string[] = [];
  const own: UpstreamOptions = {
    ...{ ...options, target: toTarget('https://own.internal.example/b?k=1', '*.internal.example') },
    apiKey: 'the-key',
    authorizeFor: (target) => {
      asked.push(`${target.host}${target.basePath}`);
      return {};
    },
  };
  for (const each of [own, own, { ...own }]) await upstream.callAs(exchange, each);

  expect(asked).toEqual(['n0.internal.example/b', 'n0.internal.example/b']);
  const [{ line, header } = parseRequest()] = sent();
  expect([line, header('x-api-key')]).toEqual(['GET /b/rest?k=1&q=1 HTTP/1.1', ['the-key']]);
});

test.each<[string, Rig, string[], number[]]>([
  ['each node once, without a pause', { answers: [reset, ok], retries: 3 }, ['n0', 'n1'], [0]],
  [
    'all nodes, and then any with pauses',
    { answers: [reset, reset], retries: 3 },
    ['n0', 'n1', 'n0', 'n0'],
    [0, 50, 100],
  ],
  ['no other node where there are no retries', { answers: [reset, ok] }, ['n0'], []],
])('a request that fails goes to %s', async (_, rig, names, pauses) => {
  const { upstream, exchange, notes, slept } = create(rig);
  await upstream.call(exchange).catch(() => undefined);

  expect(notes.filter((note) => /^begin/.test(String(note)))).toEqual(
    names.map((name) => `begin ${name}`),
  );
  expect(exchange.record.upstream).toBe(names.at(-1));
  expect(slept).toEqual(pauses);
});

test.each([
  [[503], ['n0', 'n1']],
  [undefined, ['n0']],
])(
  'a status is a reason for another node where the plugin lists it: %j',
  async (retryOn, names) => {
    const { upstream, exchange, notes } = create({ answers: [busy, busy], retries: 1 });
    const { status } = await upstream.callAs(exchange, { ...options, ...(retryOn && { retryOn }) });

    expect(status).toBe(503);
    expect(notes.filter((note) => /^begin/.test(String(note)))).toHaveLength(names.length);
  },
);

test('a kept connection that had died is replaced by one to the same node', async () => {
  const pools = { isConnectedAhead: true, answers: [reset, ok] };
  const { upstream, exchange, notes, pools: all } = create({ answers: [ok, ok], pools });

  expect((await upstream.call(exchange)).status).toBe(200);
  expect(all.map((pool) => pool.closed())).toEqual([1, 0]);
  expect(notes).toEqual([
    ...['pick n0,n1 key', 'begin n0', 'end n0'],
    ...['begin n0', 'measure n0', 'report n0 200', 'end n0'],
  ]);
});

test('the node of a retry is as firm as the first one', async () => {
  const pools = { isConnectedAhead: true, answers: [reset, reset, ok] };
  const { upstream, exchange, notes } = create({ answers: [ok, ok], pools, retries: 1 });

  expect(await rejectionOf(Promise.resolve(upstream.call(exchange)))).toBeInstanceOf(ProxyError);
  expect(notes.filter((note) => /^begin/.test(String(note)))).toEqual([
    ...['begin n0', 'begin n0', 'begin n1', 'begin n1'],
  ]);
});

test('an answer is measured and reported, and its node is busy until it has been read', async () => {
  const endless = ['HTTP/1.1 200 OK\r\n\r\nx', 'end' as const];
  const { upstream, exchange, notes, measured } = create({ answers: [endless] });
  const response = await upstream.call(exchange);

  expect(notes).toEqual(['pick n0 key', 'begin n0', 'measure n0', 'report n0 200']);
  await gatherBody(response);
  expect(notes.slice(4)).toEqual(['end n0']);
  expect(measured).toEqual([{ tookMs: expect.any(Number), hasFailed: false }]);
  expect(measured[0]?.tookMs).toBeGreaterThanOrEqual(0);
  expect(measured[0]?.tookMs).toBeLessThan(performance.now());
});

const stale = { cause: new StaleConnectionError('x') };
test.each<[string, Error, string | undefined]>([
  ['a timeout', new ProxyError('UPSTREAM_TIMEOUT', 'x'), 'timeouts'],
  ['a refused connection', new ProxyError('UPSTREAM_UNREACHABLE', 'x'), 'tcp_failures'],
  ['a cut', new ProxyError('UPSTREAM_CUT', 'x'), 'tcp_failures'],
  ['no HTTP', new ProxyError('UPSTREAM_INVALID_RESPONSE', 'x'), 'tcp_failures'],
  ['an old connection', new ProxyError('UPSTREAM_UNREACHABLE', 'x', stale), undefined],
  ['a refused signature', new ProxyError('UPSTREAM_SIGNATURE_REJECTED', 'x'), undefined],
  ['a bug', new TypeError('a bug'), undefined],
])('%s is reported of the node', async (_, error, report) => {
  const { upstream, exchange, notes, measured } = create({ answers: [ok] });
  const inspect = () => {
    throw error;
  };
  const own = { ...options, authorizeFor: () => ({ inspect }) };
  // Of a POST nothing is sent again.
  const request = { ...exchange.request, method: 'POST' };

  expect(await rejectionOf(upstream.callAs({ ...exchange, request }, own))).toBe(error);
  expect(notes.slice(2)).toEqual([
    'end n0',
    ...(report ? ['measure n0', `report n0 ${report}`] : []),
  ]);
  expect(measured.map(({ hasFailed }) => hasFailed)).toEqual(report ? [true] : []);
});

describe('the time of a try', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance'] }));
  afterEach(() => jest.useRealTimers());

  const times = { connectMs: 1000, headersMs: 9000, silenceMs: 500 };
  test.each<[string, 'call' | 'callAs', BalancedSettings['times'], number]>([
    ['a minute', 'call', undefined, 60_000],
    ["that of the plugin's timeout", 'callAs', undefined, 3000],
    ['that of the document', 'call', times, 1000],
    ['that of the document, whatever the plugin says', 'callAs', times, 1000],
  ])('is %s', async (_, how, own, ms) => {
    const pools = { connect: 'never' } as const;
    const { upstream, exchange } = create({ answers: [[]], times: own, pools });
    let failure: unknown;
    const made = how === 'call' ? upstream.call(exchange) : upstream.callAs(exchange, options);
    made.catch((error: unknown) => {
      failure = error;
    });
    await jest.advanceTimersByTimeAsync(ms - 1);
    expect(failure).toBeUndefined();
    await jest.advanceTimersByTimeAsync(1);

    expect(failure).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
  });
});
