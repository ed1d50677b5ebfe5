import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { readBody } from '../../functions/proxy/send/body.ts';

function create() {
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
