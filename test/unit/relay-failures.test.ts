import { EventEmitter } from 'node:events';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type ResponseStream, relayResponse } from '../../functions/proxy/relay.ts';
import { toResponse } from '../support/builders.ts';
import { createFakeResponseStream } from '../support/fake-response-stream.ts';
import { wholeTest } from '../support/sample.ts';

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

test.each<[string, (stream: ReturnType<typeof createFakeResponseStream>) => void]>([
  ['breaks', (stream) => stream.emit('error', new Error('socket reset'))],
  ['is closed', (stream) => stream.emit('close')],
])(
  "when Lambda's stream %s, nothing waits for a drain that never comes, and the upstream is let go",
  async (_, fail) => {
    // Prepare
    const stream = createFakeResponseStream({ highWaterMark: 1 });
    let isLetGo = false;
    async function* body() {
      try {
        yield Buffer.from('1');
        yield Buffer.from('2');
      } finally {
        isLetGo = true;
      }
    }

    // Act
    const relayed = relayResponse(toResponse({ body: body() }), stream, {
      open: stream.open,
      method: 'GET',
      remainingMs: 60_000,
    });
    await tick();
    fail(stream);
    const result = await relayed;

    // Assess
    expect(result).toEqual({ bytes: 1, failure: expect.any(Error) });
    expect(isLetGo).toBe(true);
  },
);

test('the relay is over when the stream has finished, not before', async () => {
  // Prepare
  const stream = createFakeResponseStream({ finishes: false });
  let isOver = false;

  // Act
  const relayed = relayResponse(toResponse(), stream, {
    open: stream.open,
    method: 'GET',
    remainingMs: 60_000,
  }).then(() => {
    isOver = true;
  });
  await tick();
  const early = isOver;
  stream.emit('finish');
  await relayed;

  // Assess
  expect(early).toBe(false);
});

test.each([true, undefined])(
  'a stream whose end is told before it is listened for is over: %s',
  async (writableFinished) => {
    const stream = createFakeResponseStream({ finishes: false });
    const finished = Object.create(stream, { writableFinished: { value: writableFinished } });
    const options = { open: () => finished, method: 'GET', remainingMs: 60_000 };

    expect(await relayResponse(toResponse(), finished, options)).toMatchObject({ bytes: 0 });
  },
);

test('a stream that cannot be opened is a failure, not an exception', async () => {
  const failure = new Error('InvalidStreamingOperation');
  const open = () => {
    throw failure;
  };
  const stream = createFakeResponseStream();
  expect(
    await relayResponse(toResponse(), stream, { open, method: 'GET', remainingMs: 60_000 }),
  ).toEqual({
    bytes: 0,
    failure,
  });
});

test('a client that reads nothing is cut when the time is over, and the upstream is let go', async () => {
  const stream = createFakeResponseStream({ highWaterMark: 1 });
  let isLetGo = false;
  async function* body() {
    try {
      for (;;) yield Buffer.from('x');
    } finally {
      isLetGo = true;
    }
  }

  const result = await relayResponse(toResponse({ body: body() }), stream, {
    open: stream.open,
    method: 'GET',
    remainingMs: 20,
  });

  expect(result).toMatchObject({ bytes: 1, failure: { code: 'UPSTREAM_TIMEOUT' } });
  expect(isLetGo).toBe(true);
});

wholeTest('a stream that drains thousands of times keeps nothing of each', async () => {
  // Prepare
  const drains = 10_000;
  const stream: ResponseStream & EventEmitter = Object.assign(new EventEmitter(), {
    writableFinished: true,
    end() {},
    write(chunk: string | Uint8Array) {
      if (chunk.length > 0) setImmediate(() => stream.emit('drain'));
      return chunk.length === 0;
    },
  });
  const heldBytes: number[] = [];
  async function* body() {
    for (let chunks = 0; chunks <= 2 * drains; chunks += 1) {
      if (chunks % drains === 0) heldBytes.push(readHeldBytes());
      yield Buffer.from('x');
    }
  }

  // Act
  await relayResponse(toResponse({ body: body() }), stream, {
    open: (same) => same,
    method: 'GET',
    remainingMs: 60_000,
  });

  // Assess: it was 300 bytes.
  const [, first = 0, second = 0] = heldBytes;
  expect((second - first) / drains).toBeLessThan(100);
});

function readHeldBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return getHeapStatistics().used_heap_size;
}

test("what breaks Lambda's stream while the upstream is silent is known at the next chunk", async () => {
  const stream = createFakeResponseStream();
  const broken = new Error('socket reset');
  async function* body() {
    yield Buffer.from('1');
    stream.emit('error', broken);
    stream.emit('error', new Error('a later one'));
    yield Buffer.from('2');
  }

  const result = await relayResponse(toResponse({ body: body() }), stream, {
    open: stream.open,
    method: 'GET',
    remainingMs: 60_000,
  });

  expect(result).toEqual({ bytes: 2, failure: broken });
});

test('a relay that is over leaves no timer', async () => {
  jest.useFakeTimers({ now: 0, doNotFake: ['queueMicrotask', 'nextTick'] });
  const stream = createFakeResponseStream();
  await relayResponse(toResponse(), stream, {
    open: stream.open,
    method: 'GET',
    remainingMs: 60_000,
  });
  const left = jest.getTimerCount();
  jest.useRealTimers();

  expect(left).toBe(0);
});

test.each([
  [59_999, false],
  [60_000, true],
])('a client that has read nothing for %d of 60,000 ms is cut: %s', async (waitedMs, isCut) => {
  jest.useFakeTimers({ now: 0, doNotFake: ['queueMicrotask', 'nextTick'] });
  const stream = createFakeResponseStream({ highWaterMark: 1 });
  const relayed = relayResponse(toResponse({ body: Buffer.from('1') }), stream, {
    open: stream.open,
    method: 'GET',
    remainingMs: 60_000,
  });
  await jest.advanceTimersByTimeAsync(waitedMs);
  stream.drain();
  jest.useRealTimers();

  expect('failure' in (await relayed)).toBe(isCut);
});
