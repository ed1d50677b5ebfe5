/** Small decisions of response-rewrite: encodings, limits, headers of bodies, errors. */
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { compileGroups } from '../../../functions/proxy/documents/pattern-groups.ts';
import { ProxyError } from '../../../functions/proxy/http/errors.ts';
import type { HeaderList, ProxyResponse } from '../../../functions/proxy/http/message.ts';
import { compileFilters } from '../../../functions/proxy/plugins/transformation/response-rewrite/filters.ts';
import { responseRewrite } from '../../../functions/proxy/plugins/transformation/response-rewrite/response-rewrite.ts';
import {
  rejectionOf,
  thrownBy,
  toExchange,
  toRequest,
  toResponse,
} from '../../support/builders.ts';
import { preparePlugin } from '../../support/plugin-rig.ts';

async function run(config: unknown, answer: Partial<ProxyResponse> | ProxyError = {}, query = '') {
  const { middleware } = preparePlugin(responseRewrite, config);
  return middleware(toExchange({ request: toRequest({ query }) }), async () => {
    if (answer instanceof ProxyError) throw answer;
    return toResponse(answer);
  });
}

const counted: [number, string][] = [];
const filter = (regex: string, replace = '-', scope: 'once' | 'global' = 'once') =>
  compileFilters([{ regex, replace, scope, options: 'jo' }], {
    pointer: '/filters',
    countSteps: (steps, pointer) => counted.push([steps, pointer]),
  });

describe('a filter', () => {
  const encoded = (name: string): HeaderList => [
    ['x-a', 'zstd'],
    ['content-encoding', name],
  ];

  test.each<[string, Buffer, string]>([
    [' GZIP ', gzipSync('one'), '-ne'],
    ['deflate', deflateSync('one'), '-ne'],
    ['br', brotliCompressSync('one'), '-ne'],
    ['identity', Buffer.from('one'), '-ne'],
    ['', Buffer.from('one'), '-ne'],
    ['gzip', Buffer.alloc(0), ''],
    ['', Buffer.from('\u00f6o'), '\u00f6-'],
  ])('reads a body whose encoding is %j', async (name, body, expected) => {
    expect(String(await filter('o')({ ...toResponse({ body }), headers: encoded(name) }))).toBe(
      expected,
    );
  });

  test('matches characters, and not their bytes', async () => {
    const body = Buffer.from('\u00f6o');

    expect(String(await filter('^.o')(toResponse({ body })))).toBe('-');
  });

  test.each(['constructor', 'zstd'])('refuses the encoding %s', async (name) => {
    const response = toResponse({ headers: encoded(name), body: Buffer.from('x') });

    expect(await rejectionOf(filter('o')(response))).toMatchObject({
      code: 'UPSTREAM_INVALID_RESPONSE',
    });
  });

  test('has a body that is cut keep its own error', async () => {
    const cut = new ProxyError('UPSTREAM_CUT', 'cut');
    async function* body() {
      yield Buffer.from('x');
      throw cut;
    }

    expect(await rejectionOf(filter('o')(toResponse({ body: body() })))).toBe(cut);
  });

  test('is counted by its size, and searches as many characters as it has work for', async () => {
    counted.length = 0;
    const sizes = Array.from({ length: 40 }, (_, index) => 'x'.repeat(index + 11));
    const regex = sizes.find((each) => 10_000_000 % compileGroups(each).size === 0) ?? '';
    const { size } = compileGroups(regex);
    const body = Buffer.alloc(10_000_000 / size);

    expect(await filter(regex)(toResponse({ body }))).toEqual(body);
    expect(counted).toEqual([[size, '/filters/0/regex']]);
    const longer = toResponse({ body: Buffer.alloc(body.length + 1) });
    expect(await rejectionOf(filter(regex)(longer))).toBeInstanceOf(ProxyError);
  });

  test('makes no more than eight times the longest body', async () => {
    const most = 8 * 1_048_576;
    const grow = (size: number) => filter('^', 'x'.repeat(size))(toResponse());

    expect((await grow(most)).length).toBe(most);
    expect(await rejectionOf(grow(most + 1))).toBeInstanceOf(ProxyError);
  });

  test.each([
    [1000, 'b-'],
    [1001, undefined],
  ])('searches for a second at most, of all its finds: %d ms', async (tookMs, expected) => {
    const { now } = performance;
    const times = [0, tookMs];
    performance.now = () => times.shift() ?? tookMs;
    try {
      const filtered = filter('a', '-', 'global')(toResponse({ body: Buffer.from('ba') }));
      const text = await filtered.then(String, () => undefined);

      expect(text).toBe(expected);
    } finally {
      performance.now = now;
    }
  });
});

describe('headers', () => {
  test.each<[object, (readonly [string, string])[]]>([
    [{ add: ['X-B : a:b '] }, [['x-a', '1'] as const, ['x-b', 'a:b'] as const]],
    [{ add: ['X-B: 2'], set: { 'X-A': '3' } }, [['x-b', '2'] as const, ['x-a', '3'] as const]],
    [{ set: { 'X-B': '2' }, remove: ['X-A'] }, [['x-b', '2'] as const]],
    [
      { set: { 'X-B': '$upstream_status$sent_http_X_A' } },
      [
        ['x-a', '1'],
        ['x-b', '2001'],
      ],
    ],
  ])('%j', async (headers, expected) => {
    expect((await run({ headers }, { headers: [['x-a', '1']] })).headers).toEqual(expected);
  });

  test('that describe the old body go with it', async () => {
    const names = [
      ...['content-length', 'content-encoding', 'content-md5', 'content-range', 'content-digest'],
      ...['accept-ranges', 'digest', 'etag', 'last-modified', 'repr-digest', 'content-type'],
    ];
    const { headers } = await run({ body: 'x' }, { headers: names.map((name) => [name, '1']) });

    expect(headers).toEqual([['content-type', '1']]);
  });

  test('that describe a body stay beside a status that had none before', async () => {
    const answer = { status: 304, headers: [['etag', '1']] as HeaderList };

    expect((await run({ status_code: 204 }, answer)).headers).toEqual([['etag', '1']]);
  });
});

test.each<[object, boolean]>([
  [{ filters: [{ regex: 'a', replace: 'b' }] }, false],
  [{ body: 'new' }, false],
  [{ headers: { 'X-A': '1' } }, true],
])('with %j the upstream is asked for a part of the body: %s', async (config, isAsked) => {
  const { middleware } = preparePlugin(responseRewrite, config);
  const request = toRequest({ headers: { range: 'bytes=0-1', 'x-b': '2' } });
  let names: string[] = [];
  await middleware(toExchange({ request }), async (exchange) => {
    names = Object.keys(exchange.request.headers);
    return toResponse();
  });

  expect(names).toEqual(isAsked ? ['range', 'x-b'] : ['x-b']);
});

test('a part of a body is not filtered, and is let go', async () => {
  let isClosed = false;
  const body = {
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: false as const, value: Buffer.from('x') }),
      return: async () => {
        isClosed = true;
        return { done: true as const, value: undefined };
      },
    }),
  };

  expect(await rejectionOf(filter('o')(toResponse({ status: 206, body })))).toMatchObject({
    message: expect.stringContaining('a part of one'),
  });
  expect(isClosed).toBe(true);
});

test('a status without a body has none, whatever its filters would make', async () => {
  const config = { status_code: 204, filters: [{ regex: '^', replace: 'x' }] };

  expect((await run(config, { body: Buffer.from('y') })).body).toEqual(Buffer.alloc(0));
});

test('a condition that cannot be decided refuses the response, and lets it go', async () => {
  let isClosed = false;
  const body = {
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: true as const, value: undefined }),
      return: async () => {
        isClosed = true;
        return { done: true as const, value: undefined };
      },
    }),
  };
  const config = { status_code: 204, vars: [['arg_a', '==', '1']] };

  expect(await rejectionOf(run(config, { body }, 'a=1&a=2'))).toMatchObject({
    code: 'MALFORMED_REQUEST',
  });
  expect(isClosed).toBe(true);
});

test('an error of the proxy keeps what is not rewritten of it', async () => {
  const answer = { status: 418, cookies: ['a=b'], body: Buffer.from('old') };
  const error = new ProxyError('FORBIDDEN', 'no').withAnswer({}, answer);
  const config = { headers: { add: ['Set-Cookie: c=d'], set: { 'X-A': '1' } } };
  const plain = await rejectionOf(run(config, new ProxyError('FORBIDDEN', 'no')));

  expect(await rejectionOf(run(config, error))).toMatchObject({
    headers: { 'x-a': '1' },
    answer: { status: 418, cookies: ['a=b', 'c=d'], body: Buffer.from('old') },
  });
  expect(plain).toMatchObject({ answer: { status: 403, cookies: ['c=d'] } });
});

test.each([
  [{ headers: { add: ['X-A:'] } }, 'Name: value'],
  [{ headers: { add: ['X-A:  '] } }, 'Name: value'],
  [{ headers: { add: ['X-A: $no_such'] } }, 'at /plugins/it/headers/add/0: '],
  [{ filters: [{ regex: '(', replace: '' }] }, 'at /plugins/it/filters/0/regex: '],
])('%j is refused', (config, words) => {
  expect(String(thrownBy(() => preparePlugin(responseRewrite, config)))).toContain(words);
});
