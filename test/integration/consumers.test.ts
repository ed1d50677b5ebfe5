/** Consumers: who they are, what goes upstream and into the log, and edits of them while requests run. */
import { type Artefact, root, startArtefact } from '../support/artefact.ts';
import { type ClientRequest, send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

type Headers = NonNullable<ClientRequest['headers']>;

const consumer = (key: string, plugins: object = {}) => ({
  plugins: { 'key-auth': { key }, ...plugins },
});

describe('consumers of a route with key-auth', () => {
  let upstream: Upstream;
  let artefact: Artefact;

  const withKey = (key: string, headers: Headers = []) =>
    send(artefact.url, { target: '/private', headers: [['apikey', key], ...headers] });
  const until = (key: string, status: number) =>
    eventually(async () => (await withKey(key)).status === status);

  beforeEach(async () => {
    upstream = await startUpstream({
      answer: ({ header }, response) => {
        response.end(header('x-consumer-username') ?? 'nobody');
      },
    });
    const iam = { function_uri: `${upstream.url}/`, authorization: { iam: {} } };
    artefact = await startArtefact({
      reloads: true,
      routes: {
        private: { uri: '/private', plugins: { 'key-auth': {}, 'aws-lambda': iam } },
        open: { uri: '/open', plugins: { 'aws-lambda': iam } },
      },
      consumers: { ann: consumer('key-of-ann'), bob: consumer('$secret://ssm/bob') },
      secrets: { bob: 'key-of-bob' },
    });
  });

  afterEach(() => Promise.all([artefact.close(), upstream.close()]));

  it('are named to the upstream and in the log, whatever name a client sends', async () => {
    const spoof: Headers = [
      ['x-consumer-username', 'root'],
      ['X_Consumer_Username', 'root'],
    ];

    expect((await withKey('key-of-ann', spoof)).text()).toBe('ann');
    expect((await withKey('key-of-bob')).text()).toBe('bob');
    const open = await send(artefact.url, { target: '/open', headers: spoof });
    expect(open.text()).toBe('nobody');
    await artefact.logged({ type: 'access', route: 'private', consumer: 'ann' });
    expect(artefact.text()).not.toContain('key-of-');
  });

  it('are taken up, changed and deleted without a restart', async () => {
    artefact.putConsumer('cyd', consumer('key-of-cyd'));
    await until('key-of-cyd', 200);

    artefact.putConsumer('cyd', consumer('another-key'));
    await until('another-key', 200);
    expect((await withKey('key-of-cyd')).status).toBe(401);

    artefact.removeConsumer('cyd');
    await until('another-key', 401);
    artefact.putText('secrets/bob', 'new-key-of-bob');
    await until('new-key-of-bob', 200);
    expect((await withKey('key-of-bob')).status).toBe(401);
    expect(artefact.lines().filter(({ coldStart }) => coldStart === true)).toHaveLength(1);
  });

  it('keep their last valid version when a document breaks, here and in a fresh environment', async () => {
    artefact.putConsumer('ann', { plugins: { 'key-auth': { key: 7 } } });

    const line = await artefact.logged({ event: 'invalid-document', inForce: 1 });
    expect(line['parameter']).toBe(`${root}/consumers/ann`);
    expect(line['issues']).toEqual([
      { pointer: '/plugins/key-auth/key', found: 'a number', expected: 'a string' },
    ]);
    expect((await withKey('key-of-ann')).text()).toBe('ann');
  });

  it('with the same key: the first parameter name wins, and the log names both', async () => {
    artefact.putConsumer('zoe', consumer('key-of-ann'));

    const line = await artefact.logged({ loser: `${root}/consumers/zoe#zoe`, over: 'key-auth' });
    expect(line['winner']).toBe(`${root}/consumers/ann#ann`);
    expect((await withKey('key-of-ann')).text()).toBe('ann');
  });

  it('have plugins of their own, which run on the routes that they use', async () => {
    const breaker = { break_response_code: 599, unhealthy: { http_statuses: [502], failures: 1 } };
    artefact.putConsumer('dan', consumer('key-of-dan', { 'api-breaker': breaker }));
    await until('key-of-dan', 200);
    await upstream.close();

    const statuses = [];
    for (let index = 0; index < 2; index += 1) statuses.push((await withKey('key-of-dan')).status);
    expect(statuses).toEqual([502, 599]);
    expect((await withKey('key-of-ann')).status).toBe(502);
  });
});

it('a consumer with an upstream plugin, an unknown plugin or no key is refused', async () => {
  const wrong = {
    'aws-lambda': { 'aws-lambda': { function_uri: 'https://x.example/' } },
    'key-oath': { 'key-oath': {} },
    'key-auth/key': { 'key-auth': {} },
  };
  const consumers = Object.values(wrong).map((plugins, index) => [`c${index}`, { plugins }]);
  const artefact = await startArtefact({ consumers: Object.fromEntries(consumers) });

  for (const [index, place] of Object.keys(wrong).entries()) {
    const parameter = `${root}/consumers/c${index}`;
    const line = await artefact.logged({ event: 'invalid-document', parameter });
    expect(line['issues']).toMatchObject([{ pointer: `/plugins/${place}` }]);
  }
  await artefact.close();
});

it('an open route is named in the log, and refused where an access plugin is required', async () => {
  const answer = { function_uri: 'http://127.0.0.1:1/' };
  const routes = {
    open: { uri: '/open', plugins: { 'aws-lambda': answer } },
    guarded: { uri: '/guarded', plugins: { 'aws-lambda': answer, 'key-auth': {} } },
    off: { uri: '/off', status: 0 },
    pretence: {
      uri: '/pretence',
      plugins: { 'aws-lambda': answer, 'key-auth': { _meta: { disable: true } } },
    },
  };
  const lenient = await startArtefact({ routes });
  const strict = await startArtefact({
    routes,
    env: { COUNTERSIGN_REQUIRE_ACCESS_PLUGIN: '1' },
  });

  expect(await lenient.logged({ event: 'table' })).toMatchObject({
    routes: 3,
    openRoutes: 2,
    open: ['open', 'pretence'],
  });
  const refused = await strict.logged({ parameter: `${root}/routes/pretence` });
  expect(refused['issues']).toMatchObject([{ pointer: '/plugins' }]);
  const statusOf = async (target: string) => (await send(strict.url, { target })).status;
  expect([await statusOf('/open'), await statusOf('/guarded')]).toEqual([404, 401]);
  await Promise.all([lenient.close(), strict.close()]);
});
