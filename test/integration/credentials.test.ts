/** Credentials: more keys of a consumer, each in a parameter of its own that names the consumer. */
import { type Artefact, root, startArtefact } from '../support/artefact.ts';
import { type ClientRequest, send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { useSnapshotRig } from '../support/publication.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const { startSnapshotRig, route } = useSnapshotRig();
const credential = (key: string) => ({ plugins: { 'key-auth': { key } } });

describe('a consumer with credentials', () => {
  let upstream: Upstream;
  let artefact: Artefact;

  beforeAll(async () => {
    upstream = await startUpstream({
      answer: ({ header }, response) => {
        response.end(
          `${header('x-consumer-username')} ${header('x-consumer-custom-id')} ${header('x-credential-identifier')}`,
        );
      },
    });
    const iam = { function_uri: `${upstream.url}/`, authorization: { iam: {} } };
    artefact = await startArtefact({
      reloads: true,
      env: { COUNTERSIGN_REQUIRE_ACCESS_PLUGIN: '1' },
      routes: {
        private: { uri: '/private', plugins: { 'key-auth': {}, 'aws-lambda': iam } },
        few: {
          uri: '/few',
          plugins: {
            'key-auth': {},
            'consumer-restriction': { whitelist: ['ann'] },
            'aws-lambda': iam,
          },
        },
        thief: {
          uri: '/thief',
          plugins: {
            'key-auth': {},
            'aws-lambda': {
              ...iam,
              authorization: { apikey: `$secret://ssm/${root}/consumers/ann/credentials/one` },
            },
          },
        },
      },
      consumers: {
        ann: {
          labels: { custom_id: 'a-7' },
          plugins: {
            'key-auth': { key: 'own' },
            'limit-count': { count: 1000, time_window: 60, key_type: 'constant', key: 'ann' },
          },
        },
        'ann/credentials/one': credential('key-one'),
        'ann/credentials/two': {
          id: 'second',
          name: 'two',
          desc: 'of the shop',
          labels: { a: 'b' },
          ...credential('$secret://ssm/two'),
        },
        'nobody/credentials/one': credential('key-of-nobody'),
        'ann/credentials/stolen': credential('key-of-bob'),
        bob: { plugins: { 'key-auth': { key: 'key-of-bob' } } },
      },
      secrets: { two: 'key-two' },
    });
  });

  afterAll(() => Promise.all([artefact.close(), upstream.close()]));

  const ask = (
    key: string,
    target = '/private',
    headers: NonNullable<ClientRequest['headers']> = [],
  ) => send(artefact.url, { target, headers: [['apikey', key], ...headers] });

  it('is known by each of them, and by its own key', async () => {
    const spoof = [['x-credential-identifier', 'admin']] as [string, string][];
    const told = async (key: string) => (await ask(key, '/private', spoof)).text();

    expect(await told('own')).toBe('ann a-7 undefined');
    expect(await told('key-one')).toBe('ann a-7 one');
    expect(await told('key-two')).toBe('ann a-7 second');
    await artefact.logged({ consumer: 'ann', credential: 'second', status: 200 });
    expect((await ask('key-one', '/few')).status).toBe(200);
    expect((await ask('key-one')).header('x-ratelimit-limit')).toBe('1000');
    expect(artefact.text()).not.toContain('key-one');
  });

  it('keeps the key of a consumer from no consumer, and the log names both', async () => {
    expect((await ask('key-of-bob')).text()).toBe('bob undefined undefined');
    await artefact.logged({
      winner: `${root}/consumers/bob#bob`,
      loser: `${root}/consumers/ann/credentials/stolen#ann`,
      over: 'key-auth',
    });
  });

  it('a credential of a consumer that is not there lets nobody in, and the log names it', async () => {
    expect((await ask('key-of-nobody')).status).toBe(401);
    await artefact.logged({
      level: 'warn',
      parameter: `${root}/consumers/nobody/credentials/one`,
      consumer: 'nobody',
    });
  });

  it('no reference reads a credential', async () => {
    expect((await ask('own', '/thief')).status).toBe(503);
    const invalid = artefact.lines().find(({ parameter }) => parameter === `${root}/routes/thief`);
    expect(JSON.stringify(invalid)).toContain('only');
    expect(artefact.text()).not.toContain('key-one');
  });

  it('are taken up, revoked and given a consumer without a restart', async () => {
    artefact.putConsumer('ann/credentials/new', credential('key-new'));
    await eventually(async () => (await ask('key-new')).status === 200);
    artefact.removeConsumer('ann/credentials/new');
    await eventually(async () => (await ask('key-new')).status === 401);
    expect((await ask('key-one')).status).toBe(200);

    artefact.putConsumer('nobody', { plugins: {} });
    await eventually(async () => (await ask('key-of-nobody')).status === 200);
    artefact.removeConsumer('nobody');
    await eventually(async () => (await ask('key-of-nobody')).status === 401);
  });
});

const withPassword = (username: string, password: string) => ({
  plugins: { 'basic-auth': { username, password } },
});
const login = (url: string, user: string) =>
  send(url, {
    target: '/login',
    headers: [['authorization', `Basic ${Buffer.from(user).toString('base64')}`]],
  });

describe('credentials in a snapshot', () => {
  it('with the user name of another consumer lock that one out of nothing', async () => {
    const rig = await startSnapshotRig();
    await rig.edit('routes/login', route('/login', {}, { 'basic-auth': {} }));
    for (const name of ['bob', 'zoe']) await rig.edit(`consumers/${name}`, { plugins: {} });
    await rig.edit('consumers/zoe/credentials/a', withPassword('zoe', 'of-zoe'));
    await rig.edit('consumers/bob/credentials/a', withPassword('zoe', 'of-bob'));
    const proxy = await rig.startProxy();

    expect((await login(proxy.url, 'zoe:of-zoe')).status).toBe(200);
    await proxy.logged({ consumer: 'zoe', credential: 'a' });
    expect((await login(proxy.url, 'zoe:of-bob')).status).toBe(200);
    await proxy.logged({ consumer: 'bob', credential: 'a' });
    expect((await login(proxy.url, 'zoe:of-no-one')).status).toBe(401);
  });

  it('with the key of another consumer are named by the publisher, once', async () => {
    const rig = await startSnapshotRig();
    for (const name of ['bob', 'zoe']) await rig.edit(`consumers/${name}`, { plugins: {} });
    await rig.edit('consumers/zoe/credentials/a', credential('one-key'));
    await rig.edit('secrets/consumers/key', 'one-key');
    await rig.edit('consumers/bob/credentials/a', credential('$secret://ssm/consumers/key'));
    const conflict = (loser: string) =>
      rig.text().split(`"loser":"${root}/consumers/${loser}","over":"key-auth"`).length - 1;
    await eventually(() => conflict('zoe/credentials/a#zoe') === 1);
    await rig.edit('routes/login', route('/login', {}, { 'basic-auth': {} }));
    await rig.edit('consumers/amy', [{ username: 'bob' }]);

    await eventually(() =>
      rig.text().includes(`"loser":"${root}/consumers/bob#bob","over":"username"`),
    );
    expect(conflict('zoe/credentials/a#zoe')).toBe(1);
    expect(rig.text()).not.toContain('one-key');
  });

  const toAsk = (url: string) => async (apikey: string) =>
    (await send(url, { target: '/first', headers: [['apikey', apikey]] })).status;

  it('let in their consumer while it is there, and the publisher names those without one', async () => {
    const rig = await startSnapshotRig();
    await rig.edit('routes/first', route('/first', {}, { 'key-auth': {} }));
    await rig.edit('consumers/ann/credentials/one', credential('key-one'));
    const line = `${root}/consumers/ann/credentials/one`;
    await eventually(() => /lets nobody in[^\n]*"consumer":"ann"/.test(rig.text()));
    expect(rig.text()).toContain(line);
    const proxy = await rig.startProxy();
    const statusWith = toAsk(proxy.url);
    expect(await statusWith('key-one')).toBe(401);

    await rig.edit('consumers/ann', { plugins: {} });
    await eventually(async () => (await statusWith('key-one')) === 200);
    await rig.erase('consumers/ann');
    await eventually(async () => (await statusWith('key-one')) === 401);
  });
});
