/** What sendRequest makes of the bytes that an upstream sends, and of each way in which a connection ends. */
import type { ProxyError } from '../../functions/proxy/http/errors.ts';
import type { UpstreamRequest } from '../../functions/proxy/http/message.ts';
import { gatherBody } from '../../functions/proxy/send/gather.ts';
import { createHead } from '../../functions/proxy/send/head.ts';
import { isStaleConnection } from '../../functions/proxy/send/send-errors.ts';
import { createPlayedPool, failureOf, type PlayedStep, sendOver } from '../support/played-pool.ts';
import {
  chunked,
  cut,
  invalid,
  ok,
  refused,
  unanswered,
  whole,
} from '../support/played-responses.ts';
import { plain, type Step } from '../support/raw-upstream.ts';

// A test that waits for a timer that never comes ends at once.
beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] }));
afterEach(() => jest.useRealTimers());

/** Pauses of real upstreams are turns of the event loop here. */
const toPlayed = (steps: readonly Step[]): readonly PlayedStep[] =>
  steps.flatMap((step): PlayedStep[] => {
    if (step === 'reset') return [{ code: 'ECONNRESET' }];
    return typeof step === 'string' || Buffer.isBuffer(step) ? [step] : [];
  });

const sendTo = (steps: readonly Step[], request: Partial<UpstreamRequest> = {}) =>
  sendOver(createPlayedPool({ answers: [toPlayed(steps)] }), request);

const largeBody = 'x'.repeat(1_000_000);
const others: typeof whole = [
  [
    'a body of a megabyte',
    [plain(largeBody).slice(0, 600_000), plain(largeBody).slice(600_000)],
    200,
    largeBody,
  ],
  ['status 599', ['HTTP/1.1 599 x\r\ncontent-length: 0\r\n\r\n'], 599, ''],
  [
    'chunks with a tab behind another header',
    [`${ok}x-a: 1\t\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`],
    200,
    'a',
  ],
];

test.each([...whole, ...others])('%s arrives whole', async (_, steps, status, body) => {
  const response = await sendTo(steps);

  expect(response.status).toBe(status);
  expect((await gatherBody(response)).toString('latin1')).toBe(body.toString('latin1'));
});

const hidden = 'transfer-encoding: chunked\t\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
const alsoRefused: typeof refused = [
  ['chunked with a tab behind, in two parts', [ok, hidden, 'end'], invalid],
  ['chunked with a tab behind 103', [`HTTP/1.1 103 x\r\n\r\n${ok}`, hidden, 'end'], invalid],
];

test.each([...refused, ...alsoRefused])('%s is refused', async (_, steps, code) => {
  const attempt = async () => {
    const response = await sendTo(steps);
    return gatherBody(response);
  };

  expect((await failureOf(attempt())).code).toBe(code);
});

test.each([
  ['a body without a length', `${ok}\r\nhello`],
  ['chunks', `${chunked}5\r\nhello\r\n`],
])('%s that ends by a reset which Node takes for an end is cut', async (_, head) => {
  const pool = createPlayedPool({ answers: [[head, 'vanish']] });
  const response = await sendOver(pool);

  expect((await failureOf(gatherBody(response))).code).toBe('UPSTREAM_CUT');
});

test.each(cut)('a response that breaks off %s is cut', async (_, steps, body) => {
  const response = await sendTo(steps);
  const chunks: Buffer[] = [];
  const read = async () => {
    for await (const chunk of response.body as AsyncIterable<Buffer>) chunks.push(chunk);
  };

  expect(await failureOf(read())).toMatchObject({ code: 'UPSTREAM_CUT' });
  const received = Buffer.concat(chunks).toString('latin1');
  expect(body.toString('latin1').startsWith(received)).toBe(true);
});

test.each(unanswered)('%s, and the upstream could not be reached', async (_, steps) => {
  const error = await failureOf(sendTo(steps));

  expect(error).toMatchObject({ code: 'UPSTREAM_UNREACHABLE', isUnsent: false });
  expect(isStaleConnection(error)).toBe(false);
});

test.each([
  ['HEAD', 'HTTP/1.1 200 OK\r\n\r\n'],
  ['HEAD', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'],
  ['GET', 'HTTP/1.1 204 No\r\n\r\n'],
  ['GET', 'HTTP/1.1 304 No\r\n\r\n'],
  ['HEAD', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\t\r\n\r\n'],
  ['GET', 'HTTP/1.1 304 No\r\ntransfer-encoding: chunked\t\r\n\r\n'],
])('a %s answered by %j has no body that could be cut', async (method, head) => {
  const response = await sendTo([head], { method });

  expect(await gatherBody(response)).toEqual(Buffer.alloc(0));
});

test('a CONNECT that is accepted is an invalid response, and its connection is closed', async () => {
  const pool = createPlayedPool({ answers: [[`${ok}\r\nhello`]] });

  expect((await failureOf(sendOver(pool, { method: 'CONNECT' }))).code).toBe(
    'UPSTREAM_INVALID_RESPONSE',
  );
  expect(pool.connections[0]?.destroyed).toBe(true);
});

test('status, headers and their order are those of the response', async () => {
  const { status, headers } = await sendTo([plain('', 'X-A: 1\r\nset-cookie: a\r\nx-a: \r\n')]);

  expect(status).toBe(200);
  expect(headers).toEqual([
    ['x-a', '1'],
    ['set-cookie', 'a'],
    ['x-a', ''],
    ['content-length', '0'],
  ]);
});

test.each([
  [10_000, 'arrives'],
  [10_001, 'UPSTREAM_INVALID_RESPONSE'],
])('a response of %i header lines: %s', async (lines, expected) => {
  const attempt = sendTo([plain('', 'a:\r\n'.repeat(lines - 1))]);

  expect(
    await attempt.then(
      () => 'arrives',
      (error: ProxyError) => error.code,
    ),
  ).toBe(expected);
});

test.each([
  [100, 'arrives'],
  [101, 'UPSTREAM_INVALID_RESPONSE'],
])('a response behind %i informational ones: %s', async (count, expected) => {
  const steps = [...Array(count).fill('HTTP/1.1 102 x\r\n\r\n'), plain('')];

  expect(
    await sendTo(steps).then(
      () => 'arrives',
      (error) => error.code,
    ),
  ).toBe(expected);
});

test('what is written is the request as it was given', async () => {
  const pool = createPlayedPool({ answers: [[plain('')]] });
  const headers = [
    ['host', 'h'],
    ['X-a', '1'],
    ['x-A', '2'],
    ['content-length', '2'],
  ] as const;
  const request = { method: 'POST', path: '/a%20b//', headers, body: Buffer.from('hi') };
  await sendOver(pool, { ...request, query: 'x=1+2' });
  await sendOver(pool, { ...request, query: '' });

  const rest = 'host: h\r\nX-a: 1\r\nx-A: 2\r\ncontent-length: 2\r\n';
  expect(pool.requests).toEqual([
    expect.stringContaining(`POST /a%20b//?x=1+2 HTTP/1.1\r\n${rest}`),
    expect.stringContaining(`POST /a%20b// HTTP/1.1\r\n${rest}`),
  ]);
  expect(pool.requests[0]).toMatch(/\r\n\r\nhi$/);
});

test('an upstream without TLS is sent to in the clear', async () => {
  const pool = createPlayedPool({ protocol: 'http:', answers: [[plain('hello')]] });
  const plainOrigin = { protocol: 'http:', hostname: 'localhost', port: 80 } as const;
  const response = await sendOver(pool, {}, { origin: plainOrigin });

  expect((await gatherBody(response)).toString()).toBe('hello');
});

test('bytes before the final response are counted until there are too many', () => {
  const [fits, exceeds] = [createHead(), createHead()];
  fits.add(Buffer.alloc(512 * 1024));
  exceeds.add(Buffer.alloc(512 * 1024 + 1));

  expect(fits.add(Buffer.alloc(1))).toBeUndefined();
  expect(exceeds.add(Buffer.alloc(1))).toContain('more than 524288 bytes');
});
