/** `explain` and what plugins do beside passing a request on: ask, count, and quote what documents say. */
import type { Explanation } from '../../cli/explain/explain.ts';
import { mask } from '../../cli/terminal/mask.ts';
import {
  type ParameterStore,
  startParameterStore,
} from '../../local/parameter-store/parameter-store.ts';
import { functionUrlHost } from '../support/builders.ts';
import { countersign, jsonOf } from '../support/cli.ts';

const functionUri = `https://${functionUrlHost}/`;
let store: ParameterStore;

beforeAll(async () => {
  store = await startParameterStore();
});

afterAll(() => store.close());

function put(id: string, document: object, folder = 'routes'): void {
  const Name = `/countersign/local/${folder}/${id}`;
  store.call('PutParameter', { Name, Value: JSON.stringify(document), Type: 'String' });
}

const explain = (...args: string[]) => countersign(store.url, ['explain', ...args]);

async function explainJson(...args: string[]): Promise<Explanation> {
  return jsonOf<Explanation>(await explain(...args, '--json'));
}

it('tells what a plugin asks on its own from what goes to the upstream', async () => {
  const asking = { uri: 'https://auth.example.com/check', request_headers: ['cookie'] };
  const plugins = { 'forward-auth': asking, 'aws-lambda': { function_uri: functionUri } };
  put('asking', { uri: '/asking', plugins });
  const { upstreams } = await explainJson('GET', '/asking', '-H', 'Cookie: a=b');

  expect(upstreams.map(({ plugin, isUpstream, url }) => [plugin, isUpstream, url])).toEqual([
    ['forward-auth', false, 'https://auth.example.com/check'],
    ['aws-lambda', true, functionUri],
  ]);
  expect(upstreams[0]).toMatchObject({ stripped: [], kept: [] });
  expect(upstreams[0]?.added).toContain(`cookie: ${mask}`);
});

it('counts nothing in DynamoDB: every limit stands at zero', async () => {
  const limit = { count: 1, time_window: 60, policy: 'dynamodb' };
  const plugins = { 'limit-count': limit, 'aws-lambda': { function_uri: functionUri } };
  put('limited', { uri: '/limited', plugins });
  const runs = [await explainJson('GET', '/limited'), await explainJson('GET', '/limited')];

  for (const { plugins: explained } of runs) {
    expect(explained[0]).toMatchObject({
      ...{ name: 'limit-count', does: 'passes it on', settings: limit },
      dependsOn: 'how many requests came before',
    });
  }
});

it('lets neither documents nor clients steer the terminal', async () => {
  const description = '\u001b]0;owned\u0007\u009b31m\nok';
  const breaker = { break_response_code: 503, break_response_body: description };
  const plugins = { 'api-breaker': breaker, 'aws-lambda': { function_uri: functionUri } };
  put('rude', { uri: '/rude', plugins });
  const run = await explain('GET', '/rude', '-H', 'X-A: \u009b31m');

  expect(run.stdout).toContain('break_response_body=');
  expect(run.stdout + run.stderr).not.toMatch(/[^\P{Cc}\n]/u);
  expect(run.stdout).not.toMatch(/^ok/m);
});

it('tells plugins of a service from those of a consumer, and says that it runs no global rules', async () => {
  put('shop', { plugins: { 'aws-lambda': { function_uri: functionUri } } }, 'services');
  const plugins = { 'key-auth': {}, cors: {} };
  put('serviced', { uri: '/serviced', service_id: 'shop', plugins });
  const own = { 'key-auth': { key: 'key-of-ann' }, cors: { max_age: 7 } };
  put('ann', { username: 'ann', plugins: own }, 'consumers');
  const { plugins: explained } = await explainJson('GET', '/serviced', '-H', 'apikey: key-of-ann');
  const before = await explain('GET', '/serviced');
  put('all', { plugins: { 'request-id': {} } }, 'global_rules');
  const after = await explain('GET', '/serviced');

  const byName = Object.fromEntries(explained.map(({ name, does }) => [name, does]));
  expect(byName).toMatchObject({
    'aws-lambda': "calls the upstream, with the settings of the route's service or plugin config",
    'key-auth': 'passes it on',
  });
  expect(Object.values(byName)).toContain('passes it on, with the settings of the consumer');
  const warning = 'explain does not run them';
  expect([before.stderr.includes(warning), after.stderr.includes(warning)]).toEqual([false, true]);
});
