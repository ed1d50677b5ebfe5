/** Connection pools: one for each upstream and its settings. They outlive the route tables that use them. */
import http, { type Agent } from 'node:http';
import https, { type RequestOptions } from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { ProxyError } from '../http/errors.ts';
import type { Clock } from '../http/time.ts';
import {
  type AllowedHost,
  findForbiddenOrigin,
  findForbiddenService,
  type Origin,
} from './hosts.ts';
import { keepIdle, takeIdle, unwatchIdle, watchIdle } from './idle.ts';

/** Settings of the connections to one upstream. */
export interface PoolSettings {
  readonly keepalive: boolean;
  /** Maximum number of idle connections that the pool keeps. */
  readonly poolSize: number;
  readonly idleTimeoutMs: number;
  readonly verifyTls: boolean;
  /** The name that the server's certificate has to have. @default the host's */
  readonly serverName?: string;
}

/** What a connection is for: an upstream, or a service that a plugin calls. Each has its own rule of allowed hosts. */
export type Purpose = 'upstream' | 'service';

/** The connections to one origin with the same settings. */
export interface Pool {
  readonly agent: Agent;
  /** Closes idle connections that are too old, and drops those that the peer has closed. Await it before each request. */
  dropStale(): Promise<void>;
  /** Connects before a request needs it. The next request that needs a new connection takes this one. */
  warm(): void;
  /** @returns whether `warm` made the connection: like a kept connection, it may have died before its request */
  isConnectedAhead(socket: Duplex): boolean;
  /** Closes idle connections. */
  closeIdle(): void;
}

/** All connection pools of the environment. */
export interface Pools {
  get(origin: Origin, settings: PoolSettings, purpose?: Purpose): Pool;
  /** Closes the idle connections of every pool that is not in use any more. */
  retain(used: ReadonlySet<Pool>): void;
}

/** What the pools need. */
export interface PoolsOptions {
  readonly allowedHosts: readonly AllowedHost[];
  readonly now: Clock;
}

/** @returns pools by origin and settings. A pool is created when it is first asked for */
export function createPools({ allowedHosts, now }: PoolsOptions): Pools {
  const pools = new Map<string, Pool>();
  const idle = new Set<Duplex>();
  return {
    get(origin, settings, purpose = 'upstream') {
      const { protocol, hostname, port } = origin;
      const key = JSON.stringify([protocol, hostname, port, settings, purpose]);
      const findForbidden = purpose === 'upstream' ? findForbiddenOrigin : findForbiddenService;
      const check = (each: Origin) => findForbidden(each, allowedHosts);
      const pool = pools.get(key) ?? createPool(origin, settings, { check, now, idle });
      pools.set(key, pool);
      return pool;
    },
    retain(used) {
      for (const [key, pool] of pools) {
        if (used.has(pool)) continue;
        pools.delete(key);
        pool.closeIdle();
      }
    },
  };
}

/** A pool for an endpoint that the operator's environment names (Parameter Store): no upstream rules apply. */
export function createEndpointPool(origin: Origin, settings: PoolSettings, now: Clock): Pool {
  return createPool(origin, settings, { check: () => undefined, now, idle: new Set() });
}

interface CreatePoolOptions {
  /** @returns why the origin is refused, or undefined */
  readonly check: (origin: Origin) => string | undefined;
  readonly now: Clock;
  /** Connections that wait for a request, of all pools together; the oldest comes first. */
  readonly idle: Set<Duplex>;
}

function createPool(origin: Origin, settings: PoolSettings, options: CreatePoolOptions): Pool {
  const { keepalive, poolSize, idleTimeoutMs, verifyTls, serverName } = settings;
  const transport = origin.protocol === 'https:' ? https : http;
  const agent: Agent = new transport.Agent({
    keepAlive: keepalive,
    maxFreeSockets: poolSize,
    timeout: idleTimeoutMs,
    scheduling: 'lifo',
    rejectUnauthorized: verifyTls,
    ...(serverName === undefined ? {} : { servername: serverName }),
  });
  const idleSince = new WeakMap<Duplex, number>();
  const spare = createSpare(options.now, idleTimeoutMs);
  const connect = agent.createConnection.bind(agent);
  const connectAllowed: typeof agent.createConnection = (connectOptions, callback) => {
    assertAllowed(origin, connectOptions, options.check);
    const socket = connect(connectOptions, callback);
    socket?.once('close', () => options.idle.delete(socket));
    return socket;
  };

  const connectedAhead = new WeakSet<Duplex>();
  agent.createConnection = (connectOptions, callback) => {
    const socket = spare.take();
    if (!socket) return connectAllowed(connectOptions, callback);
    connectedAhead.add(socket);
    return socket;
  };
  const keep = agent.keepSocketAlive.bind(agent);
  agent.keepSocketAlive = (socket) => {
    idleSince.set(socket, options.now());
    keepIdle(socket, options.idle);
    return keep(socket);
  };
  const reuse = agent.reuseSocket.bind(agent);
  agent.reuseSocket = (socket, request) => {
    takeIdle(socket, options.idle);
    reuse(socket, request);
  };
  const forEachIdle = (visit: (socket: Socket) => void) => {
    for (const sockets of Object.values(agent.freeSockets)) sockets?.forEach(visit);
  };
  return {
    agent,
    async dropStale() {
      let hasIdle = false;
      // Node's own idle timer stops while the environment is frozen; the wall clock does not.
      const oldestMs = options.now() - idleTimeoutMs;
      forEachIdle((socket) => {
        hasIdle = true;
        if ((idleSince.get(socket) ?? 0) < oldestMs) socket.destroy();
      });
      // A peer's close may still be queued in the event loop. After one turn, the agent has seen it.
      if (hasIdle || spare.hasOne()) await setImmediate();
    },
    isConnectedAhead: (socket) => connectedAhead.has(socket),
    warm() {
      if (!keepalive) return;
      const { hostname: host, port } = origin;
      // TLS names no server by address (RFC 6066 §3).
      const named = serverName ?? host;
      const name = isIP(named) ? {} : { servername: named };
      const tls = { rejectUnauthorized: verifyTls, ...name };
      const connection: RequestOptions & { noDelay: boolean } = {
        host,
        port,
        noDelay: true,
        ...tls,
      };
      spare.put(connectAllowed(connection));
    },
    closeIdle() {
      spare.take()?.destroy();
      forEachIdle((socket) => socket.destroy());
    },
  };
}

function assertAllowed(
  origin: Origin,
  connecting: { readonly host?: string | null | undefined; readonly port?: unknown },
  check: CreatePoolOptions['check'],
): void {
  const isSame = connecting.host === origin.hostname && Number(connecting.port) === origin.port;
  if (isSame && check(origin) === undefined) return;
  throw new ProxyError('INTERNAL', `refused to open a connection to ${connecting.host}`);
}

interface Spare {
  put(socket: Duplex | null | undefined): void;
  take(): Duplex | undefined;
  hasOne(): boolean;
}

/** Holds one connection that was made ahead of its request. */
function createSpare(now: Clock, idleTimeoutMs: number): Spare {
  let held: { readonly socket: Duplex; readonly sinceMs: number } | undefined;
  return {
    hasOne: () => held !== undefined,
    put(socket) {
      if (!socket) return;
      held?.socket.destroy();
      held = { socket, sinceMs: now() };
      // A failure to connect ahead does not matter: the request then connects by itself and reports its own error.
      socket.on('error', () => {});
      watchIdle(socket);
      (socket as Socket).unref();
      setTimeout(() => {
        if (held?.socket === socket) held = undefined;
        else return;
        socket.destroy();
      }, idleTimeoutMs).unref();
    },
    take() {
      const taken = held;
      held = undefined;
      if (!taken || taken.socket.destroyed) return undefined;
      if (now() - taken.sinceMs > idleTimeoutMs) {
        taken.socket.destroy();
        return undefined;
      }
      unwatchIdle(taken.socket);
      (taken.socket as Socket).ref();
      return taken.socket;
    },
  };
}
