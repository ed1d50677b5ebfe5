/** `routes put` and `consumers put`: nothing invalid is written, nothing is overwritten unseen. */
import { join } from 'node:path';
import { countersign } from '../support/cli.ts';
import { acme, type CliStore, orders, startCliStore } from '../support/cli-store.ts';

let store: CliStore;

beforeEach(async () => {
  store = await startCliStore();
});

afterEach(() => store.close());

const put = (files: Readonly<Record<string, unknown>>, ...args: string[]) => {
  const folder = store.folder(files);
  const paths = Object.keys(files).map((name) => join(folder, name));
  return countersign(store.url, ['routes', 'put', ...paths, ...args]);
};

describe('a single document', () => {
  it('is added under the name of its file, with the text as it was written', async () => {
    const text = JSON.stringify(orders(5000), null, 4);
    const { status, stdout } = await put({ 'orders.json': `${text}\n` });

    expect(status).toBe(0);
    expect(stdout).toContain('+   "uri": "/orders/*"');
    expect(stdout).toContain('Check: npx countersign explain GET /orders/\n');
    expect(stdout).toContain('Undo:  npx countersign routes remove orders\n');
    expect(store.read('routes/orders')).toMatchObject({ Value: text, Type: 'String', Version: 1 });
  });

  it('replaces the version that is there, shows the difference and how to go back', async () => {
    store.put('routes/orders', orders(5000));
    const { status, stdout } = await put({ 'orders.json': orders(7000) });

    expect(status).toBe(0);
    expect(stdout).toMatch(/^ +- +"timeout": 5000$/m);
    expect(stdout).toMatch(/^ +\+ +"timeout": 7000$/m);
    expect(stdout).toContain('Undo:  npx countersign routes rollback orders --to 1');
    expect(store.read('routes/orders')?.Version).toBe(2);
  });

  it('is not written again when it says the same in another layout', async () => {
    store.put('routes/orders', JSON.stringify(orders(5000)));
    const { status, stdout } = await put({ 'orders.json': orders(5000) });

    expect([status, stdout.trim()]).toEqual([0, 'Nothing to change.']);
    expect(store.read('routes/orders')?.Version).toBe(1);
  });

  it('comes from stdin under the id that is given', async () => {
    const stdin = JSON.stringify(orders(5000));
    const { status } = await countersign(store.url, ['routes', 'put', '-', '--id', 'orders'], {
      stdin,
    });

    expect([status, store.read('routes/orders')?.Value]).toEqual([0, stdin]);
  });

  it('is only shown in a dry run', async () => {
    const { status, stdout } = await put({ 'orders.json': orders(5000) }, '--dry-run');

    expect([status, store.read('routes/orders')]).toEqual([0, undefined]);
    expect(stdout).toContain('This was a dry run: nothing was written.');
  });

  it('of a consumer is a SecureString, and its key is on no screen', async () => {
    const folder = store.folder({ 'acme.json': acme('open-sesame') });
    const args = ['consumers', 'put', join(folder, 'acme.json')];
    const { stdout, stderr } = await countersign(store.url, args);

    expect(store.read('consumers/acme')?.Type).toBe('SecureString');
    expect(stdout + stderr).not.toContain('open-sesame');
    expect(stdout).toContain('***masked***');
  });

  it('that is larger than a standard parameter goes to the advanced tier, and it is said', async () => {
    const { stderr } = await put({ 'orders.json': { ...orders(5000), desc: 'x'.repeat(4100) } });

    expect(store.read('routes/orders')?.Tier).toBe('Advanced');
    expect(stderr).toMatch(/takes \d+ bytes.*advanced tier, which AWS charges for/);
  });
});

describe('an invalid document', () => {
  const valid = JSON.stringify(orders(5000), null, 2);

  it.each([
    ['a value out of range', valid.replace('5000', '50'), '9:7  /plugins/aws-lambda/timeout'],
    ['a field in the wrong place', valid.replace('"uri"', '"url"'), '2:3  /url'],
    [
      'a plugin that there is not',
      valid.replace('aws-lambda', 'aws-lamda'),
      '4:5  /plugins/aws-lamda',
    ],
    ['a syntax error', valid.replace('5000', '5000,'), '10:5  the document'],
    [
      'a host that is none of AWS',
      valid.replace('lambda-url.eu-west-1.on.aws', 'example.com'),
      '5:7  /plugins/aws-lambda/function_uri',
    ],
    [
      'a secret that is not set',
      valid.replace('"iam": {}', '"apikey": "$secret://ssm/nope"'),
      '7:9  /plugins/aws-lambda/authorization/apikey',
    ],
    ['what Parameter Store refuses', valid.replace('/orders/*', '/{{x}}'), '1:1  the document'],
    [
      'a masked secret',
      valid.replace('"iam": {}', '"apikey": "***masked***"'),
      '7:9  /plugins/aws-lambda/authorization/apikey',
    ],
    ['too many bytes', valid.replace('/orders/*', `/${'x'.repeat(8200)}`), '1:1  the document'],
  ])('is not written, and its place in the file is named: %s', async (_, text, place) => {
    const { status, stderr } = await put({ 'orders.json': text });

    expect(status).toBe(3);
    expect(stderr).toContain(`orders.json:${place}: found`);
    expect(store.calls('PutParameter')).toBe(0);
  });

  it('keeps the valid ones beside it from being written', async () => {
    const { status } = await put({ 'a.json': orders(5000), 'b.json': '{}' }, '--yes');

    expect([status, store.calls('PutParameter')]).toEqual([3, 0]);
  });

  it('is reported as JSON to a script', async () => {
    const { stderr, stdout } = await put({ 'orders.json': '{"uri": 7}' }, '--json');

    expect(stdout).toBe('');
    expect(JSON.parse(stderr)).toMatchObject({
      error: {
        code: 'INVALID',
        exitCode: 3,
        documents: [{ id: 'orders', issues: [{ pointer: '/uri', line: 1, column: 2 }] }],
      },
    });
  });
});

describe('what only the proxy knows', () => {
  it('is taken on trust, and said', async () => {
    const route = orders(5000);
    const config = { function_uri: '$env://COUNTERSIGN_VAR_URI' };
    const { status, stderr } = await put({
      'orders.json': { ...route, plugins: { 'aws-lambda': config } },
    });

    expect(status).toBe(0);
    expect(stderr).toContain(
      'the value of COUNTERSIGN_VAR_URI is not known here and was not checked',
    );
  });

  it('includes secrets that this role may not read', async () => {
    store.intercept('GetParametersByPath', ({ Path: path }) =>
      String(path).endsWith('/secrets')
        ? { type: 'AccessDeniedException', status: 400 }
        : undefined,
    );
    const config = {
      ...orders(5000).plugins['aws-lambda'],
      authorization: { apikey: '$secret://ssm/k' },
    };
    const { status, stderr } = await put({
      'orders.json': { uri: '/x', plugins: { 'aws-lambda': config } },
    });

    expect(status).toBe(0);
    expect(stderr).toContain('the value of /countersign/local/secrets/k is not known here');
  });
});

describe('warnings', () => {
  it('name open routes', async () => {
    const { stderr } = await put({ 'orders.json': orders(5000) });

    expect(stderr).toContain('no access plugin protects orders');
  });

  it('name routes and consumers that get in each other’s way', async () => {
    store.put('routes/first', orders(5000));
    const { stderr } = await put({ 'orders.json': orders(5000) });
    expect(stderr).toContain('routes first and orders have the same host, path and method');

    store.put('consumers/acme', acme('one'), 'SecureString');
    const stdin = JSON.stringify({ plugins: { 'key-auth': { key: 'one' } } });
    const args = ['consumers', 'put', '-', '--id', 'zoe'];
    const second = await countersign(store.url, args, { stdin });
    expect(second.stderr).toContain('consumers acme and zoe have the same key-auth key');
    expect(second.stderr).not.toContain('one');
  });
});

describe('another writer at the same time', () => {
  it('is not overwritten: a version other than the one read is a conflict', async () => {
    store.put('routes/orders', orders(5000));
    store.intercept('GetParameter', () => {
      if (store.read('routes/orders')?.Version === 1) store.put('routes/orders', orders(6000));
      return undefined;
    });
    const { status, stderr } = await put({ 'orders.json': orders(7000) });

    expect(status).toBe(4);
    expect(stderr).toContain('expected version 1, but found version 2. Nothing was written.');
    expect(store.read('routes/orders')?.Version).toBe(2);
  });

  it('is overwritten with --force', async () => {
    store.put('routes/orders', orders(5000));
    store.intercept('GetParameter', () => {
      if (store.read('routes/orders')?.Version === 1) store.put('routes/orders', orders(6000));
      return undefined;
    });

    expect((await put({ 'orders.json': orders(7000) }, '--force')).status).toBe(0);
    expect(store.read('routes/orders')?.Value).toContain('7000');
  });

  it('is not overwritten by a document that was to be new', async () => {
    store.intercept('PutParameter', () => {
      store.put('routes/orders', orders(6000));
      return undefined;
    });
    const { status, stderr } = await put({ 'orders.json': orders(7000) });

    expect(status).toBe(4);
    expect(stderr).toContain('expected no such parameter, but found version 1');
    expect(store.read('routes/orders')?.Value).toContain('6000');
  });

  it('is named loudly when they wrote between our last look and our writing', async () => {
    store.put('routes/orders', orders(5000));
    store.intercept('PutParameter', () => {
      store.put('routes/orders', orders(6000));
      return undefined;
    });
    const { status, stderr } = await put({ 'orders.json': orders(7000) });

    expect(status).toBe(0);
    expect(stderr).toContain(
      'ANOTHER WRITER CHANGED routes/orders AT THE SAME MOMENT: your version has replaced their version 2',
    );
    expect(stderr).toContain('routes rollback orders --to 2');
  });
});
