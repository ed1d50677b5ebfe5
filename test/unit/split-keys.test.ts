/** Keys of an upstream plugin go to no host that another document's traffic-split or proxy-rewrite chooses. */
import { composePlugins } from '../../functions/proxy/chain/chain.ts';
import type { Plugin } from '../../functions/proxy/plugins/plugin.ts';
import { awsLambda } from '../../functions/proxy/plugins/serverless/aws-lambda.ts';
import { azureFunctions } from '../../functions/proxy/plugins/serverless/azure-functions.ts';
import { trafficSplit } from '../../functions/proxy/plugins/traffic/traffic-split.ts';
import { proxyRewrite } from '../../functions/proxy/plugins/transformation/proxy-rewrite.ts';
import { rejectionOf, toExchange, toServices } from '../support/builders.ts';
import { functionUri } from '../support/documents.ts';
import { createFakePool, parseRequest } from '../support/fake-pool.ts';

const plugins = new Map<string, Plugin>(
  [awsLambda, azureFunctions, trafficSplit, proxyRewrite].map((plugin) => [plugin.name, plugin]),
);
const host = 'abc1234567.execute-api.us-east-1.amazonaws.com';
const listed = 'listed.example';
const split = {
  rules: [{ weighted_upstreams: [{ upstream: { scheme: 'https', nodes: { [host]: 1 } } }] }],
};
const keyed = { function_uri: functionUri, authorization: { apikey: 'the-key' } };
const iam = (more: object) => ({ function_uri: functionUri, authorization: { iam: more } });
const roleArn = 'arn:aws:iam::123456789012:role/partner';
const azureClient = { function_uri: functionUri, authorization: { clientid: 'the-id' } };
const azure = { function_uri: functionUri, authorization: { apikey: 'the-key' } };

/** A route whose two plugins are from these documents. */
function prepare(
  upstream: [name: string, config: unknown],
  documents: readonly [string, string],
  chooser: readonly [name: string, config: unknown] = ['traffic-split', split],
) {
  const pool = createFakePool('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
  const services = toServices({ pool, allowedHosts: listed });
  const prepared = [upstream, chooser].map(([name, config], index) => {
    const plugin = plugins.get(name);
    if (!plugin) throw new Error(`there is no ${name}`);
    const own = { ...services, document: documents[index] ?? '' };
    return plugin.prepare(config, own, { pointer: '', written: config });
  });
  const exchange = toExchange({ deadlineMs: services.now() + 60_000 });
  return { pool, run: () => composePlugins(prepared)(exchange) };
}

test.each<[string, [string, unknown]]>([
  ['an API key', ['aws-lambda', keyed]],
  ['static keys', ['aws-lambda', iam({ accesskey: 'AKID', secretkey: 's' })]],
  ['a key of Azure', ['azure-functions', azure]],
  ['a client id of Azure', ['azure-functions', azureClient]],
  ['an external id', ['aws-lambda', iam({ role_arn: roleArn, external_id: 'the-id' })]],
  ['a key in the query', ['aws-lambda', { function_uri: `${functionUri}?code=the-key` }]],
  ['a key of Azure in the query', ['azure-functions', { function_uri: `${functionUri}?code=k` }]],
])('%s of a service is not used for a host that a route chooses', async (_, upstream) => {
  const { pool, run } = prepare(upstream, ['services/shop', 'routes/orders']);

  expect(await rejectionOf(run())).toMatchObject({
    code: 'NO_UPSTREAM',
    message: 'routes/orders may not choose the host that gets keys of services/shop',
  });
  expect(pool.requests()).toEqual([]);
});

test.each<[string, [string, unknown], readonly [string, string]]>([
  ['keys of the same document', ['aws-lambda', keyed], ['routes/orders', 'routes/orders']],
  ['the role, whoever chooses', ['aws-lambda', iam({})], ['services/shop', 'routes/orders']],
])('a chosen host gets what is made with %s', async (_, upstream, documents) => {
  const { pool, run } = prepare(upstream, documents);

  expect((await run()).status).toBe(200);
  expect(parseRequest(pool.requests()[0]).header('host')).toEqual([host]);
});

test('a Host of a route is not sent with keys of a service, and with those of its own document it is', async () => {
  const rewrite = ['proxy-rewrite', { host }] as const;
  const refused = prepare(['aws-lambda', keyed], ['services/shop', 'routes/orders'], rewrite);
  const own = prepare(['aws-lambda', keyed], ['routes/orders', 'routes/orders'], rewrite);

  expect(await rejectionOf(refused.run())).toMatchObject({ code: 'NO_UPSTREAM' });
  expect(refused.pool.requests()).toEqual([]);
  await own.run();
  expect(parseRequest(own.pool.requests()[0]).header('host')).toEqual([host]);
});

test('a path of a route is sent with keys of a service', async () => {
  const rewrite = ['proxy-rewrite', { uri: '/x' }] as const;
  const { run } = prepare(['aws-lambda', keyed], ['services/shop', 'routes/orders'], rewrite);

  expect((await run()).status).toBe(200);
});

const ownKeys = { accesskey: 'AKID', secretkey: 's' };
test.each<[string, object, string, string]>([
  ['its Region and service', {}, host, 'us-east-1/execute-api'],
  ["those and not the document's", { aws_region: 'eu-west-1' }, host, 'us-east-1/execute-api'],
  ["the document's, where it is listed", { aws_region: 'eu-west-1' }, listed, 'eu-west-1/lambda'],
  ['the own Region', {}, listed, 'ap-south-1/lambda'],
])('a chosen host gets signatures for %s', async (_, more, chosen, scope) => {
  const nodes = { [chosen]: 1 };
  const rules = [{ weighted_upstreams: [{ upstream: { scheme: 'https', nodes } }] }];
  const upstream = ['aws-lambda', iam({ ...ownKeys, service: 'lambda', ...more })] as const;
  const documents = ['routes/orders', 'routes/orders'] as const;
  const { pool, run } = prepare([...upstream], documents, ['traffic-split', { rules }]);
  await run();

  const [signature] = parseRequest(pool.requests()[0]).header('authorization');
  expect(signature).toContain(`/${scope}/aws4_request`);
});

test('the own host gets signatures for the Region that the document names', async () => {
  const upstream = ['aws-lambda', iam({ ...ownKeys, aws_region: 'us-west-2' })] as const;
  const { pool, run } = prepare([...upstream], ['r', 'r'], ['traffic-split', {}]);
  await run();

  const [signature] = parseRequest(pool.requests()[0]).header('authorization');
  expect(signature).toContain('/us-west-2/lambda/aws4_request');
});
