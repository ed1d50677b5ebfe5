/**
 * DESIGN: whatever a client sends costs at most 50 ms of CPU a megabyte. Each plugin reads a megabyte of each hostile shape.
 * The bound is ten times as wide, since CPU time is noisy; what was wrong here cost from 800 to 28,000 ms.
 */

import { toDashed } from '../../functions/proxy/http/headers.ts';
import { toExchange, toRequest } from '../support/builders.ts';
import { compile } from '../support/documents.ts';
import { sample } from '../support/sample.ts';

const megabyte = 1024 * 1024;
const maxMs = 500;

function fill(piece: string): string {
  const text = piece.repeat(Math.ceil(megabyte / piece.length)).slice(0, megabyte);
  // Flattened here: `repeat` makes a rope, and taking that apart is not what is measured.
  return Buffer.from(text, 'latin1').toString('latin1');
}

const count = { count: 1000, time_window: 60, rejected_code: 429 };
const plugins: Readonly<Record<string, object>> = {
  'key-auth': {},
  'jwt-auth': {},
  'basic-auth': {},
  'hmac-auth': {},
  'limit-count by argument': { ...count, key: 'arg_id' },
  'limit-count by cookie': { ...count, key: 'cookie_id' },
  'limit-count by header': { ...count, key: 'http_x_id' },
  'limit-count by uri': { ...count, key: 'uri' },
  'real-ip': { source: 'http_x_forwarded_for', trusted_addresses: ['0.0.0.0/0', '::/0'] },
  'real-ip recursive': {
    source: 'http_x_forwarded_for',
    trusted_addresses: ['0.0.0.0/0', '::/0'],
    recursive: true,
  },
  'uri-blocker': { block_rules: ['root.exe', '^/(?:admin|internal)/.*[.]php$'] },
  'referer-restriction': { whitelist: ['*.example.com'] },
  'ua-restriction': { denylist: ['(Bot|Crawler)/[0-9.]+$'] },
  csrf: { key: 'a-key-of-the-operator' },
  cors: { allow_origins_by_regex: ['https://[a-z.]*[.]example[.]com'] },
  'webhook-auth': { preset: 'stripe', secrets: ['whsec_abcdefghijklmnopqrstuvwxyz'] },
  'request-id': {},
};

const shapes: Readonly<Record<string, Parameters<typeof toRequest>[0]>> = {
  'bad escapes in the query': { query: fill('%FF&') },
  'empty parameters': { query: fill('&') },
  'parameters without a name': { query: fill('=&') },
  'escaped names': { query: fill('%61pikey%3D&') },
  'many keys': { query: fill('apikey=%FF&jwt=%FF&id=%FF&') },
  'escapes of escapes in the query': { query: fill('%2525') },
  slashes: { path: `/${fill('/a')}` },
  'escapes of escapes in the path': { path: `/${fill('%2561')}` },
  'path parameters': { path: `/${fill('a;/')}` },
  'empty cookies': { headers: { cookie: fill(';') } },
  'cookies without a value': { headers: { cookie: fill('a=;') } },
  'cookies of the name': { headers: { cookie: fill('jwt=a; id=a;apisix-csrf-token=a;') } },
  'blanks in cookies': { headers: { cookie: fill(' ') } },
  addresses: { headers: { 'x-forwarded-for': fill('::1,') } },
  commas: { headers: { 'x-forwarded-for': fill(','), authorization: fill(',') } },
  'an address without an end': { headers: { 'x-forwarded-for': fill(':1') } },
  'dots of a referrer': { headers: { referer: `https://a${fill('.')}b/` } },
  // What a URL may still have as its host.
  'fewer dots of a referrer': { headers: { referer: `https://a${fill('.').slice(0, 65_536)}b/` } },
  'labels of a referrer': { headers: { referer: `https://${fill('a.')}/` } },
  'blanks in an agent': { headers: { 'user-agent': `Bot/${fill('1')}x` } },
  agents: { headers: { 'user-agent': fill('Bot/1') } },
  'an origin': { headers: { origin: `https://${fill('a.')}example.com` } },
  origins: { headers: { origin: fill('https://a.example.com ') } },
  'bearer blanks': { headers: { authorization: `Bearer ${fill(' ')}` } },
  'dots of a token': { headers: { authorization: `Bearer ${fill('.')}` } },
  'quotes in credentials': { headers: { authorization: `Signature ${fill('a="b",')}` } },
  'backslashes in credentials': { headers: { authorization: `Signature a="${fill('\\\\"')}` } },
  base64: { headers: { authorization: `Basic ${fill('Ojo6')}` } },
  'webhook signatures': { headers: { 'stripe-signature': `t=1,${fill('v1=00,')}` } },
  'connection names': { headers: { connection: fill('a,') } },
  'header names asked for': {
    method: 'OPTIONS',
    headers: { origin: 'https://a.example.com', 'access-control-request-headers': fill('a,') },
  },
  'an id': { headers: { 'x-request-id': fill('a'), 'x-id': fill('a') } },
};

const cases = Object.keys(plugins).flatMap((plugin) =>
  Object.keys(shapes).map((shape) => [plugin, shape] as const),
);

test.each([...sample(cases)])('%s reads a megabyte of %s', async (plugin, shape) => {
  const [name = ''] = plugin.split(' ');
  const { routes } = await compile({ uri: '/*', plugins: { [name]: plugins[plugin] } });
  const exchange = toExchange({
    request: toRequest({ method: 'POST', sourceIp: '192.0.2.1', ...shapes[shape] }),
  });

  const usage = process.cpuUsage();
  // There is no upstream: what a plugin lets pass is an error, too.
  await routes[0]?.handle(exchange).catch(() => undefined);
  const { user, system } = process.cpuUsage(usage);
  const ms = (user + system) / 1000;

  expect(ms).toBeLessThan(maxMs);
});

test('each of the stages that compare names of headers reads ten megabytes of them', () => {
  const names = Array.from({ length: 40_000 }, (_, index) => `${'!'.repeat(240)}${index}`);

  const usage = process.cpuUsage();
  const lengths = names.map((name) => toDashed(name).length);
  const { user, system } = process.cpuUsage(usage);

  expect(lengths.every((length) => length > 240)).toBe(true);
  // Some five stages look at each name. What was wrong here took 3,400 ms; a busy machine takes up to 700 now.
  expect((user + system) / 1000).toBeLessThan(4 * maxMs);
});
