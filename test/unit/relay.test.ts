import type { ProxyResponse } from '../../functions/proxy/http/message.ts';
import { relayResponse } from '../../functions/proxy/relay.ts';
import { toResponse } from '../support/builders.ts';
import { createFakeResponseStream } from '../support/fake-response-stream.ts';
import { hopByHopNames } from '../support/header-names.ts';

async function relay(parts: Partial<ProxyResponse>, method = 'GET') {
  const stream = createFakeResponseStream();
  const result = await relayResponse(toResponse(parts), stream, {
    open: stream.open,
    method,
    remainingMs: 60_000,
  });
  return { ...stream.sent(), result, isEnded: stream.isEnded() };
}

async function* chunksOf(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

test('status, headers and body go out, and the stream is ended', async () => {
  const { prelude, body, result, isEnded } = await relay({
    status: 201,
    headers: [
      ['content-type', 'text/plain'],
      ['x-a', '1'],
    ],
    body: Buffer.from('whole'),
  });
  expect(prelude).toEqual({
    statusCode: 201,
    headers: { 'content-type': 'text/plain', 'x-a': '1' },
    cookies: [],
  });
  expect({ body: body.toString(), result, isEnded }).toEqual({
    body: 'whole',
    result: { bytes: 5 },
    isEnded: true,
  });
});

test.each<[string, number, string, ProxyResponse['body']]>([
  ['an empty body', 200, 'GET', Buffer.alloc(0)],
  ['a stream that ends at once', 200, 'GET', chunksOf()],
  ['204', 204, 'GET', Buffer.alloc(0)],
  ['304', 304, 'GET', Buffer.alloc(0)],
  ['a redirect without body', 302, 'GET', Buffer.alloc(0)],
  ['HEAD', 200, 'HEAD', chunksOf('not for HEAD')],
])(
  '%s keeps status and headers, though the prelude leaves with the first write only',
  async (_, status, method, body) => {
    const sent = await relay({ status, headers: [['location', '/x']], body }, method);
    expect(sent.prelude).toMatchObject({ statusCode: status, headers: { location: '/x' } });
    expect(sent.body).toHaveLength(0);
    expect(sent.result).toEqual({ bytes: 0 });
    expect(sent.isEnded).toBe(true);
  },
);

test('every Set-Cookie is a cookie of its own, in order, and none is a header', async () => {
  const { prelude } = await relay({
    headers: [
      ['set-cookie', 'a=1; Path=/'],
      ['x', 'y'],
      ['set-cookie', 'b=2, c'],
      ['set-cookie', 'a=1; Path=/'],
    ],
  });
  expect(prelude).toMatchObject({
    headers: { x: 'y' },
    cookies: ['a=1; Path=/', 'b=2, c', 'a=1; Path=/'],
  });
});

test('a header that repeats is joined, as RFC 9110 §5.3 allows', async () => {
  const { prelude } = await relay({
    headers: [
      ['vary', 'a'],
      ['link', '<x>'],
      ['vary', 'b'],
      ['vary', ''],
    ],
  });
  expect(prelude?.headers).toEqual({ vary: 'a, b, ', link: '<x>' });
});

test.each(['constructor', '__proto__'])(
  'a header named %s is a header like any other',
  async (name) => {
    const { prelude } = await relay({ headers: [[name, 'x']] });
    expect(Object.entries(prelude?.headers ?? {})).toEqual([[name, 'x']]);
  },
);

test.each([...hopByHopNames, 'content-length'])(
  "an upstream's %s header ends here",
  async (name) => {
    const { prelude } = await relay({
      headers: [
        [name, '5'],
        ['x', 'y'],
      ],
      body: Buffer.from('whole'),
    });
    expect(prelude?.headers).toEqual({ x: 'y' });
  },
);

test('headers that an upstream names in Connection end here, too', async () => {
  const { prelude } = await relay({
    headers: [
      ['connection', 'X-Hop, set-cookie'],
      ['x-hop', '1'],
      ['connection', 'x-other'],
      ['x-other', '2'],
      ['set-cookie', 'a=1'],
      ['x', 'y'],
    ],
  });
  expect(prelude).toMatchObject({ headers: { x: 'y' }, cookies: [] });
});

test.each([
  [200, 'HEAD', { 'content-length': '5' }],
  [304, 'GET', { 'content-length': '5' }],
  [200, 'GET', {}],
  [206, 'GET', {}],
  [204, 'GET', {}],
])(
  'a content-length of status %d to %s: only where there is no body it says anything',
  async (status, method, headers) => {
    const { prelude } = await relay({ status, headers: [['content-length', '5']] }, method);
    expect(prelude?.headers).toEqual(headers);
  },
);

test('binary chunks arrive as they were', async () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const { body, result } = await relay({ body: bytes });
  expect(body.equals(bytes)).toBe(true);
  expect(result.bytes).toBe(256);
});

test('nothing more is read from the upstream until the stream has drained', async () => {
  // Prepare
  const stream = createFakeResponseStream({ highWaterMark: 4 });
  const read: string[] = [];
  async function* body() {
    for (const text of ['1234', '5678', '9']) {
      read.push(text);
      yield Buffer.from(text);
    }
  }

  // Act
  const relayed = relayResponse(toResponse({ body: body() }), stream, {
    open: stream.open,
    method: 'GET',
    remainingMs: 60_000,
  });
  await tick();
  const beforeDrain = [...read];
  stream.drain();
  await tick();
  const afterDrain = [...read];
  stream.drain();
  const result = await relayed;

  // Assess
  expect({ beforeDrain, afterDrain }).toEqual({
    beforeDrain: ['1234'],
    afterDrain: ['1234', '5678'],
  });
  expect(result).toEqual({ bytes: 9 });
  expect(stream.waitingForDrain()).toBe(0);
});

test('the first event leaves before the second exists', async () => {
  // Prepare
  const stream = createFakeResponseStream();
  let release: () => void = () => {};
  const second = new Promise<void>((resolve) => {
    release = resolve;
  });
  async function* body() {
    yield Buffer.from('data: 1\n\n');
    await second;
    yield Buffer.from('data: 2\n\n');
  }

  // Act
  const relayed = relayResponse(toResponse({ body: body() }), stream, {
    open: stream.open,
    method: 'GET',
    remainingMs: 60_000,
  });
  await tick();
  const early = stream.sent().body.toString();
  release();
  await relayed;

  // Assess
  expect(early).toBe('data: 1\n\n');
  expect(stream.sent().body.toString()).toBe('data: 1\n\ndata: 2\n\n');
});

test('an upstream that fails after the first byte is a failure with the bytes that left; the stream is not ended as if whole', async () => {
  // Prepare
  const stream = createFakeResponseStream();
  const failure = new Error('cut');
  async function* body() {
    yield Buffer.from('half');
    throw failure;
  }

  // Act
  const result = await relayResponse(toResponse({ body: body() }), stream, {
    open: stream.open,
    method: 'GET',
    remainingMs: 60_000,
  });

  // Assess
  expect(result).toEqual({ bytes: 4, failure });
  expect(stream.isEnded()).toBe(false);
  expect(stream.sent().body.toString()).toBe('half');
});
