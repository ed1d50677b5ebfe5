/** What lacks something fails closed: an environment that refreshes and a fresh one answer the same, and no older version. */
import { type Artefact, root, startArtefact } from '../support/artefact.ts';
import { type ClientRequest, send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const post = (target: string): ClientRequest => ({ method: 'POST', target, body: '{}' });
const webhook = (secret: string) => ({ 'webhook-auth': { preset: 'github', secrets: [secret] } });

const env = { COUNTERSIGN_SECRET_PATHS: '/elsewhere' };

let upstream: Upstream;
let warm: Artefact;
const others: Artefact[] = [];

const route = (uri: string, plugins: object = {}) => ({
  uri,
  plugins: {
    ...plugins,
    'aws-lambda': { function_uri: upstream.url, authorization: { iam: {} } },
  },
});

/** One environment, which has read its table once by the time that this returns. */
const start = async (options: Parameters<typeof startArtefact>[0]) => {
  warm = await startArtefact({ ...options, env, maxEnvironments: 1 });
};

const startFresh = async () => {
  const fresh = await startArtefact({ env: { ...env, AWS_ENDPOINT_URL_SSM: warm.store.url } });
  others.push(fresh);
  return fresh;
};

async function answerOf({ url }: Artefact, request: ClientRequest): Promise<string> {
  const response = await send(url, request);
  return `${response.status} ${response.header('countersign-error') ?? ''}`.trim();
}

/** Once the warm environment answers as expected, a fresh one is asked the same. */
async function expectBoth(request: ClientRequest, expected: string): Promise<Artefact> {
  await eventually(async () => (await answerOf(warm, request)) === expected);
  const fresh = await startFresh();
  expect(await answerOf(fresh, request)).toBe(expected);
  return fresh;
}

beforeEach(async () => {
  upstream = await startUpstream();
});

afterEach(() =>
  Promise.all([warm.close(), upstream.close(), ...others.splice(0).map((other) => other.close())]),
);

const unavailable = '503 ROUTES_UNAVAILABLE';

it('an access plugin whose secret is deleted: the earlier open version does not return, and writing the secret again is enough', async () => {
  await start({ routes: { hook: route('/hook') }, secrets: { hook: 'h00k' } });
  warm.putRoute('hook', route('/hook', webhook('$secret://ssm/hook')));
  await eventually(async () => (await answerOf(warm, post('/hook'))) === '401 UNAUTHENTICATED');
  const sent = upstream.received.length;

  warm.store.call('DeleteParameter', { Name: `${root}/secrets/hook` });

  const fresh = await expectBoth(post('/hook'), unavailable);
  const response = await send(fresh.url, post('/hook'));
  expect(response.header('retry-after')).toBe('10');
  expect(response.text()).not.toContain('hook"');
  for (const environment of [warm, fresh]) {
    const line = await environment.logged({ event: 'invalid-document', version: 2 });
    expect(line).toMatchObject({
      message: 'a document cannot be fulfilled; route hook answers 503',
      fault: 'unfulfilled',
      inForce: null,
      issues: [
        {
          pointer: '/plugins/webhook-auth/secrets/0',
          found: '"$secret://ssm/hook"',
          isUnfulfilled: true,
        },
      ],
      unavailableRoutes: ['hook'],
    });
    expect(environment.text()).not.toContain('stays in force');
  }
  expect(upstream.received).toHaveLength(sent);

  warm.putText('secrets/hook', 'h00k');
  await eventually(async () => (await answerOf(warm, post('/hook'))) === '401 UNAUTHENTICATED');
  await eventually(async () => (await answerOf(fresh, post('/hook'))) === '401 UNAUTHENTICATED');
});

it('an access plugin with an absolute reference to a missing secret', async () => {
  await start({ routes: { hook: route('/hook') } });
  warm.putRoute('hook', route('/hook', webhook('$secret://ssm//elsewhere/hook')));

  await expectBoth(post('/hook'), unavailable);
});

it('an authorizer whose address is a reference that does not resolve, or is not allowed', async () => {
  await start({ routes: { a: route('/a'), b: route('/b') } });
  warm.putRoute('a', route('/a', { 'forward-auth': { uri: '$secret://ssm/authorizer' } }));
  warm.putRoute('b', route('/b', { 'forward-auth': { uri: 'https://10.0.0.1/check' } }));

  await expectBoth(post('/a'), unavailable);
  await expectBoth(post('/b'), unavailable);
});

it('a limit that counts in a table, where no table is named', async () => {
  await start({ routes: { a: route('/a') } });
  const limit = { count: 1, time_window: 60, policy: 'dynamodb' };
  warm.putRoute('a', route('/a', { 'limit-count': limit }));

  await expectBoth(post('/a'), unavailable);
});

it('of an array only the route that lacks something, and no wider route takes over its path', async () => {
  await start({ routes: { all: route('/*') } });
  warm.putRoute('shop', [
    { id: 'well', ...route('/well', { 'key-auth': {} }) },
    { id: 'ill', ...route('/ill', webhook('$env://COUNTERSIGN_VAR_GONE')) },
  ]);

  await expectBoth(post('/ill'), unavailable);
  await expectBoth(post('/well'), '401 UNAUTHENTICATED');
});

it('a consumer whose secret is missing is refused with its new key and with the leaked one', async () => {
  await start({
    routes: { a: route('/a', { 'key-auth': {} }) },
    consumers: { ann: { plugins: { 'key-auth': { key: 'LEAKED' } } } },
    secrets: { ann: 'NEW' },
  });
  const withKey = (key: string) => ({ ...post('/a'), headers: [['apikey', key]] as const });
  warm.putConsumer('ann', { plugins: { 'key-auth': { key: '$secret://ssm/ann' } } });
  await eventually(async () => (await answerOf(warm, withKey('NEW'))) === '200');
  expect(await answerOf(warm, withKey('LEAKED'))).toBe('401 UNAUTHENTICATED');

  warm.store.call('DeleteParameter', { Name: `${root}/secrets/ann` });

  const fresh = await expectBoth(withKey('NEW'), '401 UNAUTHENTICATED');
  for (const environment of [warm, fresh]) {
    expect(await answerOf(environment, withKey('LEAKED'))).toBe('401 UNAUTHENTICATED');
    await environment.logged({
      message: 'a document cannot be fulfilled; consumer ann is refused',
      inForce: null,
    });
  }

  warm.putText('secrets/ann', 'NEW');
  await eventually(async () => (await answerOf(warm, withKey('NEW'))) === '200');
  await eventually(async () => (await answerOf(fresh, withKey('NEW'))) === '200');
});

describe('a malformed version', () => {
  it('that names an access plugin which the last valid one lacks: 503, and the log names it', async () => {
    await start({ routes: { a: route('/a') } });
    warm.putRoute('a', { ...route('/a', { 'key-auth': {} }), prioritty: 1 });

    const fresh = await expectBoth(post('/a'), unavailable);
    for (const environment of [warm, fresh]) {
      await environment.logged({
        message:
          'a document is invalid; version 1 lacks key-auth, which version 2 asks for: route a answers 503',
        inForce: null,
        lastValid: 1,
      });
    }

    warm.putRoute('a', route('/a'));
    await eventually(async () => (await answerOf(warm, post('/a'))) === '200');
  });

  it.each([
    ['is no JSON by a comma', (text: string) => `${text.slice(0, -1)},}`],
    ['has a typing error in its name', (text: string) => text.replace('key-auth', 'key-ath')],
    ['stands beside the plugins', (text: string) => `${text.slice(0, -1)},"key-auth":{}}`],
  ])('that names an access plugin, and %s', async (_, mistype) => {
    await start({ routes: { a: route('/a') } });
    expect(await answerOf(warm, post('/a'))).toBe('200');
    warm.putText('routes/a', mistype(JSON.stringify(route('/a', { 'key-auth': {} }))));

    await expectBoth(post('/a'), unavailable);
  });

  it('that is switched off', async () => {
    await start({ routes: { a: route('/a') } });
    warm.putRoute('a', { ...route('/a'), status: 0, prioritty: 1 });

    await expectBoth(post('/a'), unavailable);
  });

  it('that is not JSON, after one that named an access plugin', async () => {
    await start({ routes: { a: route('/a') } });
    warm.putRoute('a', { ...route('/a', { 'key-auth': {} }), prioritty: 1 });
    warm.putText('routes/a', '{');

    await expectBoth(post('/a'), unavailable);
  });

  it('of a consumer, that names an access plugin of its own which the last valid one lacks', async () => {
    const credential = { 'key-auth': { key: 'k' } };
    await start({
      routes: { a: route('/a', { 'key-auth': {} }) },
      consumers: { ann: { plugins: credential } },
    });
    const request = { ...post('/a'), headers: [['apikey', 'k']] as const };
    expect(await answerOf(warm, request)).toBe('200');
    const guard = { 'ip-restriction': { whitelist: ['10.0.0.0/8'] } };
    warm.putConsumer('ann', { plugins: { ...credential, ...guard }, grup: 'staff' });

    await expectBoth(request, '401 UNAUTHENTICATED');
  });

  it('that asks for no more than the last valid one leaves that in force', async () => {
    await start({ routes: { a: route('/a', { 'key-auth': {} }) } });
    warm.putRoute('a', { ...route('/a', { 'key-auth': {} }), prioritty: 1 });

    await warm.logged({ message: 'a document is invalid; version 1 stays in force', inForce: 1 });
    await expectBoth(post('/a'), '401 UNAUTHENTICATED');
  });
});
