import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { type BodyLimits, readBody } from '../../functions/proxy/send/body.ts';

function create(limits: Partial<BodyLimits> = {}) {
  const source = Object.assign(new PassThrough(), { complete: false });
  const calls: string[] = [];
  const { pause, resume } = source;
  source.pause = () => {
    calls.push('pause');
    return pause.call(source);
  };
  source.resume = () => {
    calls.push('resume');
    return resume.call(source);
  };
  const body = readBody(source as unknown as IncomingMessage, {
    silenceMs: 60_000,
    remainingMs: 60_000,
    ...limits,
  });
  return { source, calls, body };
}

const wide = Buffer.alloc(16 * 1024, 'w');

test('the upstream is read no further while more than one large chunk waits, and on once none does', async () => {
  const { source, calls, body } = create();
  calls.length = 0;
  source.emit('data', wide);
  expect(calls).toEqual([]);
  source.emit('data', Buffer.from('2'));
  expect(calls).toEqual(['pause']);

  await body.next();
  expect(calls).toEqual(['pause']);
  await body.next();
  expect(calls).toEqual(['pause', 'resume']);
  await body.return?.();
});

test('small chunks that wait are handed on as one, a large one as it came', async () => {
  const { source, body } = create();
  for (const text of ['a', 'b', 'c']) source.emit('data', Buffer.from(text));
  source.emit('data', wide);
  source.emit('data', Buffer.from('d'));

  const texts = [await body.next(), await body.next(), await body.next()];
  await body.return?.();

  expect(texts.map(({ value }) => String(value))).toEqual(['abc', String(wide), 'd']);
  expect(texts[1]?.value).toBe(wide);
});

test('a reader that waits gets the next chunk at once, however small it is', async () => {
  const { source, body } = create();
  const first = body.next();
  source.emit('data', Buffer.from('a'));
  source.emit('data', Buffer.from('b'));

  expect(String((await first).value)).toBe('a');
  expect(String((await body.next()).value)).toBe('b');
  await body.return?.();
});

test('a hundred thousand chunks of one byte are few reads', async () => {
  const { source, body } = create();
  const count = 100_000;
  let reads = 0;
  let bytes = 0;
  const reading = (async () => {
    for await (const chunk of body) {
      reads += 1;
      bytes += chunk.length;
    }
  })();
  for (let sent = 0; sent < count; sent += 1) source.write('a');
  source.complete = true;
  source.end();
  await reading;

  expect(bytes).toBe(count);
  expect(reads).toBeLessThan(count / 1000);
});

test.each([
  ['one of 16 KiB and a byte', [16 * 1024 + 1, 1], [16 * 1024 + 1, 1]],
  ['two that fill 16 KiB', [8 * 1024, 8 * 1024], [16 * 1024]],
  ['three of which two fill 16 KiB', [8 * 1024, 8 * 1024, 1], [16 * 1024, 1]],
])('chunks that wait are joined up to 16 KiB: %s', async (_, sizes, expected) => {
  const { source, body } = create();
  for (const size of sizes) source.emit('data', Buffer.alloc(size));
  const reads: number[] = [];
  for (const _size of expected) reads.push((await body.next()).value?.length ?? 0);
  await body.return?.();

  expect(reads).toEqual(expected);
});

test.each([
  [[8 * 1024, 8 * 1024 - 1], 0],
  [[8 * 1024, 8 * 1024], 1],
])('with chunks of %j waiting the upstream was paused %i times', async (sizes, pauses) => {
  const { source, calls, body } = create();
  for (const size of sizes) source.emit('data', Buffer.alloc(size));

  expect(calls.filter((name) => name === 'pause')).toHaveLength(pauses);
  await body.return?.();
});

test.each([
  [true, undefined],
  [false, 'UPSTREAM_CUT'],
])('a connection that closes without an error, complete: %s', async (complete, code) => {
  const { source, body } = create();
  Object.assign(source, { complete });
  const waiting = body.next();
  source.destroy();

  const outcome = await waiting.catch((error: { code: string }) => error.code);
  expect(outcome).toEqual(code ?? { done: true, value: undefined });
});

test.each([
  [true, false],
  [false, true],
])(
  'a reader that stops early, complete: %s, closes the connection: %s',
  async (complete, isClosed) => {
    const { source, body } = create();
    Object.assign(source, { complete });

    expect(await body.return?.()).toEqual({ done: true, value: undefined });
    expect(source.destroyed).toBe(isClosed);
    expect(await body.next()).toEqual({ done: true, value: undefined });
  },
);

test('a reader that is slow is no silence of the upstream', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
  const { source, body } = create({ silenceMs: 10 });
  const first = body.next();
  source.emit('data', Buffer.from('a'));
  await first;
  await jest.advanceTimersByTimeAsync(1000);
  jest.useRealTimers();

  expect(source.destroyed).toBe(false);
  await body.return?.();
});
