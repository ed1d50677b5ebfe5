/** Documents that are made to harm: each costs itself alone, in environments that refresh and in fresh ones. */
import { type Artefact, root, startArtefact } from '../support/artefact.ts';
import { type ClientRequest, send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

let upstream: Upstream;
let warm: Artefact;
const others: Artefact[] = [];

beforeEach(async () => {
  upstream = await startUpstream();
});

afterEach(() =>
  Promise.all([warm.close(), upstream.close(), ...others.splice(0).map((other) => other.close())]),
);

const get = (target: string, key?: string): ClientRequest => ({
  target,
  headers: key === undefined ? [] : [['apikey', key]],
});
const statusOf = async ({ url }: Artefact, request: ClientRequest) =>
  (await send(url, request)).status;

const route = (uri: string, plugins: object = {}) => ({
  uri,
  plugins: {
    ...plugins,
    'aws-lambda': { function_uri: upstream.url, authorization: { iam: {} } },
  },
});

async function startFresh(): Promise<Artefact> {
  const fresh = await startArtefact({
    env: { AWS_ENDPOINT_URL_SSM: warm.store.url },
    reloads: true,
  });
  others.push(fresh);
  return fresh;
}

/** Once the warm environment answers all requests as expected, a fresh one is asked the same. */
async function expectBoth(...requests: readonly (readonly [ClientRequest, number])[]) {
  for (const [request, status] of requests) {
    await eventually(async () => (await statusOf(warm, request)) === status);
  }
  const fresh = await startFresh();
  for (const [request, status] of requests) expect(await statusOf(fresh, request)).toBe(status);
}

test('documents that are thousands of levels deep take no other document down', async () => {
  const texts = {
    brackets: '['.repeat(4096),
    'as-many-as-fit': '['.repeat(8192),
    objects: '{"a":'.repeat(1600),
    'closed-again': `${'['.repeat(4000)}${']'.repeat(4000)}`,
    settings: `{"uri":"/deep","plugins":{"key-auth":{"a":${'['.repeat(3900)}${']'.repeat(3900)}}}}`,
  };
  warm = await startArtefact({
    routes: { well: route('/well') },
    reloads: true,
    maxEnvironments: 1,
  });
  expect(await statusOf(warm, get('/well'))).toBe(200);
  for (const [id, text] of Object.entries(texts)) {
    warm.store.call('PutParameter', {
      ...{ Name: `${root}/routes/${id}`, Value: text },
      ...{ Type: 'String', Tier: 'Advanced' },
    });
  }
  for (const id of Object.keys(texts)) {
    const parameter = `${root}/routes/${id}`;
    const { issues } = await warm.logged({ event: 'invalid-document', parameter, version: 1 });
    expect(issues).toMatchObject([{ found: 'more than 64 levels of arrays and objects' }]);
  }
  warm.putRoute('later', route('/later'));

  await expectBoth([get('/later'), 200], [get('/well'), 200]);
});

describe('an array whose newest version is malformed', () => {
  test('and has the guarded route under another id: the open one before it answers 503', async () => {
    const well = { id: 'well', ...route('/well') };
    warm = await startArtefact({
      routes: { shop: [well, { id: 'old', ...route('/a') }] },
      reloads: true,
      maxEnvironments: 1,
    });
    expect(await statusOf(warm, get('/a'))).toBe(200);
    warm.putRoute('shop', [well, { id: 'new', ...route('/a', { 'key-auth': {} }), prioritty: 1 }]);

    await expectBoth([get('/a'), 503], [get('/well'), 200]);
    await warm.logged({
      message:
        'a document is invalid; version 1 lacks removal, which version 2 asks for: route old answers 503; the rest of version 1 stays in force',
    });
  });

  test('and leaves a consumer out: its key is revoked all the same', async () => {
    const consumer = (name: string) => ({
      username: name,
      plugins: { 'key-auth': { key: `key-of-${name}` } },
    });
    warm = await startArtefact({
      routes: { a: route('/a', { 'key-auth': {} }) },
      consumers: { staff: [consumer('ann'), consumer('bob')] },
      reloads: true,
      maxEnvironments: 1,
    });
    expect(await statusOf(warm, get('/a', 'key-of-bob'))).toBe(200);
    warm.putConsumer('staff', [{ ...consumer('ann'), grup: 'x' }]);

    await expectBoth([get('/a', 'key-of-bob'), 401], [get('/a', 'key-of-ann'), 200]);
  });
});

test('a malformed document whose older versions cannot be read answers 503 for its paths', async () => {
  let isDenied = false;
  warm = await startArtefact({
    routes: { all: route('/*'), admin: route('/admin/*', { 'key-auth': {} }) },
    reloads: true,
    maxEnvironments: 1,
    store: {
      intercept: (operation) =>
        isDenied && operation === 'GetParameterHistory'
          ? { type: 'AccessDeniedException', message: 'not authorized', status: 400 }
          : undefined,
    },
  });
  expect(await statusOf(warm, get('/admin/x'))).toBe(401);
  isDenied = true;
  warm.putRoute('admin', { ...route('/admin/*', { 'key-auth': {} }), prioritty: 1 });
  await warm.logged({ event: 'invalid-document', inForce: null });
  const fresh = await startFresh();

  await expectBoth([get('/admin/x'), 503]);
  expect(await statusOf(fresh, get('/other'))).toBe(200);
  await fresh.logged({
    message: 'a document is invalid; its older versions cannot be read: route admin answers 503',
    inForce: null,
  });
  isDenied = false;
  await eventually(async () => (await statusOf(fresh, get('/admin/x'))) === 401);
  await eventually(async () => (await statusOf(warm, get('/admin/x'))) === 401);
});
