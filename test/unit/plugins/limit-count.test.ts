import type { Exchange } from '../../../functions/proxy/chain/exchange.ts';
import type { ProxyError } from '../../../functions/proxy/http/errors.ts';
import { limitCount } from '../../../functions/proxy/plugins/traffic/limit-count.ts';
import { toRequest, toResponse } from '../../support/builders.ts';
import { createListeningTable, type LimitParts, prepareLimit } from '../../support/limit-rig.ts';

const one = { count: 1, time_window: 10 };
const toTeam = (team: string): Partial<Exchange> => ({
  request: toRequest({ headers: { 'x-team': team } }),
});

const from = (clientIp: string) => ({ request: toRequest({ clientIp }) });

/** Each call is a request; the answer is its status and its quota, by name. */
function prepare(config: object, parts: LimitParts = {}) {
  const rig = prepareLimit(limitCount, config, parts);
  const ask = async (exchange: Partial<Exchange> = {}) => {
    try {
      const { status, headers } = await rig.ask(undefined, exchange);
      return { status, headers: Object.fromEntries(headers) };
    } catch (error) {
      const { code, answer, headers, detail } = error as ProxyError;
      return { status: answer?.status ?? code, code, headers, detail };
    }
  };
  return { ...rig, ask, statusOf: async (exchange = {}) => (await ask(exchange)).status };
}

test('so many requests pass in a window, and the next one may when it is over', async () => {
  const { statusOf, clock } = prepare({ count: 2, time_window: 10 });

  expect([await statusOf(), await statusOf(), await statusOf()]).toEqual([201, 201, 503]);
  clock.ms += 9999;
  expect(await statusOf()).toBe(503);
  clock.ms += 1;
  expect([await statusOf(), await statusOf(), await statusOf()]).toEqual([201, 201, 503]);
});

test('each response tells limit, what is left and the seconds until the window is over', async () => {
  const { ask, clock } = prepare({ count: 2, time_window: 10 });
  const quota = (remaining: string, reset: string) => ({
    'x-ratelimit-limit': '2',
    'x-ratelimit-remaining': remaining,
    'x-ratelimit-reset': reset,
  });

  expect((await ask()).headers).toEqual(quota('1', '10'));
  clock.ms += 8500;
  expect((await ask()).headers).toEqual(quota('0', '2'));
  expect((await ask()).headers).toEqual({ ...quota('0', '2'), 'retry-after': '2' });
});

test('a quota that is not shown is not told, and the wait is', async () => {
  const { ask } = prepare({ ...one, show_limit_quota_header: false });

  expect((await ask()).headers).toEqual({});
  expect((await ask()).headers).toEqual({ 'retry-after': '10' });
});

test('the document chooses status and sentence of a refusal', async () => {
  const { ask } = prepare({ ...one, rejected_code: 429, rejected_msg: 'too many' });
  await ask();

  const code = 'RATE_LIMITED';
  expect(await ask()).toMatchObject({ status: 429, code, detail: 'too many' });
});

test.each<[object, Partial<Exchange>, Partial<Exchange>, number]>([
  [{}, from('a'), from('b'), 201],
  [{}, toTeam('a'), toTeam('b'), 503],
  [{ key: 'http_x_team' }, toTeam('a'), toTeam('b'), 201],
  [{ key: 'http_x_team' }, toTeam('a'), toTeam('a'), 503],
  [{ key: 'http_x_team', key_type: 'constant' }, toTeam('a'), toTeam('b'), 503],
  [{ key: 'x', key_type: 'constant' }, from('a'), from('b'), 503],
  [{ key: '$http_x_team', key_type: 'var_combination' }, toTeam('a'), toTeam('b'), 201],
  // A request without a value counts by its address, and a value that is an address does not count with it.
  [{ key: 'http_x_team' }, {}, {}, 503],
  [{ key: 'http_x_team' }, from('a'), from('b'), 201],
  [{ key: 'http_x_team' }, {}, toTeam('undefined'), 201],
  [{ key: 'http_x_team' }, {}, toTeam('192.0.2.7'), 201],
  [{ key: '$http_x_team', key_type: 'var_combination' }, {}, toTeam('192.0.2.7'), 201],
])('by %j the second of two requests is answered %#', async (config, first, second, status) => {
  const { statusOf } = prepare({ ...one, ...config });

  expect(await statusOf(first)).toBe(201);
  expect(await statusOf(second)).toBe(status);
});

test.each([
  [{ key: 'http_x_team' }, false],
  [{ key: '$http_x_team', key_type: 'var_combination' }, false],
  [{ key: '$http_x_team', key_type: 'constant' }, true],
  [{}, true],
])('under %j another spelling of the header goes upstream: %s', async (config, isSent) => {
  const sent: Exchange[] = [];
  const next = async (exchange: Exchange) => {
    sent.push(exchange);
    return toResponse();
  };
  await prepare({ ...one, ...config }, { next }).ask({
    request: toRequest({ headers: { x_team: 'a' } }),
  });

  expect('x_team' in (sent[0]?.request.headers ?? {})).toBe(isSent);
});

describe('rules', () => {
  const rules = [
    { count: 1, time_window: 10, key: '$http_x_team', header_prefix: 'Team' },
    { count: 2, time_window: 60, key: '$remote_addr' },
  ];

  test('each counts by its key, and each that counts tells its quota', async () => {
    const { ask } = prepare({ rules });

    expect(await ask(toTeam('a'))).toEqual({
      status: 201,
      headers: {
        'x-team-ratelimit-limit': '1',
        'x-team-ratelimit-remaining': '0',
        'x-team-ratelimit-reset': '10',
        'x-2-ratelimit-limit': '2',
        'x-2-ratelimit-remaining': '1',
        'x-2-ratelimit-reset': '60',
      },
    });
    expect(await ask(toTeam('a'))).toMatchObject({
      status: 503,
      headers: { 'x-team-ratelimit-remaining': '0', 'retry-after': '10' },
    });
    expect(await ask()).toMatchObject({ status: 201, headers: { 'x-2-ratelimit-remaining': '0' } });
    expect(await ask()).toMatchObject({ status: 503, headers: { 'retry-after': '60' } });
  });

  test('a request that no rule counts passes only where the document says so', async () => {
    const [rule] = rules;
    const closed = prepare({ rules: [rule] });
    const open = prepare({ rules: [rule], allow_degradation: true });

    expect([await closed.statusOf(), await closed.statusOf(toTeam('a'))]).toEqual([
      'ACCESS_UNDECIDED',
      201,
    ]);
    expect([await open.statusOf(), await open.statusOf()]).toEqual([201, 201]);
  });

  test('another spelling of a header that a rule counts by does not go upstream', async () => {
    const sent: Exchange[] = [];
    const next = async (exchange: Exchange) => {
      sent.push(exchange);
      return toResponse();
    };
    await prepare({ rules }, { next }).ask({ request: toRequest({ headers: { x_team: 'a' } }) });

    expect(sent[0]?.request.headers).not.toHaveProperty('x_team');
  });
});

test.each([
  ['one group', { group: 'g' }, { group: 'g' }, 503],
  ['groups of different names', { group: 'g' }, { group: 'h' }, 201],
  ['one group and different windows', { group: 'g' }, { group: 'g', time_window: 20 }, 201],
  ['no group', {}, {}, 201],
])('two limits of %s', async (_, first, second, status) => {
  const own = prepare({ ...one, ...first });
  const { share } = own.services.limits;
  const other = prepare({ ...one, ...second }, { share, parameter: '/routes/other' });

  expect(await own.statusOf()).toBe(201);
  expect(await other.statusOf()).toBe(status);
});

describe('in a table', () => {
  const shared = { ...one, count: 5, policy: 'dynamodb' };

  test('one conditional update counts in an item of the window, which outlives it', async () => {
    const { table, heard } = createListeningTable({ hits: { N: '2' } });
    const { ask, clock } = prepare(shared, { table });
    clock.ms = 1_000_000_001;

    expect(await ask()).toMatchObject({
      status: 201,
      headers: { 'x-ratelimit-remaining': '3', 'x-ratelimit-reset': '10' },
    });
    expect(heard.map(({ update }) => update)).toEqual([
      {
        update: 'ADD hits :one SET expires_at = :expires',
        condition: 'attribute_not_exists(hits) OR hits < :count',
        values: { ':one': { N: '1' }, ':count': { N: '5' }, ':expires': { N: '1000070' } },
      },
    ]);
  });

  test('an item is that of its window, its name and its limit', async () => {
    const { table, heard } = createListeningTable({ hits: { N: '1' } });
    const { ask, clock } = prepare({ ...shared, key: 'http_x_team' }, { table });
    clock.ms = 1_000_000_000;
    await ask(toTeam('a'));
    clock.ms += 9999;
    await ask(toTeam('a'));
    clock.ms += 1;
    await ask(toTeam('a'));
    await ask(toTeam('b'));
    for (const more of [{ parameter: '/other' }, {}]) {
      const other = prepare({ ...shared, key: 'http_x_team' }, { table, ...more });
      other.clock.ms = 1_000_000_000;
      await other.ask(toTeam('a'));
    }

    const [first, ...keys] = heard.map(({ key }) => key);
    expect(keys.map((key) => key === first)).toEqual([true, false, false, false, true]);
    expect(new Set(heard.map(({ key }) => key)).size).toBe(4);
  });

  test('limits of one group count in one item, whatever their routes', async () => {
    const { table, heard } = createListeningTable({ hits: { N: '1' } });
    for (const group of ['g', 'g', 'h', undefined]) {
      const parameter = `/routes/${heard.length}`;
      await prepare({ ...shared, ...(group && { group }) }, { table, parameter }).ask();
    }

    const [first, ...keys] = heard.map(({ key }) => key);
    expect(keys.map((key) => key === first)).toEqual([true, false, false]);
  });

  test('a condition that does not hold is a limit that is reached', async () => {
    const { ask } = prepare(shared, { table: { update: async () => undefined } });

    expect(await ask()).toMatchObject({
      status: 503,
      headers: { 'x-ratelimit-remaining': '0', 'retry-after': '10' },
    });
  });

  test('more hits than the limit are none left', async () => {
    const { table } = createListeningTable({ hits: { N: '9' } });

    expect((await prepare(shared, { table }).ask()).headers).toMatchObject({
      'x-ratelimit-remaining': '0',
    });
  });

  test('a table that does not answer leaves it undecided, or lets the request pass and logs it', async () => {
    const failure = new Error('no answer');
    const table = { update: () => Promise.reject(failure) };
    const closed = await prepare(shared, { table }).ask();
    const open = prepare({ ...shared, allow_degradation: true }, { table });

    expect(closed).toMatchObject({ status: 'ACCESS_UNDECIDED', headers: { 'retry-after': '1' } });
    expect(await open.ask()).toMatchObject({ status: 201, headers: {} });
    expect(open.services.logged).toEqual([
      { message: expect.stringContaining('could not be counted'), fields: { error: failure } },
    ]);
  });
});
