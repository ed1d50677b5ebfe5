/** Secrets and documents that the role may not read cost themselves: a few calls, and no other document. */
import {
  type ParameterStoreOptions,
  startParameterStore,
} from '../../local/parameter-store/parameter-store.ts';
import { type Artefact, root, startArtefact } from '../support/artefact.ts';
import { type ClientRequest, send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const env = { COUNTERSIGN_SECRET_PATHS: '/shared,/s' };
let upstream: Upstream;
const running: Artefact[] = [];

beforeEach(async () => {
  upstream = await startUpstream();
});

afterEach(() => Promise.all([upstream.close(), ...running.splice(0).map((own) => own.close())]));

/** A store that counts, and what a test may take away meanwhile. */
function createStore(parts: Pick<ParameterStoreOptions, 'intercept'> = {}) {
  const calls: string[] = [];
  const deniedNames = new Set<string>();
  const unusableKeys = new Set<string>();
  const store: ParameterStoreOptions = {
    deniedNames,
    unusableKeys,
    intercept(operation, input) {
      calls.push(operation);
      return parts.intercept?.(operation, input);
    },
  };
  return { store, calls, deniedNames, unusableKeys };
}

type Options = Parameters<typeof startArtefact>[0];

async function start(options: Options): Promise<Artefact> {
  const artefact = await startArtefact({ ...options, env, reloads: true, maxEnvironments: 1 });
  running.push(artefact);
  return artefact;
}

/** A new environment over the same store. */
async function startFresh({ store }: Artefact): Promise<Artefact> {
  const endpoint = { AWS_ENDPOINT_URL_SSM: store.url };
  const fresh = await startArtefact({ env: { ...env, ...endpoint }, reloads: true });
  running.push(fresh);
  return fresh;
}

const route = (uri: string, plugins: object = {}) => ({
  uri,
  plugins: {
    ...plugins,
    'aws-lambda': { function_uri: upstream.url, authorization: { iam: {} } },
  },
});
const guardedBy = (...secrets: readonly string[]) => ({
  'webhook-auth': { preset: 'github', secrets },
});
const blocking = (...denylist: readonly string[]) => ({ 'ua-restriction': { denylist } });
const post = (target: string): ClientRequest => ({ method: 'POST', target, body: '{}' });
const statusOf = async ({ url }: Artefact, target: string) =>
  (await send(url, post(target))).status;
const reference = (name: string) => `$secret://ssm//shared/${name}`;

function putShared({ store }: Artefact, name: string, KeyId?: string): void {
  const Type = 'SecureString';
  store.call('PutParameter', { Name: `/shared/${name}`, Value: 's3cret', Type, KeyId });
}

/** Calls of one operation from one reading of the tree to that after so many, however many come before they are counted. */
async function callsWhile(calls: string[], readings: number, operation: string): Promise<number> {
  calls.length = 0;
  const begins = await eventually(() => {
    const found = calls.flatMap((call, at) => (call === 'GetParametersByPath' ? [at] : []));
    return found.length > readings && found;
  });
  const whole = calls.slice(begins[0], begins[readings]);
  return whole.filter((call) => call === operation).length;
}

it('a document with hundreds of references makes no call for them, and takes nothing else down', async () => {
  const { store, calls } = createStore();
  const many = Array.from({ length: 330 }, (_, index) => `$secret://ssm//s/${index}`);
  const artefact = await start({ store, routes: { other: route('/other') } });
  artefact.store.call('PutParameter', {
    Name: `${root}/routes/many`,
    Value: JSON.stringify(route('/many', blocking(...many))),
    Type: 'String',
    Tier: 'Advanced',
  });

  await eventually(async () => (await statusOf(artefact, '/many')) === 503);
  expect(await statusOf(artefact, '/other')).toBe(200);
  const { issues } = (await artefact.logged({ event: 'invalid-document' })) as {
    issues?: { expected: string }[];
  };
  expect(issues?.[0]?.expected).toContain('at most 20 secrets outside of the path in a document');
  expect(await callsWhile(calls, 5, 'GetParameters')).toBe(0);
});

it('beyond two hundred secrets in all the later documents lack theirs, in every environment the same', async () => {
  const { store } = createStore();
  const artefact = await start({ store });
  for (let document = 10; document < 21; document += 1) {
    const names = Array.from({ length: 20 }, (_, index) => `${document}-${index}`);
    for (const name of names) putShared(artefact, name);
    artefact.putRoute(`r${document}`, route(`/r${document}`, blocking(...names.map(reference))));
  }
  await eventually(async () => (await statusOf(artefact, '/r20')) === 503);
  const fresh = await startFresh(artefact);

  for (const environment of [artefact, fresh]) {
    // By the plugin, which has its list: these requests have no user agent.
    expect(await statusOf(environment, '/r19')).toBe(403);
    expect(await statusOf(environment, '/r20')).toBe(503);
  }
});

it('of ten secrets one becomes unreadable: its document answers 503, the others and the calls stay', async () => {
  const { store, calls, deniedNames } = createStore();
  const artefact = await start({ store });
  for (let index = 0; index < 10; index += 1) {
    putShared(artefact, `s${index}`);
    artefact.putRoute(`r${index}`, route(`/r${index}`, guardedBy(reference(`s${index}`))));
  }
  await eventually(async () => (await statusOf(artefact, '/r9')) === 401);
  const before = await callsWhile(calls, 5, 'GetParameters');

  deniedNames.add('/shared/s3');
  await eventually(async () => (await statusOf(artefact, '/r3')) === 503);

  expect(await statusOf(artefact, '/r4')).toBe(401);
  expect(await callsWhile(calls, 5, 'GetParameters')).toBeLessThanOrEqual(before + 1);
  const fresh = await startFresh(artefact);
  expect(await statusOf(fresh, '/r3')).toBe(503);
  expect(await statusOf(fresh, '/r4')).toBe(401);
});

it.each([
  ['throttled', { type: 'ThrottlingException', message: 'Rate exceeded', status: 400 }],
  ['failing', { type: 'InternalServerError', status: 500 }],
] as const)(
  'a %s reading of secrets leaves other documents in force',
  async (_, failure) => {
    let isFailing = false;
    const { store } = createStore({
      intercept: (operation) => (isFailing && operation === 'GetParameters' ? failure : undefined),
    });
    const artefact = await start({ store });
    putShared(artefact, 'key');
    artefact.putRoute('hook', route('/hook', guardedBy(reference('key'))));
    artefact.putRoute('other', route('/other'));
    await eventually(async () => (await statusOf(artefact, '/hook')) === 401);

    isFailing = true;
    const fresh = await startFresh(artefact);
    artefact.putRoute('later', route('/later'));

    await eventually(async () => (await statusOf(fresh, '/other')) === 200);
    expect(await statusOf(fresh, '/hook')).toBe(503);
    await fresh.logged({ event: 'secrets-unread' });
    // An environment that knows the secret goes on with it, and with every other edit.
    await eventually(async () => (await statusOf(artefact, '/later')) === 200);
    expect(await statusOf(artefact, '/hook')).toBe(401);
    isFailing = false;
    await eventually(async () => (await statusOf(fresh, '/hook')) === 401);
  },
  40_000,
);

describe('a key that may not be used', () => {
  const theirs = 'arn:aws:kms:us-east-1:123456789012:key/theirs';

  const put = ({ store }: Artefact, name: string, value: unknown, KeyId?: string) => {
    const Value = typeof value === 'string' ? value : JSON.stringify(value);
    const input = { Name: `${root}/${name}`, Value, Type: 'SecureString', Overwrite: true, KeyId };
    store.call('PutParameter', input);
  };

  it('costs its own parameters: everything else on the page is read, and they are named', async () => {
    const { store, unusableKeys, calls } = createStore();
    const artefact = await start({ store, routes: { open: route('/open') } });
    put(artefact, 'consumers/ann', { plugins: { 'key-auth': { key: 'key-of-ann' } } });
    put(artefact, 'consumers/bob', { plugins: { 'key-auth': { key: 'key-of-bob' } } }, theirs);
    put(artefact, 'routes/sealed', route('/sealed'), theirs);
    put(artefact, 'secrets/hook', 's3cret', theirs);
    artefact.putRoute('keyed', route('/keyed', { 'key-auth': {} }));
    artefact.putRoute('hook', route('/hook', guardedBy('$secret://ssm/hook')));
    const asks = async (environment: Artefact, key: string) =>
      (await send(environment.url, { target: '/keyed', headers: [['apikey', key]] })).status;
    await eventually(async () => (await statusOf(artefact, '/hook')) === 401);

    unusableKeys.add(theirs);
    const fresh = await startFresh(artefact);

    expect(await asks(fresh, 'key-of-ann')).toBe(200);
    expect(await asks(fresh, 'key-of-bob')).toBe(401);
    expect(await statusOf(fresh, '/open')).toBe(200);
    expect(await statusOf(fresh, '/sealed')).toBe(404);
    expect(await statusOf(fresh, '/hook')).toBe(503);
    const line = { event: 'unreadable-document', version: 1 };
    await fresh.logged({ ...line, parameter: `${root}/routes/sealed`, inForce: null });
    await fresh.logged({ ...line, parameter: `${root}/consumers/bob`, inForce: null });
    await fresh.logged({ event: 'unreadable-secrets' });
    // What an environment has read it keeps; a secret that is gone is gone everywhere.
    await artefact.logged({ ...line, parameter: `${root}/routes/sealed`, inForce: 1 });
    expect(await statusOf(artefact, '/sealed')).toBe(200);
    expect(await asks(artefact, 'key-of-bob')).toBe(200);
    await eventually(async () => (await statusOf(artefact, '/hook')) === 503);

    await Promise.all(running.splice(running.indexOf(fresh), 1).map((own) => own.close()));
    const named = await callsWhile(calls, 10, 'GetParameters');
    // Each reading asks for the page twice, and once for what is sealed and can be read.
    expect(named).toBeLessThanOrEqual(6);
    unusableKeys.clear();
    await eventually(async () => (await statusOf(artefact, '/hook')) === 401);
  });

  it('that encrypts nothing but the path itself being forbidden is a failed reading, as before', async () => {
    const store = await startParameterStore({
      intercept: () => ({ type: 'AccessDeniedException', message: 'not authorized', status: 400 }),
    });
    const fresh = await startArtefact({ env: { ...env, AWS_ENDPOINT_URL_SSM: store.url } });
    running.push(fresh);

    expect(await statusOf(fresh, '/any')).toBe(503);
    await fresh.logged({ event: 'refresh-failed' });
    await store.close();
  });
});
