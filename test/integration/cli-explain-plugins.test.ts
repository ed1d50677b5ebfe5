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

function put(id: string, document: object): void {
  const Name = `/countersign/local/routes/${id}`;
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
