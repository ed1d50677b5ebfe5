/** What documents of the guarding plugins may not say, and the sentence that they are refused with. */
import { compile, documentOf, issuesOf, lambdaDocument } from '../support/documents.ts';

const withPlugin = (name: string, config: unknown) =>
  documentOf({ plugins: { ...lambdaDocument({}).plugins, ...valid, [name]: config } });
const valid = documentOf().plugins;
const count = { count: 1, time_window: 60 };
const req = { rate: 1, burst: 0, key: 'remote_addr' };
const conn = { conn: 1, burst: 0, default_conn_delay: 1, key: 'remote_addr' };

test.each([
  ['real-ip', {}, '/source', 'this field'],
  ['real-ip', { source: 'http_x' }, '', 'a function URL is public'],
  ['real-ip', { source: 'remote_addr', trusted_addresses: ['::1'] }, '/source', 'http_<header>'],
  ['real-ip', { source: 'http_x', trusted_addresses: ['127.0.0.1/33'] }, '/trusted_addresses/0'],
  ['real-ip', { source: 'http_x', trusted_addresses: ['::1/129'] }, '/trusted_addresses/0'],
  ['real-ip', { source: 'http_x', trusted_addresses: [] }, '/trusted_addresses', 'at least one'],
  ['ip-restriction', {}, '', 'either whitelist or blacklist'],
  ['ip-restriction', { whitelist: ['::1'], blacklist: ['::1'] }, '', 'either whitelist or'],
  ['ip-restriction', { whitelist: ['10.0.0.0/33'] }, '/whitelist/0', 'an IPv4 or IPv6 address'],
  ['ip-restriction', { whitelist: ['10.0.0'] }, '/whitelist/0', 'an IPv4 or IPv6 address'],
  ['ip-restriction', { whitelist: ['010.0.0.1'] }, '/whitelist/0', 'an IPv4 or IPv6 address'],
  ['ip-restriction', { whitelist: ['::ffff:10.0.0.0/90'] }, '/whitelist/0', 'an IPv4 or IPv6'],
  ['ip-restriction', { whitelist: ['fe80::1%eth0'] }, '/whitelist/0', 'an IPv4 or IPv6 address'],
  ['ip-restriction', { whitelist: ['10.0.0.0/'] }, '/whitelist/0', 'an IPv4 or IPv6 address'],
  ['ip-restriction', { whitelist: ['::1'], response_code: 200 }, '/response_code', '403 to 404'],
  ['ip-restriction', { whitelist: ['::1'], message: '' }, '/message', '1 to 1024'],
  ['consumer-restriction', {}, '', 'whitelist, blacklist or allowed_by_methods'],
  ['consumer-restriction', { whitelist: [] }, '/whitelist', 'at least one entry'],
  [
    'consumer-restriction',
    { type: 'service_id', whitelist: ['1'] },
    '/type',
    'of a service name its routes',
  ],
  [
    'consumer-restriction',
    { type: 'consumer_group_id', whitelist: ['1'] },
    '/type',
    'of a consumer group',
  ],
  [
    'consumer-restriction',
    { allowed_by_methods: [{ user: 'a', methods: ['FETCH'] }] },
    '/allowed_by_methods/0/methods/0',
    'one of GET',
  ],
  [
    'consumer-restriction',
    {
      allowed_by_methods: [
        { user: 'a', methods: ['GET'] },
        { user: 'a', methods: ['POST'] },
      ],
    },
    '/allowed_by_methods',
    'each user once',
  ],
  ['referer-restriction', {}, '', 'either whitelist or blacklist'],
  ['referer-restriction', { whitelist: ['x.*'] }, '/whitelist/0', 'a host name'],
  ['referer-restriction', { whitelist: ['~y.xn'] }, '/whitelist/0', 'a host name'],
  ['referer-restriction', { whitelist: ['::1'] }, '/whitelist/0', 'a host name'],
  ['referer-restriction', { whitelist: ['https://a.example'] }, '/whitelist/0', 'a host name'],
  ['ua-restriction', {}, '', 'either allowlist or denylist'],
  ['ua-restriction', { allowlist: ['a'], denylist: ['b'] }, '', 'either allowlist or denylist'],
  ['ua-restriction', { denylist: ['(?=a)'] }, '/denylist/0', 'without look-around'],
  ['ua-restriction', { denylist: [''] }, '/denylist/0', '1 to 4096 characters'],
  ['ua-restriction', { denylist: ['a'], message: 'x'.repeat(1025) }, '/message', '1 to 1024'],
  ['uri-blocker', {}, '/block_rules', 'this field'],
  ['uri-blocker', { block_rules: ['.+('] }, '/block_rules/0', 'missing closing )'],
  ['uri-blocker', { block_rules: ['(a)\\1'] }, '/block_rules/0', 'without look-around and back-'],
  ['uri-blocker', { block_rules: ['(?<!a)b'] }, '/block_rules/0', 'without look-around and back-'],
  ['uri-blocker', { block_rules: ['(?<=a)b'] }, '/block_rules/0', 'without look-around and back-'],
  ['uri-blocker', { block_rules: ['((a{99}){99}){99}'] }, '/block_rules/0', 'at most 5000 steps'],
  ['uri-blocker', { block_rules: ['a', 'a'] }, '/block_rules', 'each rule once'],
  ['uri-blocker', { block_rules: ['a'], rejected_code: 600 }, '/rejected_code', '200 to 599'],
  ['cors', { allow_credential: true }, '', 'no `*` in the other attributes'],
  ['cors', { allow_credential: true, allow_origins: '**' }, '', 'no `*` in the other attributes'],
  ['cors', { allow_origins: 'example.com' }, '/allow_origins', 'https://app.example.com'],
  ['cors', { allow_origins: 'https://a.example/path' }, '/allow_origins', 'origins such as'],
  ['cors', { allow_methods: 'GET\r\nx: y' }, '/allow_methods', 'names separated by commas'],
  [
    'cors',
    { allow_origins_by_metadata: ['A'] },
    '/allow_origins_by_metadata',
    'no plugin metadata',
  ],
  ['cors', { allow_origins_by_regex: ['(?!a)'] }, '/allow_origins_by_regex/0', 'look-around'],
  [
    'cors',
    { allow_origins_by_regex: ['\\Qa.b'] },
    '/allow_origins_by_regex/0',
    'missing closing )',
  ],
  ['cors', { max_age: '600' }, '/max_age', 'a number'],
  ['limit-count', {}, '', 'count and time_window, or rules'],
  ['limit-count', { count: 1 }, '', 'count and time_window, or rules'],
  ['limit-count', { ...count, rules: [{ ...count, key: '$uri' }] }, '', 'or rules'],
  ['limit-count', { ...count, count: 0 }, '/count', 'a whole number from 1'],
  ['limit-count', { ...count, count: 'many' }, '/count'],
  ['limit-count', { ...count, key: 'server_addr' }, '/key', 'key_type "constant"'],
  ['limit-count', { ...count, key: '__proto__' }, '/key', 'a variable'],
  ['limit-count', { ...count, key: 'constructor' }, '/key', 'a variable'],
  ['limit-count', { ...count, key: 'http_' }, '/key', 'a variable'],
  ['limit-count', { ...count, key: 'a', key_type: 'var_combination' }, '/key', 'a combination'],
  ['limit-count', { ...count, key: '$a', key_type: 'var_combination' }, '/key', 'a combination'],
  ['limit-count', { rules: [{ ...count, key: 'uri' }] }, '/rules/0/key', 'a combination'],
  ['limit-count', { ...count, policy: 'redis' }, '/policy', 'there is no Redis here'],
  ['limit-count', { ...count, policy: 'redis-cluster' }, '/policy', 'dynamodb'],
  ['limit-count', { ...count, redis_host: 'x' }, '/redis_host', 'no such field'],
  ['limit-count', { ...count, rejected_code: 199 }, '/rejected_code', '200 to 599'],
  ['limit-req', { ...req, rate: 0 }, '/rate', 'at least 0.000001'],
  ['limit-req', { ...req, rate: 1e-300 }, '/rate', 'at least 0.000001'],
  ['limit-req', { ...req, burst: 1e300 }, '/burst', 'to 1000000'],
  ['limit-req', { ...req, burst: -1 }, '/burst', 'from 0'],
  ['limit-req', { ...req, key_type: 'constant' }, '/key_type'],
  ['limit-req', { rate: 1, burst: 1 }, '/key', 'this field'],
  ['limit-conn', { ...conn, conn: 0 }, '/conn', 'a whole number from 1'],
  ['limit-conn', { ...conn, default_conn_delay: 0 }, '/default_conn_delay', 'greater than 0'],
  ['limit-conn', { ...conn, conn: 5001, policy: 'dynamodb' }, '', '5000 together'],
  ['limit-conn', { ...conn, policy: 'redis' }, '/policy', 'dynamodb'],
])('%s with %j is refused at %s', async (name, config, pointer, expected = '') => {
  const [issue] = await issuesOf(withPlugin(name, config));

  expect(issue?.pointer).toBe(`/plugins/${name}${pointer}`);
  expect(issue?.expected).toContain(expected);
});

test.each([
  ['real-ip', 'route', 23_000],
  ['cors', 'route', 4000],
  ['ip-restriction', 'route', 3000],
  ['ua-restriction', 'route', 2999],
  ['referer-restriction', 'route', 2990],
  ['uri-blocker', 'route', 2900],
  ['consumer-restriction', 'route', 2400],
  ['limit-conn', 'route', 1003],
  ['limit-count', 'route', 1002],
  ['limit-req', 'route', 1001],
])('%s has the priority that it has in APISIX', async (name, _, priority) => {
  const configs: Readonly<Record<string, unknown>> = {
    'real-ip': { source: 'http_x', trusted_addresses: ['::1'] },
    cors: {},
    'ip-restriction': { whitelist: ['::1'] },
    'ua-restriction': { denylist: ['a'] },
    'referer-restriction': { whitelist: ['*'] },
    'uri-blocker': { block_rules: ['a'] },
    'consumer-restriction': { whitelist: ['a'] },
    'limit-conn': conn,
    'limit-count': count,
    'limit-req': req,
  };

  const { routes } = await compile(withPlugin(name, configs[name]));

  expect(routes[0]?.plugins.find((prepared) => prepared.name === name)?.priority).toBe(priority);
});
