/** How many slices of work beside requests run while a request is young, and when they go on. */
import { createBackground, nextTurn, type Turn } from '../../functions/proxy/http/background.ts';
import { createSnapshotLoader } from '../../functions/proxy/routes/snapshot/load.ts';
import type { SnapshotTable } from '../../functions/proxy/routes/snapshot/snapshot-table.ts';

/** Far more than one batch of promises takes. */
const rounds = 500;

/** A background whose clock the test moves by hand. */
function createRig() {
  let nowMs = 1_000_000;
  const loop = { turns: 0 };
  const sleeping: { readonly atMs: number; readonly resolve: () => void }[] = [];
  const background = createBackground({
    now: () => nowMs,
    nextTurn: async () => {
      loop.turns += 1;
    },
    sleep: (ms) => new Promise((resolve) => sleeping.push({ atMs: nowMs + ms, resolve })),
  });
  const settle = async () => {
    for (let round = 0; round < rounds; round += 1) await Promise.resolve();
  };
  return {
    background,
    loop,
    async pass(ms: number) {
      nowMs += ms;
      for (const { resolve } of sleeping.filter(({ atMs }) => atMs <= nowMs)) resolve();
      await settle();
    },
    /** Begins work of some slices. */
    async work(slices: number) {
      const done = { slices: 0 };
      const turn = background.begin();
      const run = async () => {
        for (let slice = 0; slice < slices; slice += 1) {
          await turn();
          done.slices += 1;
        }
      };
      void run();
      await settle();
      return done;
    },
  };
}

test('without a request work goes on, slice after slice', async () => {
  const { work } = createRig();

  expect(await work(10)).toEqual({ slices: 10 });
});

test('before each slice the event loop has a turn, also where the slice had to wait', async () => {
  const { background, work, pass, loop } = createRig();
  await work(10);
  const free = loop.turns;
  const leave = background.enter();
  await work(2);
  const held = loop.turns - free;
  leave();
  await pass(0);

  expect(free).toBe(10);
  // One for the first slice, one for the second, and one more after its wait.
  expect([held, loop.turns - free]).toEqual([2, 3]);
});

test('in a turn of the event loop, what waits for it comes first', async () => {
  const steps: string[] = [];
  setImmediate(() => steps.push('other work'));
  await nextTurn();

  expect(steps).toEqual(['other work']);
});

test('a young request has one slice beside it', async () => {
  const { background, work, pass } = createRig();
  background.enter();
  const done = await work(10);
  await pass(4);

  expect(done.slices).toBe(1);
});

test('work goes on when the request has ended', async () => {
  const { background, work, pass } = createRig();
  const leave = background.enter();
  const done = await work(10);
  leave();
  await pass(0);

  expect(done.slices).toBe(10);
});

test('work goes on while the request waits for its upstream, which is after 5 ms', async () => {
  const { background, work, pass } = createRig();
  background.enter();
  const done = await work(10);
  await pass(5);

  expect(done.slices).toBe(10);
});

test('work that began before a request has one slice beside it, too', async () => {
  const { background, pass } = createRig();
  const turn = background.begin();
  await turn();
  background.enter();
  await turn();
  let isHeld = true;
  void turn().then(() => {
    isHeld = false;
  });
  await pass(4);

  expect(isHeld).toBe(true);
});

test('of requests that follow each other closely, each has one slice beside it', async () => {
  const { background, work, pass } = createRig();
  let leave = background.enter();
  const done = await work(10);
  const seen = [done.slices];
  for (let request = 2; request <= 5; request += 1) {
    leave();
    leave = background.enter();
    await pass(2);
    seen.push(done.slices);
  }

  expect(seen).toEqual([1, 2, 3, 4, 5]);
});

test('with a young request at any time, work stands back for a second at most', async () => {
  const { background, work, pass } = createRig();
  let leave = background.enter();
  const done = await work(10_000);
  const next = async () => {
    leave();
    leave = background.enter();
    await pass(4);
  };
  for (let request = 2; request <= 250; request += 1) await next();
  expect(done.slices).toBe(250);
  await next();

  expect(done.slices).toBeGreaterThan(300);
});

test('an environment that thaws after more than a second works at once', async () => {
  const { background, work, pass } = createRig();
  const leave = background.enter();
  const done = await work(10);
  await pass(0);
  expect(done.slices).toBe(1);
  // Lambda freezes the environment right after the response, and the next request thaws it.
  leave();
  background.enter();
  await pass(1000);

  expect(done.slices).toBe(10);
});

test('where a request waits for the work, it stands back no more', async () => {
  const { background, work, pass } = createRig();
  background.enter();
  const done = await work(10);
  background.hurry();
  await pass(0);

  expect(done.slices).toBe(10);
});

test('that a request waited for a work says nothing of the next one', async () => {
  const { background, work } = createRig();
  background.enter();
  await work(1);
  background.hurry();
  background.enter();

  expect(await work(10)).toEqual({ slices: 1 });
});

test('one of two requests that ends leaves the other one young', async () => {
  const { background, work, pass } = createRig();
  const leave = background.enter();
  background.enter();
  const done = await work(10);
  leave();
  await pass(0);

  expect(done.slices).toBe(1);
});

test('a refresh asks for nothing before the request that it begins with was sent; the first load asks at once', async () => {
  const steps: string[] = [];
  const load = createSnapshotLoader({
    ...{ root: '/root', uri: 's3://bucket/key', key: undefined, hasOriginSecret: false },
    documents: { get: async () => undefined, renew: async () => {}, pools: () => new Set() },
    now: () => 0,
    background: {
      begin() {
        steps.push('begin');
        return async () => void steps.push('turn');
      },
    },
    store: {
      async read() {
        steps.push('read');
        return 'missing';
      },
    },
  });
  await load(undefined).catch(() => {});
  expect(steps).toEqual(['read']);
  await load({} as SnapshotTable).catch(() => {});

  expect(steps).toEqual(['read', 'begin', 'turn', 'read']);
});

test('a refresh is unpacked in turns that stand back; the first load in turns that do not', async () => {
  const turns: Turn[] = [];
  const background = createRig().background;
  const own = background.begin();
  const load = createSnapshotLoader({
    ...{ root: '/root', uri: 's3://bucket/key', key: undefined, hasOriginSecret: false },
    documents: { get: async () => undefined, renew: async () => {}, pools: () => new Set() },
    now: () => 0,
    background: { begin: () => own },
    store: { read: async () => ({ bytes: Buffer.alloc(0), etag: 'etag' }) },
    async unpack(_, turn) {
      turns.push(turn);
      throw new Error('enough');
    },
  });
  await load(undefined).catch(() => {});
  await load({} as SnapshotTable).catch(() => {});

  expect(turns[0]).toBe(nextTurn);
  expect(turns[1]).toBe(own);
});
