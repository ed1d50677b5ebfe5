/** What `explain` takes for a request, and what it says of documents that are off, older, or wait for a variable. */
import type { Explanation } from '../../cli/explain/explain.ts';
import { functionUrlHost } from '../support/builders.ts';
import { countersign, jsonOf } from '../support/cli.ts';
import { type CliStore, startCliStore } from '../support/cli-store.ts';

const signed = { 'aws-lambda': { function_uri: `https://${functionUrlHost}/` } };
let store: CliStore;

beforeAll(async () => {
  store = await startCliStore();
  store.put('routes/signed', { uri: '/signed/*', plugins: signed });
  store.put('routes/guarded', { uri: '/guarded', plugins: { 'key-auth': {}, ...signed } });
  const off = { 'aws-lambda': { ...signed['aws-lambda'], _meta: { disable: true } } };
  store.put('routes/silent', { uri: '/silent', plugins: off });
  store.put('routes/off', { uri: '/signed/off', status: 0, plugins: signed });
  const variable = { 'aws-lambda': { function_uri: '$env://COUNTERSIGN_VAR_UPSTREAM' } };
  store.put('routes/variable', { uri: '/variable', plugins: variable });
});

afterAll(() => store.close());

const explain = (...args: string[]) => countersign(store.url, ['explain', ...args]);

async function explainJson(...args: string[]): Promise<Explanation> {
  return jsonOf<Explanation>(await explain(...args, '--json'));
}

it('takes a URL without a method for GET, and for POST with a body', async () => {
  const get = await explainJson('/guarded');
  const post = await explainJson('https://proxy.example.com/guarded', '-d', '{}');

  expect([get.request.method, post.request.method]).toEqual(['GET', 'POST']);
});

it.each([
  [[], 'found nothing, expected a URL, or a method and a URL.'],
  [['GET'], 'found "GET", expected a URL, or a method and a URL.'],
  [['/guarded', 'GET'], 'found the URL before the method, expected a URL, or a method and a URL.'],
])('explain %j is no request', async (args, sentence) => {
  const run = await explain(...args);

  expect(run).toMatchObject({ status: 2, stdout: '' });
  expect(run.stderr).toContain(sentence);
  expect(run.stderr).toContain("GET '/orders/7?full=1'");
});

it('calls neither a disabled nor a guarded route open', async () => {
  const { route, others } = await explainJson('GET', '/signed/x');
  const openOf = (id: string) => others.find((other) => other.id === id)?.isOpen;

  expect(route?.isOpen).toBe(true);
  expect([openOf('off'), openOf('guarded'), openOf('silent')]).toEqual([false, false, true]);
});

it('tells of a disabled route that would fit, and of a plugin that is switched off', async () => {
  const { others } = await explainJson('GET', '/signed/off');
  const { plugins } = await explainJson('GET', '/silent');

  expect(others[0]).toMatchObject({ id: 'off', verdict: 'disabled' });
  expect(plugins.map(({ does }) => does)).toEqual(['is switched off (_meta.disable)']);
});

it('wants to be told variables of the function', async () => {
  const without = await explain('GET', '/variable');
  const env = `COUNTERSIGN_VAR_UPSTREAM=https://${functionUrlHost}/elsewhere`;
  const { upstreams } = await explainJson('GET', '/variable', '--env', env);

  expect(without.stderr).toContain(
    '$env://COUNTERSIGN_VAR_UPSTREAM is not known here: set it with --env COUNTERSIGN_VAR_UPSTREAM=<value>.',
  );
  expect(upstreams[0]?.url).toBe(`https://${functionUrlHost}/elsewhere`);
});

it('goes by the version in force, and warns of the one that is not', async () => {
  store.put('routes/signed', '{"uri": 1}');
  const run = await explain('GET', '/signed/x');
  store.put('routes/signed', { uri: '/signed/*', plugins: signed });

  expect(run.stdout).toContain('/routes/signed, version 1');
  expect(run.stderr).toContain('version 2 is invalid; version 1 stays in force');
});

it.each([
  [['GET', 'hello'], 'URL: found "hello", expected a path or a URL.'],
  [['GET', '/', '-H', 'nonsense'], '-H: found "nonsense", expected \'Name: value\'.'],
  [['GET', '/', '-d', '@/no/such/file'], '-d: /no/such/file cannot be read (ENOENT).'],
  [['GET', '/', '--env', 'X'], '--env: expected NAME=VALUE.'],
])('%j is a usage error: %s', async (args, message) => {
  const run = await explain(...args);

  expect(run.status).toBe(2);
  expect(run.stderr).toContain(message);
});
