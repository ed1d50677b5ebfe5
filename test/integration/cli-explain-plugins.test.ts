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

describe('the document of each plugin', () => {
  it('is named: a service, a consumer or its group, and nothing for the route itself', async () => {
    put('shop', { plugins: { 'aws-lambda': { function_uri: functionUri } } }, 'services');
    const plugins = { 'key-auth': {}, cors: {} };
    put('serviced', { uri: '/serviced', service_id: 'shop', plugins });
    put('gold', { plugins: { 'limit-count': { count: 9, time_window: 9 } } }, 'consumer_groups');
    const own = { 'key-auth': { key: 'key-of-ann' }, cors: { max_age: 7 } };
    put('ann', { username: 'ann', group_id: 'gold', plugins: own }, 'consumers');
    const args = ['GET', '/serviced', '-H', 'apikey: key-of-ann'];
    const { plugins: explained } = await explainJson(...args);
    const refused = await explainJson('GET', '/serviced');

    expect(explained.map(({ name, from }) => [name, from])).toEqual([
      ['cors', undefined],
      ['key-auth', undefined],
      ['cors', 'consumers/ann'],
      ['limit-count', 'consumer_groups/gold'],
      ['aws-lambda', 'services/shop'],
    ]);
    expect(refused.plugins.at(-1)).toMatchObject({
      ...{ name: 'aws-lambda', from: 'services/shop', does: 'is not reached' },
      settings: { function_uri: functionUri },
    });
  });

  it('is named in the text', async () => {
    const { stdout } = await explain('GET', '/serviced', '-H', 'apikey: key-of-ann');

    expect(stdout).toMatch(/^ {2}cors \(priority 4000, from consumers\/ann\) passes it on$/m);
  });
});

describe('global rules', () => {
  const rules = ['a', 'b'];
  beforeAll(() => {
    put('plain', { uri: '/plain', plugins: { cors: {}, mocking: { response_example: 'x' } } });
    put(
      'a',
      { plugins: { cors: {}, 'ip-restriction': { blacklist: ['203.0.113.7'] } } },
      'global_rules',
    );
    put('b', [{ id: 'ids', plugins: { 'request-id': {} } }], 'global_rules');
  });
  afterAll(() => {
    for (const id of rules) {
      store.call('DeleteParameter', { Name: `/countersign/local/global_rules/${id}` });
    }
  });
  const list = ({ plugins }: Explanation) =>
    plugins.map(({ name, from = 'the route', does }) => `${name} of ${from} ${does}`);

  it('run before the plugins of the route, in the order of plugins', async () => {
    expect(list(await explainJson('GET', '/plain'))).toEqual([
      'request-id of global_rules/b#ids passes it on',
      'cors of global_rules/a passes it on',
      'ip-restriction of global_rules/a passes it on',
      'mocking of the route answers 200',
      'cors of the route is not reached',
    ]);
  });

  it('refuse a request before the route does', async () => {
    const explained = await explainJson('GET', '/plain', '--source-ip', '203.0.113.7');

    expect(list(explained).slice(2)).toEqual([
      expect.stringMatching(/^ip-restriction of global_rules\/a answers 403/),
      'mocking of the route is not reached',
      'cors of the route is not reached',
    ]);
    expect(explained.refusal).toMatch(/^answers 403/);
  });

  it('run for a request without a route', async () => {
    const explained = await explainJson('GET', '/nowhere');
    const refused = await explainJson('GET', '/nowhere', '--source-ip', '203.0.113.7');

    expect(list(explained)).toContain('request-id of global_rules/b#ids passes it on');
    expect([explained.refusal, refused.refusal]).toEqual([
      expect.stringMatching(/^answers 404/),
      expect.stringMatching(/^answers 403/),
    ]);
  });

  it('that are not in force answer every request', async () => {
    put('c', { plugins: { 'ip-restriction': { whitelist: '$env://NOWHERE' } } }, 'global_rules');
    const explained = await explainJson('GET', '/plain');
    store.call('DeleteParameter', { Name: '/countersign/local/global_rules/c' });

    expect(explained.refusal).toMatch(/^answers 503/);
  });
});
