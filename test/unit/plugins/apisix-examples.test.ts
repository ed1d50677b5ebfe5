/** The settings in the examples of Apache APISIX's pages (3.18): accepted, or refused for the reason on our page. */
import { allPlugins } from '../../../functions/proxy/plugins/all.ts';
import { thrownBy, toServices } from '../../support/builders.ts';

const prepare = (name: string, settings: unknown, allowedHosts = '') => {
  const context = { pointer: '/it', written: settings };
  return allPlugins.get(name)?.prepare(settings, toServices({ allowedHosts }), context);
};
const abort = { http_status: 403, body: 'Fault Injection!\n' };
const hosts = { type: 'string', enum: ['httpbin.org', 'httpbin'] };

test.each<[name: string, settings: object]>([
  ['redirect', { uri: '/test/default.html', ret_code: 301 }],
  ['redirect', { uri: '$uri/index.html', ret_code: 301 }],
  ['redirect', { http_to_https: true }],
  ['redirect', { regex_uri: ['^/iresty/(.*)/(.*)/(.*)', '/$1-$2-$3'] }],
  ['fault-injection', { abort: { http_status: 200, body: 'Fault Injection!' } }],
  ['fault-injection', { delay: { duration: 3 } }],
  [
    'fault-injection',
    {
      abort: { ...abort, vars: [[['arg_name', '==', 'jack']]] },
      delay: { duration: 2, vars: [[['http_age', '==', '18']]] },
    },
  ],
  ['fault-injection', { abort: { ...abort, headers: { 'X-APISIX-Remote-Addr': '$remote_addr' } } }],
  ['mocking', { delay: 0, content_type: '', response_status: 201, response_example: '{"a":1}' }],
  ['mocking', { response_headers: { 'X-User-Id': '100' }, response_example: 'IP: $remote_addr' }],
  ['proxy-rewrite', { uri: '/anything', headers: { set: { 'X-Api-Version': 'v1' } } }],
  ['proxy-rewrite', { uri: '/headers', headers: { add: { 'X-Api-Engine': 'apisix' } } }],
  ['proxy-rewrite', { headers: { remove: ['User-Agent'] } }],
  ['proxy-rewrite', { regex_uri: ['^/test/(.*)/(.*)', '/$1-$2'] }],
  ['proxy-rewrite', { uri: '/get?arg1=apisix&arg2=plugin' }],
  ['proxy-rewrite', { uri: '/anything', method: 'POST' }],
  [
    'proxy-rewrite',
    { uri: '/anything', headers: { set: { 'X-Api-Version': '$consumer_name', 'X-Used': '1' } } },
  ],
  ['response-rewrite', { filters: [{ regex: 'X-Amzn-Trace-Id', scope: 'global', replace: 'X' }] }],
  ['response-rewrite', { body: 'SGVsbG8gV29ybGQ=', body_base64: true }],
  ['response-rewrite', { status_code: 200, body: '{"code": 200, "msg": "success"}' }],
  ['client-control', { max_body_size: 1 }],
  ['attach-consumer-label', { headers: { 'X-Consumer-Role': '$role' } }],
  ['request-validation', { header_schema: { required: ['Host'], properties: { Host: hosts } } }],
  [
    'request-validation',
    { body_schema: { properties: { a: { type: 'string', pattern: '[[^[a-zA-Z0-9_]+$]]' } } } },
  ],
  ['multi-auth', { auth_plugins: [{ 'basic-auth': {} }, { 'key-auth': { query: 'apikey' } }] }],
])('%s takes %j', (name, settings) => {
  expect(prepare(name, settings)?.name).toBe(name);
});

test.each<[name: string, settings: object, words: string]>([
  ['proxy-rewrite', { host: 'myapisix.demo' }, 'not listed in COUNTERSIGN_ALLOWED_HOSTS'],
  [
    'response-rewrite',
    { headers: { 'X-B': '$balancer_ip:$balancer_port' } },
    'no variable balancer_ip',
  ],
])('%s refuses %j, and says why', (name, settings, words) => {
  expect(String(thrownBy(() => prepare(name, settings)))).toContain(words);
});

it('takes the host of proxy-rewrite where the operator lists it', () => {
  expect(prepare('proxy-rewrite', { host: 'myapisix.demo' }, 'myapisix.demo')).toBeDefined();
});
