/** So many requests in a window, counted in one environment; the windows are too long to end in a test. */
import { send } from '../../support/client.ts';
import { eventually } from '../../support/eventually.ts';
import { type Guarded, headers, startGuarded } from '../../support/guarded.ts';

const limit = (config: object = {}) => ({
  'limit-count': { count: 2, time_window: 3600, ...config },
});
const by = (key: string, more: object = {}) => limit({ key, count: 1, ...more });
const braced = (name: string) => ['$', `{${name}}`].join('');
const from = { 'real-ip': { source: 'http_from', trusted_addresses: ['127.0.0.1'] } };
const consumer = (key: string, plugins: object = {}) => ({
  plugins: { 'key-auth': { key }, ...plugins },
});

describe('limit-count', () => {
  let guarded: Guarded;
  const statusOf = async (...request: Parameters<Guarded['ask']>) =>
    (await guarded.ask(...request)).status;

  beforeAll(async () => {
    guarded = await startGuarded(
      {
        plain: limit(),
        told: limit({ count: 1, rejected_code: 429, rejected_msg: 'too many' }),
        quiet: limit({ count: 1, show_limit_quota_header: false }),
        short: limit({ count: 1, time_window: 1 }),
        address: { ...from, ...by('remote_addr') },
        header: { ...from, ...by('http_x_tenant') },
        argument: by('arg_userId'),
        cookie: by('cookie_sid'),
        path: by('uri'),
        method: by('request_method'),
        host: by('host'),
        constant: { ...from, ...by('anything at all', { key_type: 'constant' }) },
        pair: by('$http_a $http_b', { key_type: 'var_combination' }),
        consumers: { 'key-auth': {}, ...by('consumer_name') },
        one: by('remote_addr', { group: 'shared' }),
        two: by('remote_addr', { group: 'shared' }),
        three: by('remote_addr', { group: 'other' }),
        own: { 'key-auth': {} },
        rules: {
          'limit-count': {
            rules: [
              { count: 1, time_window: 60, key: '$http_user', header_prefix: 'User' },
              { count: 3, time_window: 3600, key: braced('http_team') },
            ],
            rejected_code: 429,
          },
        },
        broken: { ...limit(), 'aws-lambda': { function_uri: 'http://127.0.0.1:1/' } },
      },
      {
        maxEnvironments: 1,
        reloads: true,
        consumers: {
          ann: consumer('key-1'),
          bob: consumer('key-2'),
          cyd: consumer('key-3', limit({ count: 1 })),
        },
        answer: (_, response) => {
          response.setHeader('x-ratelimit-limit', 'of the upstream').end();
        },
      },
    );
  });

  afterAll(() => guarded.close());

  it('lets so many through, says how many are left, and refuses the next', async () => {
    const answers = [];
    for (let index = 0; index < 3; index += 1) answers.push(await guarded.ask('plain'));

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 503]);
    const quota = answers.map(({ header }) =>
      ['x-ratelimit-limit', 'x-ratelimit-remaining'].map(header).join('/'),
    );
    expect(quota).toEqual(['2/1', '2/0', '2/0']);
    const reset = Number(answers[2]?.header('x-ratelimit-reset'));
    expect(reset).toBeGreaterThan(3000);
    expect(reset).toBeLessThanOrEqual(3600);
    expect(answers[2]?.header('retry-after')).toBe(String(reset));
    expect(answers[2]?.header('countersign-error')).toBe('RATE_LIMITED');
    expect(answers[0]?.header('retry-after')).toBeUndefined();
  });

  it('answers with the status and message of the document', async () => {
    await guarded.ask('told');
    const response = await guarded.ask('told');

    expect(response.status).toBe(429);
    expect(response.json()).toMatchObject({ detail: 'too many', code: 'RATE_LIMITED' });
  });

  it('says nothing of the quota where it is not to', async () => {
    const first = await guarded.ask('quiet');
    const second = await guarded.ask('quiet');

    expect(first.header('x-ratelimit-remaining')).toBeUndefined();
    expect(second.status).toBe(503);
    expect(second.headers.filter(([name]) => name.startsWith('x-ratelimit'))).toEqual([]);
    expect(second.header('retry-after')).toBeDefined();
  });

  it('begins anew when the window is over', async () => {
    await guarded.ask('short');

    await eventually(async () => (await statusOf('short')) === 200);
  });

  // Two that count together, and a third that does not.
  it.each([
    ['address', headers(['from', '192.0.2.1']), headers(['from', '192.0.2.2'])],
    ['address', headers(['from', '2001:db8::1']), headers(['from', '2001:db8:0:1::1'])],
    ['header', headers(['x-tenant', 'a']), headers(['x-tenant', 'b'])],
    ['header', headers(['from', '192.0.2.9']), headers(['x-tenant', '192.0.2.9'])],
    ['argument', { target: '?userId=a' }, { target: '?userId=b' }],
    ['argument', { target: '?userId=' }, { target: '?user=a' }],
    ['cookie', headers(['cookie', 'a=1; sid=x']), headers(['cookie', 'a=1; sid=y'])],
    ['path', { target: '/x' }, { target: '/y' }],
    ['method', { method: 'GET' }, { method: 'POST' }],
    ['host', headers(['host', 'a.example']), headers(['host', 'b.example'])],
    ['pair', headers(['a', 'x y'], ['b', 'z']), headers(['a', 'x'], ['b', 'y z'])],
    ['pair', headers(['a', 'only']), headers(['b', 'only'])],
    ['consumers', headers(['apikey', 'key-1']), headers(['apikey', 'key-2'])],
  ])('counts by %s', async (route, first, other) => {
    expect(await statusOf(route, first)).toBe(200);
    expect(await statusOf(route, first)).toBe(503);
    expect(await statusOf(route, other)).toBe(200);
  });

  it.each([
    ['address', headers(['from', '198.51.100.1']), headers(['from', '::ffff:198.51.100.1'])],
    ['address', headers(['from', '2001:db8:1::']), headers(['from', '2001:DB8:1:0:0:0:0:0'])],
    // A client has at least a /64, and may write any address of it.
    ['address', headers(['from', '2001:db8:2::1']), headers(['from', '2001:db8:2::ffff:2'])],
    ['argument', { target: '?userId=q' }, { target: '?user%49d=%71&user=other' }],
    ['path', { target: '/a/b' }, { target: '//%61///b' }],
    ['host', headers(['host', 'c.example']), headers(['host', 'C.EXAMPLE.:8443'])],
    ['header', headers(['x-tenant', 'cased']), headers(['X-TENANT', 'cased'])],
    ['constant', headers(['from', '192.0.2.1']), headers(['from', '192.0.2.2'])],
  ])('counts %s the same, however it is written', async (route, first, again) => {
    expect(await statusOf(route, first)).toBe(200);
    expect(await statusOf(route, again)).toBe(503);
  });

  it('counts the routes of a group together', async () => {
    const statuses = [];
    for (const route of ['one', 'two', 'three']) statuses.push(await statusOf(route));

    expect(statuses).toEqual([200, 503, 200]);
  });

  it("a consumer's own limit stands in the place of the route's", async () => {
    const cyd = headers(['apikey', 'key-3']);

    expect([await statusOf('own', cyd), await statusOf('own', cyd)]).toEqual([200, 503]);
    expect(await statusOf('own', headers(['apikey', 'key-1']))).toBe(200);
  });

  it('applies each of several rules to its own clients', async () => {
    const ask = (user: string, team: string) =>
      guarded.ask('rules', headers(['user', user], ['team', team]));
    const first = await ask('ann', 'red');

    expect(first.header('x-user-ratelimit-remaining')).toBe('0');
    expect(first.header('x-2-ratelimit-remaining')).toBe('2');
    expect((await ask('ann', 'red')).status).toBe(429);
    expect((await ask('bob', 'red')).status).toBe(200);
    expect((await guarded.ask('rules', headers(['team', 'red']))).status).toBe(200);
    expect((await guarded.ask('rules', headers(['team', 'red']))).status).toBe(429);
    const nobodys = await guarded.ask('rules');
    expect([nobodys.status, nobodys.header('countersign-error')]).toEqual([
      503,
      'ACCESS_UNDECIDED',
    ]);
  });

  it('says how many are left on errors of ours as well', async () => {
    const response = await guarded.ask('broken');

    expect([response.status, response.header('x-ratelimit-remaining')]).toEqual([502, '1']);
  });

  it('goes on counting while other documents are edited', async () => {
    await guarded.ask('address', headers(['from', '203.0.113.1']));
    guarded.artefact.putRoute('another', { uri: '/another' });
    await eventually(
      async () => (await send(guarded.artefact.url, { target: '/another' })).status === 503,
    );

    expect(await statusOf('address', headers(['from', '203.0.113.1']))).toBe(503);
  });
});
