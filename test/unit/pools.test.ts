/** Which idle connections are given up, by the wall clock and by the table. */
import https from 'node:https';
import { Duplex } from 'node:stream';
import { createPools } from '../../functions/proxy/send/connections.ts';
import { functionUrlHost } from '../support/builders.ts';

const origin = { protocol: 'https:', hostname: functionUrlHost, port: 443 } as const;
const settings = { keepalive: true, poolSize: 5, idleTimeoutMs: 60_000, verifyTls: true };

function create() {
  let nowMs = 0;
  const pools = createPools({ allowedHosts: [], now: () => nowMs });
  return {
    pools,
    passMs: (ms: number) => {
      nowMs += ms;
    },
  };
}

function createSocket(): Duplex {
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  return Object.assign(socket, {
    setKeepAlive() {},
    unref() {},
    ref() {},
    setTimeout() {},
  });
}

/** Lets the pool's agent keep a connection, as it does after a response. */
function keep(pool: ReturnType<ReturnType<typeof createPools>['get']>): Duplex {
  const socket = createSocket();
  (pool.agent as unknown as { keepSocketAlive(socket: Duplex): unknown }).keepSocketAlive(socket);
  const free = pool.agent.freeSockets as Record<string, unknown[]>;
  free['x'] = [...(free['x'] ?? []), socket];
  return socket;
}

test.each([
  [60_000, false],
  [60_001, true],
])('a connection that was idle for %i ms by the wall clock is given up: %s', async (ms, isGone) => {
  const { pools, passMs } = create();
  const pool = pools.get(origin, settings);
  const socket = keep(pool);

  passMs(ms);
  await pool.dropStale();

  expect(socket.destroyed).toBe(isGone);
});

/** Has agents connect through `connect` while `run` runs. */
function withConnect(connect: (options: object) => Duplex | undefined, run: () => void): void {
  const { prototype } = https.Agent;
  const { createConnection } = prototype;
  prototype.createConnection = connect;
  try {
    run();
  } finally {
    prototype.createConnection = createConnection;
  }
}

test.each<[{ serverName?: string }, object, string]>([
  [{}, {}, functionUrlHost],
  [{ serverName: 'own.example' }, { servername: 'own.example' }, 'own.example'],
])('with %j connections, and one that is made ahead, name the server', (own, options, name) => {
  const asked: object[] = [];
  let isUnref = false;
  const socket = Object.assign(createSocket(), {
    unref() {
      isUnref = true;
    },
  });
  const connect = (asking: object) => {
    asked.push(asking);
    return socket;
  };
  withConnect(connect, () => {
    const pool = create().pools.get(origin, { ...settings, ...own });
    pool.warm();
    const made = Object.entries((pool.agent as unknown as { options: object }).options);
    expect(made.filter(([key]) => key === 'servername')).toEqual(Object.entries(options));
    pool.closeIdle();
  });

  expect(asked).toMatchObject([{ servername: name, host: functionUrlHost }]);
  expect([isUnref, socket.destroyed]).toEqual([true, true]);
});

test('a connection that could not be made ahead is not held', () => {
  withConnect(
    () => undefined,
    () => {
      const pool = create().pools.get(origin, settings);
      expect(() => pool.warm()).not.toThrow();
      expect(() => pool.closeIdle()).not.toThrow();
    },
  );
});

test('a pool that no table in force uses is removed, and closes its idle connections', () => {
  const { pools } = create();
  const used = pools.get(origin, settings);
  const unused = pools.get(origin, { ...settings, poolSize: 1 });
  const [kept, closed] = [keep(used), keep(unused)];

  pools.retain(new Set([used]));

  expect([kept.destroyed, closed.destroyed]).toEqual([false, true]);
  expect(pools.get(origin, settings)).toBe(used);
  expect(pools.get(origin, { ...settings, poolSize: 1 })).not.toBe(unused);
});
