/** `import sigv4-proxy`: from flags and manifests into files or Parameter Store; docs/migrate/from-aws-sigv4-proxy.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { countersign, jsonOf } from '../support/cli.ts';
import { type CliStore, startCliStore } from '../support/cli-store.ts';

const api = 'abc123.execute-api.eu-west-1.amazonaws.com';
let store: CliStore;
let folder: string;

beforeEach(async () => {
  store = await startCliStore();
  folder = store.folder({
    'compose.yaml': `services: { a: { image: aws-sigv4-proxy, command: --host ${api} }, b: { image: aws-sigv4-proxy } }`,
  });
});

afterEach(() => store.close());

const run = (...args: string[]) => countersign(store.url, ['import', 'sigv4-proxy', ...args]);

test('flags behind -- become a route in Parameter Store', async () => {
  const { status, stderr } = await run('--yes', '--id', 'api', '--', '--host', api, '-v');

  expect(status).toBe(0);
  expect(JSON.parse(store.read('routes/api')?.Value ?? '')).toMatchObject({
    plugins: { 'aws-lambda': { function_uri: `https://${api}/` } },
  });
  expect(stderr).toContain('routes/api is converted');
  expect(stderr).toContain('it is open');
});

test('--region behind -- is a flag of aws-sigv4-proxy', async () => {
  const flags = ['--host', 'x.example', '--name', 'es', '--region', 'eu-west-1'];
  const { stderr } = await run('--out', join(folder, 'out'), '--', ...flags);

  // The host is not AWS's and not listed here, so that the document is refused, with its place.
  expect(stderr).toContain('refuses every request until you have looked at it');
  expect(stderr).toMatch(/\/function_uri: found "https:\/\/x\.example\//);
  expect(stderr).not.toContain('--name is left out');
  expect(stderr).not.toContain('it is open');
});

test('a manifest becomes files, what cannot be a route is named, and the status is 1', async () => {
  const out = join(folder, 'out');
  const { status, stdout, stderr } = await run(join(folder, 'compose.yaml'), '--out', out);

  expect(status).toBe(1);
  expect(stdout.trim()).toBe(join(out, 'routes', 'a.json'));
  expect(stderr).toContain('Left out: b: without --host each client chooses the upstream');
  expect(store.calls('GetParametersByPath')).toBe(0);
});

test('--json has documents, remarks and what was dropped', async () => {
  const result = await run('--json', '--yes', '--', '--host', api, '--strip', 'x-internal-*');

  expect(jsonOf(result)).toMatchObject({
    documents: [{ kind: 'routes', id: 'aws-sigv4-proxy', issues: [] }],
    dropped: [],
  });
  expect(result.stdout).toContain('refuses every request');
  expect(result.stdout).not.toContain('it is open');
  expect(store.read('routes/aws-sigv4-proxy')?.Value).toContain('ip-restriction');
});

test('headers that were stripped make a route that is valid', async () => {
  const flags = ['--host', api, '--strip', 'x-internal', '--strip', 'Cookie'];
  const { status } = await run('--yes', '--id', 'stripping', '--', ...flags);

  expect(status).toBe(0);
  expect(store.read('routes/stripping')?.Value).toContain('"x-internal"');
});

test('a secret that is not there yet makes its route refuse every request, and is named', async () => {
  const key = ['--custom-headers', 'x-api-key=very-secret'];
  const { status, stderr, stdout } = await run('--yes', '--id', 'api', '--', '--host', api, ...key);

  expect(status).toBe(1);
  expect(stderr).toContain('secrets set api-api-key');
  expect(stderr + stdout).not.toContain('very-secret');
});

test.each([
  [['--', '--hosts', api], 3, /no flag --hosts[\s\S]*Did you mean --host\?/],
  [['a.yaml', 'b.yaml'], 2, /Found 2 files, expected one/],
])('%j is refused', async (args, expected, message) => {
  const { status, stderr } = await run(...args);

  expect(stderr).toMatch(message);
  expect(status).toBe(expected);
});

test('two processes have no path or id in common', async () => {
  const { status, stderr } = await run(join(folder, 'compose.yaml'), '--id', 'x', '--yes');

  expect(status).toBe(2);
  expect(stderr).toContain('starts aws-sigv4-proxy 2 times');
});

describe('docs/migrate/from-aws-sigv4-proxy.md', () => {
  const page = readFileSync(
    join(import.meta.dirname, '../../docs/migrate/from-aws-sigv4-proxy.md'),
    'utf8',
  );
  const [, command = ''] = /^npx countersign import sigv4-proxy (.*)$/m.exec(page) ?? [];
  const [, json = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
  const [, printed = ''] = /```\n(routes\/orders is converted\n[\s\S]*?)```/.exec(page) ?? [];

  test('shows the document and the remarks that its command writes', async () => {
    const out = join(folder, 'routes-of-page');
    const { status, stderr } = await run(...command.replace('sigv4-proxy/', out).split(' '));

    expect(status).toBe(0);
    expect(JSON.parse(readFileSync(join(out, 'routes', 'orders.json'), 'utf8'))).toEqual(
      JSON.parse(json),
    );
    expect(stderr.trim()).toBe(printed.trim());
  });

  test('has a row for every flag', () => {
    const flags = [
      ...['port', 'host', 'sign-host', 'name', 'region', 'role-arn', 'custom-headers'],
      ...['duplicate-headers', 'strip', 'strip-header', 'strip-param', 'upstream-url-scheme'],
      ...['transport.idle-conn-timeout', 'rate-limit', 'burst-limit', 'verbose', 'no-verify-ssl'],
      ...['log-failed-requests', 'log-signing-process', 'unsigned-payload'],
    ];

    expect(flags.filter((flag) => !page.includes(`\`--${flag}`))).toEqual([]);
  });
});
