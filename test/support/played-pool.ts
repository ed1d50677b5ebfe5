/** A pool whose connections play bytes in this process: real HTTP, and each way in which a connection ends. */
import http from 'node:http';
import https from 'node:https';
import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { ProxyError } from '../../functions/proxy/http/errors.ts';
import type { ProxyResponse, UpstreamRequest } from '../../functions/proxy/http/message.ts';
import type { Pool } from '../../functions/proxy/send/connections.ts';
import { type SendOptions, sendRequest } from '../../functions/proxy/send/send.ts';
import { rejectionOf, toUpstreamRequest } from './builders.ts';

/** Bytes, or how the connection ends: with the code of an error, without one (`end`), or by a reset that Node takes for an end (`vanish`). */
export type PlayedStep = string | Buffer | 'end' | 'vanish' | { readonly code: string };

export interface PlayedPool extends Pool {
  /** Raw requests as they were written, in order. */
  readonly requests: string[];
  readonly connections: Duplex[];
  /** How often idle connections were closed. */
  readonly closed: () => number;
}

export interface PlayedPoolOptions {
  /** Steps after each request, in order; the last ones for ever. */
  readonly answers: readonly (readonly PlayedStep[])[];
  /** @default https: */
  readonly protocol?: 'https:' | 'http:';
  /** @default false */
  readonly keepAlive?: boolean;
  /** `never`: the connection is not made. An error: it is refused. @default at once */
  readonly connect?: 'never' | { readonly code: string };
  readonly isConnectedAhead?: boolean;
}

export function createPlayedPool(options: PlayedPoolOptions): PlayedPool {
  const { answers, keepAlive = false, isConnectedAhead = false } = options;
  const requests: string[] = [];
  const connections: Duplex[] = [];
  let closed = 0;
  const transport = options.protocol === 'http:' ? http : https;
  const agent = new transport.Agent({ keepAlive });
  const answer = (connection: Duplex, request: string) => {
    requests.push(request);
    const steps = answers[Math.min(requests.length, answers.length) - 1] ?? [];
    void play(connection, steps);
  };
  agent.createConnection = () => {
    const connection = createConnection(options, answer);
    connections.push(connection);
    return connection;
  };
  return {
    agent,
    requests,
    connections,
    closed: () => closed,
    dropStale: async () => {},
    isConnectedAhead: () => isConnectedAhead,
    warm() {},
    closeIdle() {
      closed += 1;
      for (const sockets of Object.values(agent.freeSockets)) {
        for (const socket of sockets ?? []) socket.destroy();
      }
    },
  };
}

type Answer = (connection: Duplex, request: string) => void;

/** A connection that answers each request when all of it has come. */
function createConnection(options: PlayedPoolOptions, answer: Answer): Duplex {
  const { connect } = options;
  let written = '';
  const connection: Duplex = new Duplex({
    read() {},
    write(chunk: Buffer, _, done) {
      written += chunk.toString('latin1');
      const end = written.indexOf('\r\n\r\n') + 4;
      const length = Number(/content-length: (\d+)/i.exec(written)?.[1] ?? 0);
      if (end >= 4 && written.length >= end + length && !connect) {
        const request = written;
        written = '';
        answer(connection, request);
      }
      done();
    },
  });
  const methods = { setKeepAlive() {}, setNoDelay() {}, setTimeout() {}, ref() {}, unref() {} };
  Object.assign(connection, methods, { connecting: true, remoteAddress: '127.0.0.1' });
  void begin(connection, options);
  return connection;
}

async function begin(connection: Duplex, { connect, protocol }: PlayedPoolOptions): Promise<void> {
  await setImmediate();
  if (connect === 'never') return;
  if (connect) {
    connection.destroy(Object.assign(new Error(connect.code), connect));
    return;
  }
  Object.assign(connection, { connecting: false });
  connection.emit(protocol === 'http:' ? 'connect' : 'secureConnect');
}

async function play(connection: Duplex, steps: readonly PlayedStep[]): Promise<void> {
  for (const step of steps) {
    await setImmediate();
    if (connection.destroyed) return;
    playStep(connection, step);
  }
}

function playStep(connection: Duplex, step: PlayedStep): void {
  if (typeof step === 'string' && step !== 'end' && step !== 'vanish') {
    connection.push(Buffer.from(step, 'latin1'));
  } else if (Buffer.isBuffer(step)) connection.push(step);
  else if (typeof step === 'object') {
    connection.destroy(Object.assign(new Error(step.code), step));
  } else {
    // The kernel has no peer of a connection that was reset.
    if (step === 'vanish') Object.assign(connection, { remoteAddress: undefined });
    connection.push(null);
  }
}

/** The time of requests that are sent over such a pool. */
export const nowMs = 1000;
const origin = { protocol: 'https:', hostname: 'upstream.example', port: 443 } as const;

/** Sends a request that has a minute for everything. */
export function sendOver(
  pool: Pool,
  request: Partial<UpstreamRequest> = {},
  options: Partial<SendOptions> = {},
): Promise<ProxyResponse> {
  const end = { headersDeadlineMs: 61_000, silenceMs: 60_000, deadlineMs: 61_000 };
  const times = { ...end, now: () => nowMs };
  return sendRequest(toUpstreamRequest(request), { origin, pool, ...times, ...options });
}

/** @returns the error that an attempt ends with; the test fails if it is none of the request path */
export async function failureOf(attempt: Promise<unknown>): Promise<ProxyError> {
  const error = await rejectionOf(attempt);
  if (error instanceof ProxyError) return error;
  throw error;
}
