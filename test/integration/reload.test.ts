/** Edits of Parameter Store while requests run, and readings of it that fail. */
import type { Interception } from '../../local/parameter-store/parameter-store.ts';
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

describe('editing routes while the proxy runs', () => {
  let upstream: Upstream;
  let artefact: Artefact;
  let fail: ((operation: string) => Interception | undefined) | undefined;

  const route = (uri: string, attributes: object = {}) => ({
    uri,
    plugins: { 'aws-lambda': { function_uri: `${upstream.url}/base`, ...attributes } },
  });
  const statusOf = async (target: string) => (await send(artefact.url, { target })).status;
  const until = (target: string, status: number) =>
    eventually(async () => (await statusOf(target)) === status);

  beforeEach(async () => {
    fail = undefined;
    upstream = await startUpstream({
      answer: ({ header }, response) => {
        response.end(header('x-api-key') ?? 'no key');
      },
    });
    artefact = await startArtefact({
      reloads: true,
      routes: { first: route('/first') },
      secrets: { key: 'secret-one' },
      store: { intercept: (operation) => fail?.(operation) },
    });
  });

  afterEach(() => Promise.all([artefact.close(), upstream.close()]));

  it('takes up a new route, a changed one and a deleted one without a restart', async () => {
    expect(await statusOf('/first')).toBe(200);
    expect(await statusOf('/second')).toBe(404);

    artefact.putRoute('second', route('/second'));
    artefact.putRoute('first', route('/renamed'));
    await until('/second', 200);
    await until('/renamed', 200);
    expect(await statusOf('/first')).toBe(404);

    artefact.remove('second');
    await until('/second', 404);
    expect(artefact.lines().filter(({ coldStart }) => coldStart === true)).toHaveLength(1);
  });

  it('keeps the last valid version of a broken document, and names version, place and reason once', async () => {
    artefact.putRoute('first', route('/first', { timeout: 50 }));
    artefact.putRoute('second', route('/second'));
    await until('/second', 200);

    expect(await statusOf('/first')).toBe(200);
    const line = await artefact.logged({ event: 'invalid-document', version: 2, inForce: 1 });
    expect(line['issues']).toEqual([
      {
        pointer: '/plugins/aws-lambda/timeout',
        found: '50',
        expected: 'a whole number of at least 100',
      },
    ]);
    artefact.putRoute('third', route('/third'));
    await until('/third', 200);
    expect(artefact.lines().filter(({ event }) => event === 'invalid-document')).toHaveLength(1);
  });

  it.each([
    ['no JSON', '{"uri": "/first",', /line 1, column \d+/],
    ['a list of nothing known', '[1]', /a number|found 1|an object/],
    ['an unknown plugin', '{"uri":"/first","plugins":{"prometheus":{}}}', /aws-lambda/],
  ])('refuses %s, says why, and goes on', async (_, text, reason) => {
    artefact.putText('routes/first', text);

    const line = await eventually(async () => {
      await statusOf('/first');
      return artefact.lines().find(({ event }) => event === 'invalid-document');
    });

    expect(JSON.stringify(line['issues'])).toMatch(reason);
    expect(await statusOf('/first')).toBe(200);
  });

  it('finds the last valid version in the history when the environment is new', async () => {
    artefact.putText('routes/first', '{ broken');
    artefact.putRoute('first', { nonsense: true });
    const fresh = await startArtefactOn(artefact.store.url);

    const response = await send(fresh.url, { target: '/first' });

    expect(response.status).toBe(200);
    await fresh.logged({ event: 'invalid-document', version: 3, inForce: 1 });
    await fresh.close();
  });

  it('takes up a changed secret', async () => {
    artefact.putRoute('keyed', route('/keyed', { authorization: { apikey: '$secret://ssm/key' } }));
    await until('/keyed', 200);
    expect((await send(artefact.url, { target: '/keyed' })).text()).toBe('secret-one');

    artefact.putText('secrets/key', 'secret-two');

    await eventually(
      async () => (await send(artefact.url, { target: '/keyed' })).text() === 'secret-two',
    );
    expect(artefact.text()).not.toMatch(/secret-(one|two)/);
  });

  it.each<[string, Interception]>([
    ['fails', { type: 'InternalServerError', status: 500 }],
    ['throttles', { type: 'ThrottlingException', message: 'Rate exceeded', status: 400 }],
    ['hangs up', 'hang-up'],
    ['denies access', { type: 'AccessDeniedException', status: 400 }],
  ])('keeps the last table while Parameter Store %s, and recovers', async (_, failure) => {
    fail = () => failure;
    artefact.putRoute('second', route('/second'));
    await eventually(async () => {
      await statusOf('/first');
      return artefact.lines().some(({ event }) => event === 'refresh-failed');
    });
    expect(await statusOf('/first')).toBe(200);
    expect(await statusOf('/second')).toBe(404);

    fail = undefined;

    await until('/second', 200);
  });

  it('obeys the deletion of everything: an empty tree is an empty table', async () => {
    artefact.remove('first');

    await until('/first', 404);
  });
});

describe('a proxy that has no table yet', () => {
  it('answers 503 with Retry-After, and 200 as soon as Parameter Store can be read', async () => {
    let isDown = true;
    const upstream = await startUpstream();
    const artefact = await startArtefact({
      reloads: true,
      routes: { a: { uri: '/a', plugins: { 'aws-lambda': { function_uri: upstream.url } } } },
      store: { intercept: () => (isDown ? 'hang-up' : undefined) },
    });

    const response = await send(artefact.url, { target: '/a' });
    expect(response.status).toBe(503);
    expect(response.header('content-type')).toBe('application/problem+json');
    expect(response.header('retry-after')).toBe('1');
    expect(response.json()).toMatchObject({ code: 'ROUTES_UNAVAILABLE', status: 503 });

    isDown = false;
    await eventually(async () => (await send(artefact.url, { target: '/a' })).status === 200);
    await Promise.all([artefact.close(), upstream.close()]);
  });

  it('answers 404 where the tree is empty, and says where it looked', async () => {
    const artefact = await startArtefact({ reloads: true });

    const response = await send(artefact.url, { target: '/a' });

    expect(response.status).toBe(404);
    expect(response.json()).toMatchObject({ code: 'NO_ROUTE' });
    expect(artefact.text()).toContain('there is no parameter below /countersign/local/routes/');
    await artefact.close();
  });
});

async function startArtefactOn(storeUrl: string) {
  return startArtefact({ env: { AWS_ENDPOINT_URL_SSM: storeUrl }, reloads: true });
}
