/** What changes in the settings of single plugins that are imported from Apache APISIX. */
import { convertApisix } from '../../cli/apisix/convert.ts';
import { convertPlugins } from '../../cli/apisix/plugins.ts';
import { parseApisix } from '../../cli/apisix/read.ts';

it('proxy-rewrite loses what has no meaning here', () => {
  const rewrite = {
    ...{ regex_uri: ['^/a/(.*)', '/$1'], use_real_request_uri_unsafe: true, scheme: 'http' },
  };
  const { plugins, remarks, lost } = convertPlugins(
    { 'proxy-rewrite': rewrite },
    { keepKeys: false },
  );

  expect(plugins).toEqual({ 'proxy-rewrite': { regex_uri: ['^/a/(.*)', '/$1'] } });
  expect(remarks).toEqual([
    'use_real_request_uri_unsafe of proxy-rewrite is left out: paths are sent as they came',
    'scheme of proxy-rewrite is left out: it is that of the upstream',
  ]);
  expect(lost).toEqual([]);
});

it.each<[object, boolean]>([
  [{ redirect: { uri: '/b' } }, false],
  [{ mocking: { response_example: 'x' } }, false],
  [{ redirect: { regex_uri: ['^/a', '/b'] } }, true],
  [{ redirect: { uri: '/b', _meta: { disable: true } } }, true],
])(
  'a route without an upstream and with %j answers 503 to some requests: %s',
  (plugins, expected) => {
    const text = JSON.stringify({ routes: [{ id: '1', uri: '/a', plugins }] });
    const { documents } = convertApisix(parseApisix(text, 'dump'), { keepKeys: false });

    expect(documents[0]?.remarks.join().includes('503 NO_UPSTREAM')).toBe(expected);
  },
);

describe('a limit that counts in Redis', () => {
  const redis = { redis_host: 'r', redis_password: 'p', redis_ssl: true };
  const limits = {
    'limit-count': { count: 2, time_window: 60, sync_interval: 1 },
    'limit-conn': { conn: 1, burst: 0, default_conn_delay: 0.1, key: 'remote_addr', key_ttl: 9 },
    'limit-req': { rate: 1, burst: 0, key: 'remote_addr' },
  };
  const cases = Object.entries(limits).flatMap(([name, config]) =>
    ['redis', 'redis-cluster', 'redis-sentinel'].map((policy) => ({ name, config, policy })),
  );

  it.each(cases)('of $name with $policy counts in the table when asked', (own) => {
    const { name, config, policy } = own;
    const written = { [name]: { ...config, ...redis, policy } };
    const converted = convertPlugins(written, { keepKeys: false, limits: 'dynamodb' });
    const { sync_interval, key_ttl, ...kept } = config as Record<string, unknown>;

    expect(converted.plugins).toEqual({ [name]: { ...kept, policy: 'dynamodb' } });
    expect(converted.lost).toEqual([]);
    expect(converted.remarks[0]).toContain(`policy ${policy} of ${name} is dynamodb`);
    expect(converted.remarks[0]).toContain('rateLimitTable');
    expect(converted.remarks[1]).toMatch(/redis_host, redis_password, redis_ssl of .* left out/);
    expect(convertPlugins(written, { keepKeys: false }).plugins).toEqual(written);
  });

  it('stays as it is with another policy', () => {
    const written = { 'limit-count': { count: 2, time_window: 60, policy: 'local' } };
    const converted = convertPlugins(written, { keepKeys: false, limits: 'dynamodb' });

    expect(converted).toEqual({ plugins: written, remarks: [], lost: [] });
  });
});
