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

test('the upstream is read no further while more than one chunk waits, and on once none does', async () => {
  const { source, calls, body } = create();
  calls.length = 0;
  source.emit('data', Buffer.from('1'));
  expect(calls).toEqual([]);
  source.emit('data', Buffer.from('2'));
  expect(calls).toEqual(['pause']);

  await body.next();
  expect(calls).toEqual(['pause']);
  await body.next();
  expect(calls).toEqual(['pause', 'resume']);
  await body.return?.();
});
