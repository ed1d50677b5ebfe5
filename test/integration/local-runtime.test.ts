/** The runtime of the local stack, in real processes. */
import { createDeferred } from '../../local/deferred.ts';
import type { FunctionResponse } from '../../local/invoke.ts';
import type { EnvironmentOptions } from '../../local/runtime/environment.ts';
import {
  createEnvironmentPool,
  type EnvironmentPool,
  type PoolOptions,
} from '../../local/runtime/environment-pool.ts';
import { eventually } from '../support/eventually.ts';
import { fixtureRoot } from '../support/local-fixtures.ts';

const pools: EnvironmentPool[] = [];
const PRELUDE_TYPE = 'application/vnd.awslambda.http-integration-response';
const NULS = '\0'.repeat(8);

function createPool(handler: string, options: Partial<PoolOptions> = {}): EnvironmentPool {
  const pool = createEnvironmentPool({
    taskRoot: fixtureRoot,
    handler: `index.${handler}`,
    ...options,
  });
  pools.push(pool);
  return pool;
}

/** Invokes once and reads the stream to its end or to its cut. */
async function invoke(pool: EnvironmentPool, event: unknown = {}, timeoutMs = 10_000) {
  return read(await pool.invoke(event, { timeoutMs, requestId: 'request-1', traceId: 'Root=1' }));
}

async function read(response: FunctionResponse) {
  if (response.kind !== 'stream') {
    return response;
  }
  let text = '';
  try {
    for await (const chunk of response.body) {
      text += chunk;
    }
    return { kind: 'stream', contentType: response.contentType, text };
  } catch (error) {
    const { errorType, message } = error as Error & { errorType: string };
    return { kind: 'stream', contentType: response.contentType, text, errorType, message };
  }
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

describe('a buffered handler', () => {
  async function invokeBuffered(options: Partial<EnvironmentOptions> = {}) {
    const pool = createPool('buffered', options);
    const first = await invoke(pool, { some: 'event' });
    if (first.kind !== 'buffered' || !('payload' in first)) {
      throw new Error(JSON.stringify(first));
    }
    return JSON.parse(JSON.parse(first.payload.toString('utf8')).body);
  }

  test('gets the event, the context and its own environment, but not the developer’s', async () => {
    const seen = await invokeBuffered({ env: { MINE: 'yes' }, functionName: 'fn' });
    expect(seen).toMatchObject({ event: { some: 'event' }, requestId: 'request-1' });
    expect(seen.functionName).toBe('fn');
    expect(seen.remainingMs).toBeGreaterThan(0);
    expect(seen.remainingMs).toBeLessThanOrEqual(10_000);
    expect(seen.env).toMatchObject({ MINE: 'yes', _X_AMZN_TRACE_ID: 'Root=1' });
    expect(Object.keys(seen.env)).not.toContain('JEST_WORKER_ID');
    expect(seen.pid).not.toBe(process.pid);
  });

  test('is kept for the next event', async () => {
    const pool = createPool('buffered');
    await invoke(pool);
    const second = await invoke(pool);
    expect(JSON.stringify(second)).not.toContain('error');
    expect(pool.pids()).toHaveLength(1);
  });

  test('that throws is an error, and lives on', async () => {
    const pool = createPool('throwing');
    const error = { kind: 'error', errorType: 'TypeError', errorMessage: 'thrown by the test' };
    expect(await invoke(pool)).toEqual(error);
    const [pid] = pool.pids();
    expect(await invoke(pool)).toEqual(error);
    expect(pool.pids()).toEqual([pid]);
  });

  test('can answer no more than six megabytes', async () => {
    expect(await invoke(createPool('tooLarge'))).toMatchObject({
      ...{ kind: 'error', errorType: 'Function.ResponseSizeTooLarge' },
    });
  });
});

describe('a streaming handler', () => {
  const table: [string, object][] = [
    [
      'streaming',
      {
        contentType: PRELUDE_TYPE,
        text: `{"statusCode":202,"headers":{"content-type":"text/plain","x-kind":"streaming","content-length":"9"},"cookies":["a=1","b=2"]}${NULS}one two three`,
      },
    ],
    // AWS's client loses the prelude of a stream that is never written to.
    ['endOnly', { contentType: PRELUDE_TYPE, text: '' }],
    [
      'throwsFirst',
      {
        ...{ contentType: 'application/octet-stream', text: '' },
        ...{ errorType: 'RangeError', message: 'before the first write' },
      },
    ],
    [
      'throwsLater',
      {
        text: `{"statusCode":200}${NULS}partial`,
        ...{ errorType: 'RangeError', message: 'after the first write' },
      },
    ],
    [
      'unfinished',
      {
        text: `{"statusCode":200}${NULS}partial`,
        ...{ errorType: 'Error', message: 'Response stream is not finished.' },
      },
    ],
  ];
  test.each(table)(
    '%s behaves as under AWS’s client, and the process survives',
    async (name, is) => {
      const pool = createPool(name);
      expect(await invoke(pool)).toMatchObject({ kind: 'stream', ...is });
      const pids = pool.pids();
      expect(await invoke(pool)).toMatchObject({ kind: 'stream', ...is });
      expect(pool.pids()).toEqual(pids);
    },
  );

  test.each(['destroys', 'failingPipeline'])(
    '%s crashes the process, and a new one comes',
    async (name) => {
      const pool = createPool(name);
      expect(await invoke(pool)).toMatchObject({ errorType: 'Runtime.ExitError' });
      expect(await invoke(pool)).toMatchObject({ errorType: 'Runtime.ExitError' });
    },
  );

  test('is given the members of AWS’s stream, and no others', async () => {
    const result = await invoke(createPool('inspects'));
    const seen = JSON.parse(('text' in result ? result.text : '').split(NULS)[1] ?? '');
    expect(seen).toMatchObject({
      ...{ tooLate: 'Runtime.InvalidStreamingOperation', highWaterMark: 65_536, hasPipe: false },
    });
    expect(seen.members).toEqual(
      expect.arrayContaining(['write', 'end', 'destroy', 'once', 'cork']),
    );
  });

  test('has to wait for a slow reader', async () => {
    const waited = createDeferred<string>();
    const onLine = (line: string) => line.startsWith('waits') && waited.resolve(line);
    const pool = createPool('megabytes', { onLine });
    const response = await pool.invoke({ megabytes: 64 }, { timeoutMs: 20_000 });
    // Nothing reads yet: a handler that is never told to wait would run through 64 MB.
    await waited.promise;
    expect(await read(response)).toMatchObject({ kind: 'stream', contentType: PRELUDE_TYPE });
  });
});

describe('an environment', () => {
  test('is killed at the deadline, and the next event gets a new one', async () => {
    const pool = createPool('hanging');
    await pool.warm();
    const [pid] = pool.pids();
    expect(await invoke(pool, {}, 100)).toEqual({
      ...{ kind: 'error', errorType: 'Sandbox.Timedout' },
      errorMessage: 'request-1 Task timed out after 0.10 seconds',
    });
    expect(await invoke(pool, {}, 100)).toMatchObject({ errorType: 'Sandbox.Timedout' });
    expect(pool.pids()).not.toContain(pid);
  });

  test('that exits takes nothing but its own event with it', async () => {
    const pool = createPool('crashing');
    const exit = { kind: 'error', errorType: 'Runtime.ExitError' };
    expect(await invoke(pool)).toMatchObject(exit);
    expect(await invoke(pool)).toMatchObject(exit);
  });

  test('that is killed while idle is replaced without an error', async () => {
    const pool = createPool('buffered');
    await pool.warm();
    const [pid = 0] = pool.pids();
    process.kill(pid, 'SIGKILL');
    await eventually(() => pool.pids().length === 0);
    expect(await invoke(pool)).toMatchObject({ kind: 'buffered' });
    expect(pool.pids()).not.toContain(pid);
  });

  test.each([
    ['broken.handler', 'Error', 'broken at load'],
    ['index.missing', 'Runtime.HandlerNotFound', 'index.missing is undefined or not exported'],
    ['absent.handler', 'Error', /Cannot find module/],
  ])('with %s fails to start', async (handler, errorType, message) => {
    const pool = createPool('', { handler });
    await expect(pool.warm()).rejects.toMatchObject({ errorType });
    await expect(pool.warm()).rejects.toThrow(message);
    expect(await invoke(pool)).toMatchObject({ kind: 'error', errorType });
  });

  test('whose program can’t be started says so', async () => {
    const pool = createPool('buffered', { command: { file: '/no/such/program', args: [] } });
    expect(await invoke(pool)).toMatchObject({
      ...{ kind: 'error', errorMessage: expect.stringContaining('ENOENT') },
    });
  });

  test('that never asks for an event runs out of init time', async () => {
    const command = { file: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'] };
    expect(await invoke(createPool('', { command, initTimeoutMs: 200 }))).toMatchObject({
      ...{ kind: 'error', errorType: 'Sandbox.Timedout' },
    });
  });

  test('hands on each line that the function writes', async () => {
    const lines: string[] = [];
    const pool = createPool('printing', { onLine: (line, from) => lines.push(`${from}: ${line}`) });
    await invoke(pool);
    await pool.close();
    expect(lines.toSorted()).toEqual([
      'stderr: to stderr',
      'stdout: in two writes',
      'stdout: to stdout',
    ]);
  });
});

describe('a pool', () => {
  test('has an environment for each invocation at a time, up to its cap, and queues the rest', async () => {
    const pool = createPool('buffered', { maxEnvironments: 2 });
    const answers = await Promise.all(Array.from({ length: 6 }, () => invoke(pool)));
    expect(answers.map(({ kind }) => kind)).toEqual(Array(6).fill('buffered'));
    expect(pool.pids()).toHaveLength(2);
  });

  test('throttles what the queue can’t hold', async () => {
    const pool = createPool('buffered', { maxEnvironments: 1, maxQueued: 1 });
    const answers = await Promise.all([invoke(pool), invoke(pool), invoke(pool)]);
    expect(answers.map(({ kind }) => kind).toSorted()).toEqual([
      'buffered',
      'buffered',
      'throttled',
    ]);
  });

  test('leaves no process behind', async () => {
    const pool = createPool('hanging');
    await pool.warm();
    const [pid = 0] = pool.pids();
    const pending = invoke(pool);
    await pool.close();
    expect(await pending).toMatchObject({ kind: 'error' });
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});
