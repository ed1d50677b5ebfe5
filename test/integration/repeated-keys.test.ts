/** A field that stands twice in a document: JSON.parse would take the last one, and a guard would not run. */
import { join } from 'node:path';
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { countersign } from '../support/cli.ts';
import { type CliStore, orders, startCliStore } from '../support/cli-store.ts';
import { send } from '../support/client.ts';
import { startPublisher } from '../support/publisher.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const place = { pointer: '/plugins', expected: 'each field once' };

describe('the proxy', () => {
  let upstream: Upstream;
  let artefact: Artefact;

  afterEach(() => Promise.all([artefact.close(), upstream.close()]));

  it('does not put a route in force whose second plugins would switch off the guard of the first', async () => {
    upstream = await startUpstream();
    const called = `{"aws-lambda":{"function_uri":"${upstream.url}"}}`;
    artefact = await startArtefact({
      parameters: new Map([
        ['routes/twice', `{"uri":"/twice","plugins":{"key-auth":{}},"\\u0070lugins":${called}}`],
        ['routes/once', `{"uri":"/once","plugins":${called}}`],
      ]),
    });

    const statuses = [];
    for (const target of ['/twice', '/once']) {
      statuses.push((await send(artefact.url, { target })).status);
    }

    expect(statuses[1]).toBe(200);
    expect(statuses[0]).not.toBe(200);
    const line = await artefact.logged({ event: 'invalid-document', version: 1 });
    expect(line['issues']).toEqual([
      { ...place, found: 'a field that its object has already, at line 1, column 43' },
    ]);
  });

  it('does not know a consumer whose key stands twice', async () => {
    upstream = await startUpstream();
    const plugins = { 'key-auth': {}, 'aws-lambda': { function_uri: upstream.url } };
    artefact = await startArtefact({
      routes: { keyed: { uri: '/*', plugins } },
      parameters: new Map([
        [
          'consumers/ann',
          '[{"username":"ann","plugins":{"key-auth":{"key":"the-first-key","key":"the-second-key"}}}]',
        ],
      ]),
    });

    for (const apikey of ['the-first-key', 'the-second-key']) {
      const headers = [['apikey', apikey]] as const;
      expect((await send(artefact.url, { target: '/', headers })).status).toBe(401);
    }
    const line = await artefact.logged({ event: 'invalid-document', version: 1 });
    expect(line['issues']).toMatchObject([{ pointer: '/0/plugins/key-auth/key' }]);
    expect(artefact.text()).not.toContain('-key"');
  });
});

it('the publisher refuses such a document and names the place', async () => {
  const publisher = await startPublisher();
  publisher.put('routes/orders', '{"uri":"/orders","plugins":{"key-auth":{}},"plugins":{}}');

  await publisher.deliver('Create', 'routes/orders');

  expect(await publisher.only()).toMatchObject({
    event: 'document-refused',
    inForce: null,
    issues: [place],
  });
  await publisher.close();
});

describe('the CLI', () => {
  let store: CliStore;

  beforeEach(async () => {
    store = await startCliStore();
  });
  afterEach(() => store.close());

  const valid = JSON.stringify(orders(5000), null, 2);
  const twice = valid.replace('"plugins"', '"plugins": {"key-auth": {}},\n  "plugins"');

  it('does not put such a document, nor take it for the one that would be left of it', async () => {
    const folder = store.folder({ 'orders.json': twice });
    const refused = await countersign(store.url, ['routes', 'put', join(folder, 'orders.json')]);
    expect(refused.status).toBe(3);
    expect(refused.stderr).toContain(
      '/plugins: found a field that its object has already, at line 4, column 3, expected each field once',
    );

    store.put('routes/orders', twice);
    const put = ['routes', 'put', join(store.folder({ 'orders.json': valid }), 'orders.json')];
    expect((await countersign(store.url, [...put, '--yes'])).status).toBe(0);
    expect(store.read('routes/orders')).toMatchObject({ Value: valid, Version: 2 });
  });

  it('masks all of such a document, because any of its fields may be a secret', async () => {
    store.put('routes/orders', '{"uri":"/x","plugins":{},"plugins":{"a":{"secretkey":"MARKED"}}}');
    const { stdout } = await countersign(store.url, ['routes', 'show', 'orders']);

    expect(stdout).not.toContain('MARKED');
    const revealed = await countersign(store.url, ['routes', 'show', 'orders', '--reveal']);
    expect(revealed.stdout).toContain('"plugins":{},"plugins"');
  });

  it('does not import such a document from Apache APISIX', async () => {
    const folder = store.folder({ 'apisix.json': `[{"id":"1",${twice.slice(1)}]` });
    const file = join(folder, 'apisix.json');
    const { status } = await countersign(store.url, ['import', 'apisix', file, '--yes']);

    expect([status, store.calls('PutParameter')]).toEqual([3, 0]);
  });
});
