/** Documents in YAML: read by `put`, `check`, `diff` and `dev`, stored as JSON, with faults at their places in the file. */
import { join } from 'node:path';
import { countersign } from '../support/cli.ts';
import { type CliStore, orders, startCliStore } from '../support/cli-store.ts';

let store: CliStore;

beforeEach(async () => {
  store = await startCliStore();
});

afterEach(() => store.close());

const toYaml = (timeout: number | string) =>
  [
    '# Orders of the shop',
    'uri: /orders/*',
    'plugins:',
    '  aws-lambda:',
    '    function_uri: https://abcdefghij.lambda-url.eu-west-1.on.aws/',
    '    authorization:',
    '      iam: {}',
    `    timeout: ${timeout}`,
    '',
  ].join('\n');

const put = (files: Readonly<Record<string, string>>, ...args: string[]) => {
  const folder = store.folder(files);
  const paths = Object.keys(files).map((name) => join(folder, name));
  return countersign(store.url, ['routes', 'put', ...paths, ...args]);
};

it.each(['orders.yaml', 'orders.yml'])('%s is stored as JSON under its name', async (name) => {
  const { status } = await put({ [name]: toYaml(5000) });

  expect(status).toBe(0);
  expect(JSON.parse(store.read('routes/orders')?.Value ?? '')).toEqual(orders(5000));
});

it('is not written again if the stored JSON says the same', async () => {
  store.put('routes/orders', orders(5000));

  expect((await put({ 'orders.yaml': toYaml(5000) })).stdout.trim()).toBe('Nothing to change.');
});

it.each([
  ['a value out of range', toYaml(50), '8:5  /plugins/aws-lambda/timeout: found 50'],
  ['a field in the wrong place', toYaml(5000).replace('uri:', 'url:'), '2:1  /url: found'],
  ['a syntax error', toYaml('[1'), '8:16  the document: found a YAML error ('],
  [
    'a key twice',
    `${toYaml(5000)}uri: /b\n`,
    '9:1  the document: found a YAML error (DUPLICATE_KEY)',
  ],
  [
    'a key twice, once as an alias',
    `name: &u uri\n${toYaml(5000)}*u : /b\n`,
    '10:1  the document: found a key that is no text',
  ],
  [
    'a key twice, as a number and as a text',
    `${toYaml(5000)}labels:\n  1: a\n  "1": b\n`,
    '11:3  the document: found a key twice',
  ],
  [
    'YAML 1.1, which merges maps',
    `%YAML 1.1\n---\n${toYaml(5000)}`,
    '1:1  the document: found YAML 1.1',
  ],
  [
    'a map to be merged',
    `labels: &l\n  a: b\n${toYaml(5000)}<<: *l\n`,
    '/<<: found an unknown field',
  ],
  ['two documents', `${toYaml(5000)}---\nuri: /b\n`, 'the document: found a second document'],
  ['nothing', '', 'the document: found no document'],
  ['a tag', toYaml('!secret x'), '8:14  the document: found a YAML error (TAG_RESOLVE_FAILED)'],
  ['a number that is none', toYaml('.inf'), 'the document: found a number that JSON does not have'],
  ['an array', `- ${toYaml(50).trim().split('\n').slice(1).join('\n  ')}`, '/0/plugins'],
])('a fault keeps its place in the file: %s', async (_, yaml, place) => {
  const { status, stderr } = await put({ 'orders.yaml': yaml });

  expect(status).toBe(3);
  expect(stderr).toContain('orders.yaml is invalid; nothing was written.');
  expect(stderr).toContain(place);
  expect(store.calls('PutParameter')).toBe(0);
});

it('refuses aliases that multiply', async () => {
  const levels = Array.from({ length: 12 }, (_, n) => {
    const items =
      n === 0 ? '[x]' : `[${Array.from({ length: 10 }, () => `*a${n - 1}`).join(', ')}]`;
    return `a${n}: &a${n} ${items}`;
  });
  const { status, stderr } = await put({ 'orders.yaml': levels.join('\n') });

  expect(status).toBe(3);
  expect(stderr).toMatch(
    /orders\.yaml:1:1 {2}the document: found aliases without an anchor, too many of them/,
  );
});

it('is read by check, beside JSON, with every fault of every file', async () => {
  const folder = store.folder({
    'routes/a.yaml': toYaml(50),
    'routes/b.json': JSON.stringify({ ...orders(5000), uri: '/b' }),
    'routes/c.yml': 'uri: [',
  });
  const { status, stderr } = await countersign(store.url, ['check', folder]);

  expect(status).toBe(3);
  expect(stderr).toContain('a.yaml:8:5  /plugins/aws-lambda/timeout');
  expect(stderr).toMatch(/c\.yml:1:\d+ {2}the document: found/);
});

it('of a folder may not name a document twice', async () => {
  const folder = store.folder({ 'a.yaml': toYaml(5000), 'a.json': orders(5000) });
  const { status, stderr } = await countersign(store.url, ['routes', 'put', folder, '--yes']);

  expect(status).toBe(2);
  expect(stderr).toMatch(/a\.json and .*a\.yaml are the same document/);
});

it('is what diff compares, and a fault is an error', async () => {
  store.put('routes/orders', orders(5000));
  const folder = store.folder({ 'orders.yaml': toYaml(6000), 'bad.yaml': 'uri: [' });
  const diff = (name: string) =>
    countersign(store.url, ['routes', 'diff', 'orders', join(folder, name)]);

  const { status, stdout } = await diff('orders.yaml');
  expect([status, stdout]).toEqual([1, expect.stringMatching(/^\+ +"timeout": 6000$/m)]);
  expect((await diff('bad.yaml')).status).toBe(3);
});

it.each(['!Hunter2', '*Hunter2', '|Hunter2', '>Hunter2', '!a!Hunter2'])(
  'a fault does not quote a value, which may be a secret: %s',
  async (value) => {
    const { status, stderr } = await put({ 'orders.yaml': toYaml(value) });

    expect(status).toBe(3);
    expect(stderr).not.toContain('Hunter2');
  },
);
