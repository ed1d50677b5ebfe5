/** `doctor` and `policy` follow services, upstreams, consumer groups and global rules. */
import type { Finding } from '../../cli/doctor/finding.ts';
import { countersign, jsonOf } from '../support/cli.ts';
import { type CliStore, startCliStore } from '../support/cli-store.ts';
import { startUpstream } from '../support/upstream.ts';

let store: CliStore;

beforeEach(async () => {
  store = await startCliStore();
});

afterEach(() => store.close());

const url = 'https://abcdefghij.lambda-url.eu-west-1.on.aws/';
const signed = { 'aws-lambda': { function_uri: url, authorization: { iam: {} } } };
const limit = { 'limit-count': { count: 1, time_window: 60, policy: 'dynamodb' } };

async function doctor(): Promise<readonly Finding[]> {
  const run = await countersign(store.url, ['doctor', '--json']);
  return jsonOf<{ findings: Finding[] }>(run).findings;
}

it('doctor asks the node of an upstream once, however the routes come to it', async () => {
  const upstream = await startUpstream();
  const nodes = { [new URL(upstream.url).host]: 1 };
  store.put('upstreams/nodes', { nodes });
  store.put('services/shop', { upstream_id: 'nodes' });
  store.put('routes/a', { uri: '/a', service_id: 'shop' });
  store.put('routes/b', { uri: '/b', upstream_id: 'nodes' });
  store.put('routes/c', { uri: '/c', upstream: { nodes } });
  const found = (await doctor()).filter(({ check }) => check === 'upstream');

  expect(found).toMatchObject([{ status: 'ok', text: expect.stringContaining('(route a)') }]);
  expect(upstream.only().method).toBe('HEAD');
  await upstream.close();
});

it('doctor names the service that a global rule asks', async () => {
  const upstream = await startUpstream();
  const asking = { 'forward-auth': { uri: `${upstream.url}/check` } };
  store.put('global_rules/all', { plugins: asking });
  store.put('routes/a', { uri: '/a', plugins: { mocking: { response_example: 'x' } } });
  const found = (await doctor()).filter(({ check }) => check === 'upstream');

  expect(found).toMatchObject([{ text: expect.stringContaining('/check (global_rules/all)') }]);
  await upstream.close();
});

it('doctor says how to correct an object of each kind', async () => {
  store.put('plugin_configs/strict', { plugins: { 'key-auht': {} } });
  const [, finding] = await doctor();

  expect(finding?.todo).toContain('npx countersign plugin-configs edit strict');
});

it('doctor asks the nodes of an upstream that traffic-split names', async () => {
  const upstream = await startUpstream();
  store.put('upstreams/canary', { nodes: { [new URL(upstream.url).host]: 1 } });
  const rules = [{ weighted_upstreams: [{ upstream_id: 'canary' }] }];
  store.put('routes/a', { uri: '/a', plugins: { 'traffic-split': { rules } } });
  const found = (await doctor()).filter(({ check }) => check === 'upstream');

  expect(found).toMatchObject([{ status: 'ok', text: expect.stringContaining('(route a)') }]);
  await upstream.close();
});

it('policy grants what services call, and the table of all limits', async () => {
  store.put('services/shop', { plugins: signed });
  store.put('routes/a', { uri: '/a', service_id: 'shop' });
  store.put('global_rules/all', { plugins: limit });
  const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:orders';
  const run = async () => {
    const given = [
      ...['--account', '123456789012'],
      ...['--function', `${url.slice(8, -1)}=${arn}`],
    ];
    const args = ['policy', '--json', ...given];
    const env = { COUNTERSIGN_LIMIT_TABLE: 'limits' };
    const { stdout } = await countersign(store.url, args, { env });
    return stdout;
  };
  const withRule = await run();
  store.put('global_rules/all', { plugins: { 'request-id': {} } });
  const without = await run();
  store.put('consumer_groups/gold', { plugins: limit });
  store.put('consumers/ann', { username: 'ann', group_id: 'gold' });
  const withGroup = await run();

  expect(withRule).toContain(arn);
  const isGranted = [withRule, without, withGroup].map((text) =>
    text.includes('dynamodb:UpdateItem'),
  );
  expect(isGranted).toEqual([true, false, true]);
});
