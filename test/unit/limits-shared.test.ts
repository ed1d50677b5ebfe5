/** limit-req and limit-conn where they count in a table, or can not count at all. */
import type { ProxyResponse } from '../../functions/proxy/http/message.ts';
import { limitConn } from '../../functions/proxy/plugins/traffic/limit-conn.ts';
import { limitReq } from '../../functions/proxy/plugins/traffic/limit-req.ts';
import type { LimitTable } from '../../functions/proxy/plugins/traffic/limits/table.ts';
import { createDeferred } from '../../local/deferred.ts';
import { rejectionOf, thrownBy, toResponse } from '../support/builders.ts';
import { createListeningTable, prepareLimit } from '../support/limit-rig.ts';

const conn = { conn: 2, burst: 1, default_conn_delay: 0.5 };
const req = { rate: 1, burst: 0, key: 'remote_addr' };
const shared = { policy: 'dynamodb' };
const kinds = [
  [limitConn, conn],
  [limitReq, req],
] as const;

const broken: LimitTable = { update: () => Promise.reject(new Error('no answer')) };

test.each(kinds)('$name passes on the answer of what follows', async (plugin, config) => {
  expect(await prepareLimit(plugin, config).ask()).toMatchObject({ status: 201 });
});

test.each(kinds)(
  '$name without a table lets requests pass only if told',
  async (plugin, config) => {
    const closed = prepareLimit(plugin, { ...config, ...shared }, { table: broken });
    const open = { ...config, ...shared, allow_degradation: true };

    expect(await rejectionOf(closed.ask())).toMatchObject({ code: 'ACCESS_UNDECIDED' });
    expect(await prepareLimit(plugin, open, { table: broken }).ask()).toMatchObject({
      status: 201,
    });
  },
);

test.each(kinds)('$name counts each route for itself', async (plugin, config) => {
  const { table, heard } = createListeningTable();
  for (const parameter of ['/routes/a', '/routes/b', '/routes/a']) {
    await prepareLimit(plugin, { ...config, ...shared }, { table, parameter })
      .ask()
      .catch(() => {});
  }
  const keys = new Set(heard.map(({ key }) => key));
  expect(keys.size).toBe(2);
});

test('limit-req and limit-conn say who refuses', async () => {
  const pour = prepareLimit(limitReq, req);
  await pour.ask();
  const hold = prepareLimit(limitConn, { ...conn, conn: 1, burst: 0 }, { next: () => never });
  hold.ask().catch(() => {});

  expect(await rejectionOf(pour.ask())).toMatchObject({ message: 'refused by limit-req' });
  expect(await rejectionOf(hold.ask())).toMatchObject({ message: 'refused by limit-conn' });
});

const never = createDeferred<ProxyResponse>().promise;

describe('limit-conn', () => {
  test.each([
    [{ ...conn, ...shared, conn: 4999, burst: 1 }, true],
    [{ ...conn, ...shared, conn: 5000, burst: 1 }, false],
    [{ ...conn, conn: 5000, burst: 1 }, true],
    [{ ...conn, default_conn_delay: 0 }, false],
  ])('the settings %j are valid: %s', (config, expected) => {
    const attempt = () => prepareLimit(limitConn, config, { table: broken });

    if (expected) expect(attempt).not.toThrow();
    else expect(thrownBy(attempt)).toMatchObject({ name: 'DocumentError' });
  });

  test('warns of counting in one environment only where it does', () => {
    expect(
      prepareLimit(limitConn, { ...conn, ...shared }, { table: broken }).services.warnings,
    ).toEqual([]);
  });

  test('a lease lasts longer than the request may', async () => {
    const { table, heard } = createListeningTable();
    const { ask, clock } = prepareLimit(limitConn, { ...conn, ...shared }, { table });
    await ask(clock.ms + 1000);

    expect(heard[0]?.update.values[':lease']?.SS?.[0]).toMatch(/^1006000:/);
  });

  test('a lease that is not given back is told, and the answer stays', async () => {
    const { table } = createListeningTable();
    const update: LimitTable['update'] = (key, { update: text, ...rest }) =>
      text.startsWith('DELETE')
        ? Promise.reject(new Error('no answer'))
        : table.update(key, { update: text, ...rest });
    const { ask, services } = prepareLimit(
      limitConn,
      { ...conn, ...shared },
      { table: { update } },
    );

    expect(await ask()).toMatchObject({ status: 201 });
    expect(services.logged).toEqual([
      {
        message: 'a lease of limit-conn was not given back, and ends by itself',
        fields: { error: expect.any(Error) },
      },
    ]);
  });

  test('each conn more waits one delay more', async () => {
    const { ask, slept } = prepareLimit(limitConn, { ...conn, burst: 4 }, { next: () => never });
    for (let index = 0; index < 6; index += 1) ask().catch(() => {});
    await new Promise(setImmediate);

    expect(slept).toEqual([500, 500, 1000, 1000]);
  });

  test.each([
    [500, 'refused by limit-conn'],
    [501, undefined],
  ])('a request that has %i ms left does not wait in vain', async (leftMs, expected) => {
    const answers = [never, Promise.resolve(toResponse())];
    const next = () => answers.shift() ?? never;
    const { ask, clock } = prepareLimit(limitConn, { ...conn, conn: 1 }, { next });
    ask().catch(() => {});
    const error = await ask(clock.ms + leftMs).catch((thrown: Error) => thrown);

    expect(error instanceof Error ? error.message : undefined).toBe(expected);
  });

  test.each([
    [true, 500],
    [undefined, 2250],
  ])('only_use_default_delay: %s makes the next delay %i', async (only, expected) => {
    const config = { ...conn, conn: 1, only_use_default_delay: only };
    const { ask, slept, clock } = prepareLimit(limitConn, config, {
      next: async () => {
        clock.ms += 4000;
        return toResponse();
      },
    });
    await ask();
    await Promise.all([ask(), ask()]);

    expect(slept).toEqual([expected]);
  });

  test('the time that a request waited is none that it took', async () => {
    const answers = [createDeferred<ProxyResponse>(), createDeferred<ProxyResponse>()];
    const [first, second] = answers;
    const waiting = [...answers];
    const next = async () => waiting.shift()?.promise ?? toResponse();
    const { ask, slept } = prepareLimit(
      limitConn,
      { ...conn, conn: 1 },
      { next, oversleptMs: 1000 },
    );
    const running = [ask(), ask()];
    await new Promise(setImmediate);
    second?.resolve(toResponse());
    await running[1];
    running.push(ask());
    await new Promise(setImmediate);
    first?.resolve(toResponse());
    await Promise.all(running);

    // (0.5 s + 0 s) / 2
    expect(slept).toEqual([500, 250]);
  });

  describe('a body', () => {
    const holder = { ...conn, conn: 1, burst: 0 };

    function openBody(chunks: AsyncIterator<Buffer>) {
      const body = { [Symbol.asyncIterator]: () => chunks } as AsyncIterable<Buffer>;
      const { ask } = prepareLimit(limitConn, holder, { next: async () => toResponse({ body }) });
      const isFree = () => ask().then(Boolean, () => false);
      return { ask, isFree };
    }

    const read = ({ body }: ProxyResponse) =>
      (body as AsyncIterable<Buffer>)[Symbol.asyncIterator]();

    test('holds its place between its chunks', async () => {
      const value = Buffer.from('a');
      const { ask, isFree } = openBody({ next: async () => ({ done: false, value }) });
      const chunks = read(await ask());

      expect(await chunks.next()).toEqual({ done: false, value });
      expect(await isFree()).toBe(false);
    });

    test('that breaks tells its error', async () => {
      const failure = new Error('broken');
      const { ask } = openBody({ next: () => Promise.reject(failure) });

      expect(await rejectionOf(read(await ask()).next())).toBe(failure);
    });

    test('that is given up is closed, and its place is free', async () => {
      let closed = 0;
      const { ask, isFree } = openBody({
        next: async () => ({ done: false, value: Buffer.from('a') }),
        async return() {
          closed += 1;
          return { done: true, value: undefined };
        },
      });
      const chunks = read(await ask());

      expect(await chunks.return?.()).toEqual({ done: true, value: undefined });
      expect(closed).toBe(1);
      expect(await isFree()).toBe(true);
    });

    test('gives its place back once, however often it ends', async () => {
      const { table, heard } = createListeningTable();
      const body = (async function* () {
        yield Buffer.from('a');
      })();
      const config = { ...holder, ...shared };
      const { ask } = prepareLimit(limitConn, config, {
        table,
        next: async () => toResponse({ body }),
      });
      const chunks = read(await ask());
      await chunks.return?.();
      await chunks.return?.();
      await chunks.next();

      expect(heard.filter(({ update }) => update.update.startsWith('DELETE'))).toHaveLength(1);
    });
  });
});
