/** Which answers of an authorizer count for later requests, and for which ones; and the settings that it refuses. */
import type { Exchange } from '../../../functions/proxy/chain/exchange.ts';
import { ProxyError } from '../../../functions/proxy/http/errors.ts';
import { createAnswerCache } from '../../../functions/proxy/plugins/authentication/forward-auth/answer-cache.ts';
import { forwardAuth } from '../../../functions/proxy/plugins/authentication/forward-auth/forward-auth.ts';
import { thrownBy, toExchange, toRequest, toResponse, toServices } from '../../support/builders.ts';
import { createFakePool } from '../../support/fake-pool.ts';
import { preparePlugin } from '../../support/plugin-rig.ts';

const uri = 'https://auth.example.com/check';

/** @returns how often the authorizer is asked by these requests, which come after one another */
async function countAsked(
  config: object,
  answer: string,
  exchanges: readonly Partial<Exchange>[],
  pauseMs = 0,
) {
  let nowMs = 1_000_000;
  const pool = createFakePool(answer);
  const written = { uri, ...config };
  const services = { ...toServices({ pool }), now: () => nowMs };
  const { middleware } = forwardAuth.prepare(written, services, { pointer: '', written });
  for (const exchange of exchanges) {
    await middleware(toExchange(exchange), async () => toResponse()).catch(assertRefusal);
    nowMs += pauseMs;
  }
  return pool.requests().length;
}

function assertRefusal(error: unknown): void {
  if (!(error instanceof ProxyError)) throw error;
}

test.each([
  [59_999, 1],
  [60_000, 2],
])('with a ttl of a minute two requests %i ms apart ask %i times', async (pauseMs, count) => {
  expect(await countAsked({ cache }, answerOf(200), [{}, {}], pauseMs)).toBe(count);
});

const answerOf = (status: number, headers = '') =>
  `HTTP/1.1 ${status} x\r\n${headers}content-length: 0\r\n\r\n`;
const asking = (parts: object): Partial<Exchange> => ({ request: toRequest(parts) });
const cache = { ttl: 60 };
const all = {
  cache,
  request_method: 'POST',
  request_headers: ['x-told'],
  extra_headers: { 'x-extra': '$arg_extra' },
};

test.each<[object, object, object, number]>([
  [{}, {}, {}, 2],
  [{ cache }, {}, {}, 1],
  [{ cache }, { method: 'GET' }, { method: 'PUT' }, 2],
  [{ cache }, { host: 'a' }, { host: 'b' }, 2],
  [{ cache }, { path: '/a' }, { path: '/b' }, 2],
  [{ cache }, { query: 'a' }, { query: 'b' }, 2],
  [{ cache }, { clientIp: 'a' }, { clientIp: 'b' }, 2],
  [{ cache }, { body: Buffer.from('a') }, { body: Buffer.from('b') }, 1],
  [{ cache }, { headers: { 'x-told': 'a' } }, { headers: { 'x-told': 'b' } }, 1],
  [{ cache }, { headers: { 'content-encoding': 'a' } }, { headers: {} }, 1],
  [all, { body: Buffer.from('a') }, { body: Buffer.from('b') }, 2],
  [all, { body: Buffer.from('a') }, { body: Buffer.from('a') }, 1],
  [all, { headers: { 'x-told': 'a' } }, { headers: { 'x-told': 'b' } }, 2],
  [all, { headers: { 'content-encoding': 'a' } }, { headers: {} }, 2],
  [all, { headers: { 'content-encoding': 'a' } }, { headers: { 'x-told': 'a' } }, 2],
  [all, { headers: { cookie: 'a' } }, { headers: {} }, 1],
  [{ cache: { ...cache, key: '$http_x_key' } }, { path: '/a' }, { path: '/b' }, 2],
  [
    { cache: { ...cache, key: '$http_x_key' } },
    { path: '/a', headers: { 'x-key': 'k' } },
    { path: '/b', headers: { 'x-key': 'k' } },
    1,
  ],
])('under %j the authorizer is asked about %j and %j: %#', async (config, first, second, count) => {
  const asked = await countAsked(config, answerOf(200), [asking(first), asking(second)]);

  expect(asked).toBe(count);
});

test('what a header of the document says is a part of what is asked', async () => {
  const config = { cache, extra_headers: { 'x-extra': '$consumer_name' } };
  const consumer = (username: string) => ({ consumer: { username } as Exchange['consumer'] });
  const exchanges = [consumer('a'), consumer('b'), consumer('a')];

  expect(await countAsked(config, answerOf(200), exchanges)).toBe(2);
});

test.each<[number, string, object, boolean]>([
  [200, '', {}, true],
  [403, '', {}, true],
  [429, '', {}, false],
  [499, '', {}, true],
  [500, '', {}, false],
  [200, 'cache-control: max-age=9, No-Store\r\n', {}, false],
  [200, 'cache-control: no-cache\r\n', {}, false],
  [200, 'cache-control: private\r\n', {}, false],
  [200, 'x-cache-control: private\r\n', {}, true],
  [200, 'cache-control: max-age=9\r\n', {}, true],
  [403, 'set-cookie: a=1\r\n', {}, true],
  [403, 'set-cookie: a=1\r\n', { client_headers: ['set-cookie'] }, false],
  [200, 'set-cookie: a=1\r\n', { client_headers: ['set-cookie'] }, true],
  [300, 'set-cookie: a=1\r\n', { client_headers: ['set-cookie'] }, false],
  [403, 'x-a: 1\r\n', { client_headers: ['set-cookie'] }, true],
])('an answer %i with %j under %j is kept: %s', async (status, headers, config, isKept) => {
  const asked = await countAsked({ cache, ...config }, answerOf(status, headers), [{}, {}]);

  expect(asked).toBe(isKept ? 1 : 2);
});

test.each<[string[], number]>([
  [[], 60],
  [['max-age=10'], 10],
  [['max-age=600'], 60],
  [['MAX-AGE="10"'], 10],
  [['public , max-age=10'], 10],
  [['max-age=10, s-maxage=20'], 20],
  [['s-maxage=20', 'max-age=10'], 20],
  [['max-age=30', 'max-age=10'], 10],
  [['max-age=10x'], 0],
  [['max-age=x10'], 0],
  [['max-age=-1'], 0],
  [['max-age'], 0],
  [['max-age=12345678901'], 0],
  [['no-transform'], 60],
])('an answer with cache-control %j is kept for %i seconds', (values, seconds) => {
  let nowMs = 0;
  const kept = createAnswerCache(60_000, () => nowMs);
  const headers = [['x', 'max-age=1'], ...values.map((value) => ['cache-control', value])] as [
    string,
    string,
  ][];
  kept.keep('key', { status: 200, headers, body: Buffer.alloc(0) });
  nowMs = seconds * 1000 - 1;
  const before = kept.find('key');
  nowMs += 1;

  expect([before !== undefined, kept.find('key') !== undefined]).toEqual([seconds > 0, false]);
});

test.each<[object, string, string]>([
  [{ uri: 'http://auth.example.com' }, '/uri', 'https:'],
  [{ uri: 'x' }, '/uri', 'an absolute URL'],
  [{ uri, request_method: 'PUT' }, '/request_method', 'GET or POST'],
  [{ uri, request_headers: ['host'] }, '/request_headers/0', 'not that of framing'],
  [{ uri, extra_headers: { a: '$nothing' } }, '/extra_headers/a', 'variables that there are'],
  [{ uri, extra_headers: { Host: 'x' } }, '/extra_headers', 'not that of framing'],
  [{ uri, upstream_headers: ['x-a', 'host'] }, '/upstream_headers/1', 'a header name of its own'],
  [{ uri, cache: { ttl: 1, key: 'x' } }, '/cache/key', 'variables such as'],
  [{ uri, authorization: { iam: {} } }, '/uri', 'an allowed host where a role signs'],
])('the settings %j are refused at %s', (config, at, expected) => {
  const { issues } = thrownBy(() => preparePlugin(forwardAuth, config)) as {
    issues: { pointer: string; expected: string }[];
  };

  expect(issues[0]?.pointer).toContain(`/plugins/it${at}`);
  expect(issues[0]?.expected).toContain(expected);
});

test.each(['plain text', '$$', 'a $request_method'])('a header of the text %j', (text) => {
  const attempt = () => preparePlugin(forwardAuth, { uri, extra_headers: { 'x-a': text } });

  if (text === '$$') expect(attempt).toThrow('extra_headers');
  else expect(attempt).not.toThrow();
});
