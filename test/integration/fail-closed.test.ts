/** What lacks something fails closed: an environment that refreshes and a fresh one answer the same, and no older version. */
import { type Artefact, type ArtefactOptions, root, startArtefact } from '../support/artefact.ts';
import { type ClientRequest, send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { wholeTest } from '../support/sample.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const post = (target: string): ClientRequest => ({ method: 'POST', target, body: '{}' });
const webhook = (secret: string) => ({ 'webhook-auth': { preset: 'github', secrets: [secret] } });

const env = { COUNTERSIGN_SECRET_PATHS: '/elsewhere' };

let upstream: Upstream;
/** One environment for all tests, each of which has documents and paths of its own. */
let warm: Artefact;
/** What the warm environment has answered. A fresh one is asked the same at the end. */
const asked: (readonly [ClientRequest, string])[] = [];
let puts = 0;

const route = (uri: string, plugins: object = {}) => ({
  uri,
  plugins: {
    ...plugins,
    'aws-lambda': { function_uri: upstream.url, authorization: { iam: {} } },
  },
});

/** Writes documents, and waits until the warm environment has a table of them. */
async function put({ routes = {}, consumers = {}, secrets = {} }: ArtefactOptions) {
  for (const [name, value] of Object.entries(secrets)) warm.putText(`secrets/${name}`, value);
  for (const [name, document] of Object.entries(consumers)) warm.putConsumer(name, document);
  for (const [id, document] of Object.entries(routes)) warm.putRoute(id, document);
  // A read of several pages may see the last document without those before it. The next read sees all of them.
  for (const _ of ['this read', 'the next one']) {
    puts += 1;
    warm.putRoute('put', route(`/put/${puts}`));
    await expectWarm(post(`/put/${puts}`), '200');
  }
}

const startFresh = () =>
  startArtefact({ env: { ...env, AWS_ENDPOINT_URL_SSM: warm.store.url }, reloads: true });

async function answerOf({ url }: Artefact, request: ClientRequest): Promise<string> {
  const response = await send(url, request);
  return `${response.status} ${response.header('countersign-error') ?? ''}`.trim();
}

const expectWarm = (request: ClientRequest, expected: string) =>
  eventually(async () => (await answerOf(warm, request)) === expected);

/** Once the warm environment answers as expected, a fresh one is asked the same, at the end. */
async function expectBoth(request: ClientRequest, expected: string): Promise<void> {
  await expectWarm(request, expected);
  asked.push([request, expected]);
}

beforeAll(async () => {
  upstream = await startUpstream();
  warm = await startArtefact({ env, reloads: true, maxEnvironments: 1 });
});

afterAll(() => Promise.all([warm.close(), upstream.close()]));

const unavailable = '503 ROUTES_UNAVAILABLE';

it('an access plugin whose secret is deleted: the earlier open version does not return, and writing the secret again is enough', async () => {
  await put({ routes: { hook: route('/hook') }, secrets: { hook: 'h00k' } });
  warm.putRoute('hook', route('/hook', webhook('$secret://ssm/hook')));
  await expectWarm(post('/hook'), '401 UNAUTHENTICATED');
  const sent = upstream.received.length;

  warm.store.call('DeleteParameter', { Name: `${root}/secrets/hook` });

  await expectWarm(post('/hook'), unavailable);
  const fresh = await startFresh();
  const response = await send(fresh.url, post('/hook'));
  expect(await answerOf(fresh, post('/hook'))).toBe(unavailable);
  expect(response.header('retry-after')).toBe('10');
  expect(response.text()).not.toContain('hook"');
  const missing = { pointer: '/plugins/webhook-auth/secrets/0', found: '"$secret://ssm/hook"' };
  for (const environment of [warm, fresh]) {
    const line = await environment.logged({
      event: 'invalid-document',
      message: 'a document cannot be fulfilled; route hook answers 503',
    });
    expect(line).toMatchObject({
      version: 2,
      fault: 'unfulfilled',
      inForce: null,
      issues: [{ ...missing, isUnfulfilled: true }],
      unavailableRoutes: ['hook'],
    });
    expect(environment.text()).not.toContain('stays in force');
  }
  expect(upstream.received).toHaveLength(sent);

  warm.putText('secrets/hook', 'h00k');
  await expectWarm(post('/hook'), '401 UNAUTHENTICATED');
  await eventually(async () => (await answerOf(fresh, post('/hook'))) === '401 UNAUTHENTICATED');
});

wholeTest('an access plugin with an absolute reference to a missing secret', async () => {
  await put({ routes: { absolute: route('/absolute') } });
  warm.putRoute('absolute', route('/absolute', webhook('$secret://ssm//elsewhere/hook')));

  await expectBoth(post('/absolute'), unavailable);
});

wholeTest(
  'an authorizer whose address is a reference that does not resolve, or is not allowed',
  async () => {
    await put({ routes: { lost: route('/lost'), inside: route('/inside') } });
    warm.putRoute('lost', route('/lost', { 'forward-auth': { uri: '$secret://ssm/authorizer' } }));
    warm.putRoute('inside', route('/inside', { 'forward-auth': { uri: 'https://10.0.0.1/' } }));

    await expectBoth(post('/lost'), unavailable);
    await expectBoth(post('/inside'), unavailable);
  },
);

it('a limit that counts in a table, where no table is named', async () => {
  await put({ routes: { limit: route('/limit') } });
  const limit = { count: 1, time_window: 60, policy: 'dynamodb' };
  warm.putRoute('limit', route('/limit', { 'limit-count': limit }));

  await expectBoth(post('/limit'), unavailable);
});

it('of an array only the route that lacks something, and no wider route takes over its path', async () => {
  await put({ routes: { all: route('/array/*') } });
  warm.putRoute('shop', [
    { id: 'well', ...route('/array/well', { 'key-auth': {} }) },
    { id: 'ill', ...route('/array/ill', webhook('$env://COUNTERSIGN_VAR_GONE')) },
  ]);

  await expectBoth(post('/array/ill'), unavailable);
  await expectBoth(post('/array/well'), '401 UNAUTHENTICATED');
});

it('a consumer whose secret is missing is refused with its new key and with the leaked one', async () => {
  await put({
    routes: { keyed: route('/keyed', { 'key-auth': {} }) },
    consumers: { ann: { plugins: { 'key-auth': { key: 'LEAKED' } } } },
    secrets: { ann: 'NEW' },
  });
  const withKey = (key: string) => ({ ...post('/keyed'), headers: [['apikey', key]] as const });
  warm.putConsumer('ann', { plugins: { 'key-auth': { key: '$secret://ssm/ann' } } });
  await expectWarm(withKey('NEW'), '200');
  expect(await answerOf(warm, withKey('LEAKED'))).toBe('401 UNAUTHENTICATED');

  warm.store.call('DeleteParameter', { Name: `${root}/secrets/ann` });

  await expectWarm(withKey('NEW'), '401 UNAUTHENTICATED');
  const fresh = await startFresh();
  for (const environment of [warm, fresh]) {
    expect(await answerOf(environment, withKey('NEW'))).toBe('401 UNAUTHENTICATED');
    expect(await answerOf(environment, withKey('LEAKED'))).toBe('401 UNAUTHENTICATED');
    await environment.logged({
      message: 'a document cannot be fulfilled; consumer ann is refused',
      inForce: null,
    });
  }

  warm.putText('secrets/ann', 'NEW');
  await expectWarm(withKey('NEW'), '200');
  await eventually(async () => (await answerOf(fresh, withKey('NEW'))) === '200');
});

describe('a malformed version', () => {
  it('that names an access plugin which the last valid one lacks: 503, and the log names it', async () => {
    await put({ routes: { lacks: route('/lacks') } });
    warm.putRoute('lacks', { ...route('/lacks', { 'key-auth': {} }), prioritty: 1 });

    await expectWarm(post('/lacks'), unavailable);
    const fresh = await startFresh();
    expect(await answerOf(fresh, post('/lacks'))).toBe(unavailable);
    for (const environment of [warm, fresh]) {
      await environment.logged({
        message:
          'a document is invalid; version 1 lacks key-auth, which version 2 asks for: route lacks answers 503',
        inForce: null,
        lastValid: 1,
      });
    }

    warm.putRoute('lacks', route('/lacks'));
    await expectWarm(post('/lacks'), '200');
  });

  const mistypes = {
    'ends in a comma': (text: string) => `${text.slice(0, -1)},}`,
    'misspells its name': (text: string) => text.replace('key-auth', 'key-ath'),
    'has it beside the plugins': (text: string) => `${text.slice(0, -1)},"key-auth":{}}`,
  };
  it.each(Object.entries(mistypes))(
    'that names an access plugin, and %s',
    async (what, mistype) => {
      const id = what.replaceAll(' ', '-');
      await put({ routes: { [id]: route(`/${id}`) } });
      expect(await answerOf(warm, post(`/${id}`))).toBe('200');
      warm.putText(`routes/${id}`, mistype(JSON.stringify(route(`/${id}`, { 'key-auth': {} }))));

      await expectBoth(post(`/${id}`), unavailable);
    },
  );

  wholeTest('that is switched off', async () => {
    await put({ routes: { off: route('/off') } });
    warm.putRoute('off', { ...route('/off'), status: 0, prioritty: 1 });

    await expectBoth(post('/off'), unavailable);
  });

  wholeTest('that is not JSON, after one that named an access plugin', async () => {
    await put({ routes: { brace: route('/brace') } });
    warm.putRoute('brace', { ...route('/brace', { 'key-auth': {} }), prioritty: 1 });
    warm.putText('routes/brace', '{');

    await expectBoth(post('/brace'), unavailable);
  });

  wholeTest(
    'of a consumer, that names an access plugin of its own which the last valid one lacks',
    async () => {
      const credential = { 'key-auth': { key: 'k' } };
      await put({
        routes: { own: route('/own', { 'key-auth': {} }) },
        consumers: { eve: { plugins: credential } },
      });
      const request = { ...post('/own'), headers: [['apikey', 'k']] as const };
      expect(await answerOf(warm, request)).toBe('200');
      const guard = { 'ip-restriction': { whitelist: ['10.0.0.0/8'] } };
      warm.putConsumer('eve', { plugins: { ...credential, ...guard }, grup: 'staff' });

      await expectBoth(request, '401 UNAUTHENTICATED');
    },
  );

  it('that asks for no more than the last valid one leaves that in force', async () => {
    await put({ routes: { stays: route('/stays', { 'key-auth': {} }) } });
    warm.putRoute('stays', { ...route('/stays', { 'key-auth': {} }), prioritty: 1 });

    await warm.logged({ message: 'a document is invalid; version 1 stays in force', inForce: 1 });
    await expectBoth(post('/stays'), '401 UNAUTHENTICATED');
  });
});

it('a fresh environment answers all these requests as the one that refreshes', async () => {
  const fresh = await startFresh();
  for (const [request, expected] of asked) {
    const answer = await answerOf(fresh, request);
    expect([request.target, answer]).toEqual([request.target, expected]);
  }
});
