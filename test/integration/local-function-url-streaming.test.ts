/** Streamed responses through the function URL front, over real sockets. */
import { Readable } from 'node:stream';
import { createDeferred } from '../../local/deferred.ts';
import { type Invoke, invokeInProcess, streamInProcess } from '../../local/invoke.ts';
import { open, send } from '../support/client.ts';
import { closeAll, start, startFixture } from '../support/local-fixtures.ts';

const MEGABYTE = 1024 * 1024;

afterEach(closeAll);

describe('a streamed response', () => {
  test('has status, headers and cookies of its prelude', async () => {
    const response = await send(await startFixture('streaming'), { target: '/' });
    expect(response.status).toBe(202);
    expect(response.text()).toBe('one two three');
    expect(response.header('x-kind')).toBe('streaming');
    expect(response.header('content-length')).toBeUndefined();
    expect(response.headers.filter(([name]) => name === 'set-cookie')).toHaveLength(2);
  });

  test('to HEAD keeps its content-length', async () => {
    const response = await send(await startFixture('streaming'), { method: 'HEAD', target: '/' });
    expect([response.status, response.header('content-length')]).toEqual([202, '9']);
  });

  test('reaches the client before it is complete', async () => {
    const asked = createDeferred<void>();
    const goOn = await start(
      invokeInProcess(async () => {
        await asked.promise;
        return {};
      }),
    );
    const url = await startFixture('stepwise');
    const response = await open(url, { target: `/?${encodeURIComponent(goOn)}` });
    const chunks = response[Symbol.asyncIterator]();
    // The function waits for this very test before it sends the second part.
    expect(String((await chunks.next()).value)).toBe('first');
    asked.resolve();
    expect(String((await chunks.next()).value)).toBe('second');
  });

  test('shows its status before the first byte of its body', async () => {
    const body = createDeferred<void>();
    async function* late() {
      await body.promise;
      yield 'late';
    }
    const url = await start(streamInProcess(() => ({ statusCode: 203, body: late() })));
    const response = await open(url, { target: '/' });
    expect(response.statusCode).toBe(203);
    body.resolve();
    expect(String((await response.toArray())[0])).toBe('late');
  });

  test('whose prelude comes in pieces is put together', async () => {
    const whole = Buffer.from(`{"statusCode":201}${'\0'.repeat(8)}body\0\0`);
    const contentType = 'application/vnd.awslambda.http-integration-response';
    const invoke: Invoke = async () => {
      const pieces = Array.from(whole, (byte) => Buffer.from([byte]));
      return { kind: 'stream', contentType, body: Readable.from(pieces, { objectMode: false }) };
    };
    const response = await send(await start(invoke), { target: '/' });
    expect([response.status, response.text()]).toEqual([201, 'body\0\0']);
  });

  test('without a prelude is a 200 of its content type', async () => {
    const response = await send(await startFixture('bare'), { target: '/' });
    expect([response.status, response.text()]).toEqual([200, 'bare']);
    expect(response.header('content-type')).toBe('text/html');
  });

  test('that fails after its first byte cuts the connection', async () => {
    const response = await send(await startFixture('throwsLater'), { target: '/' });
    expect(response).toMatchObject({ status: 200, isCut: true });
    expect(response.text()).toBe('partial');
  });

  test('that is still open at the deadline is cut', async () => {
    const url = await startFixture('stepwise', { timeoutMs: 3000 });
    const silent = await start(() => new Promise(() => undefined));
    const response = await send(url, { target: `/?${encodeURIComponent(silent)}` });
    expect(response).toMatchObject({ status: 200, isCut: true });
  });

  test('is read on when the client has gone, as Lambda does', async () => {
    const finished = createDeferred<void>();
    async function* long() {
      for (let i = 0; i < 64; i += 1) {
        yield Buffer.alloc(65_536);
      }
      finished.resolve();
    }
    const url = await start(streamInProcess(() => ({ statusCode: 200, body: long() })));
    const response = await open(url, { target: '/' });
    response.destroy();
    await finished.promise;
  });

  test('is not read faster than the client takes it', async () => {
    let sent = 0;
    async function* endless() {
      for (; sent < 64 * MEGABYTE; sent += 65_536) {
        yield Buffer.alloc(65_536);
      }
    }
    const url = await start(streamInProcess(() => ({ statusCode: 200, body: endless() })));
    const response = await open(url, { target: '/' });
    const before = await settled(() => sent);
    expect(before).toBeLessThan(32 * MEGABYTE);
    let received = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      received += chunk.length;
    }
    expect(received).toBe(64 * MEGABYTE);
  });
});

/** Waits until a number stops growing. */
async function settled(read: () => number): Promise<number> {
  for (let last = -1, same = 0; ; last = read()) {
    same = last === read() ? same + 1 : 0;
    if (same > 10) {
      return last;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
