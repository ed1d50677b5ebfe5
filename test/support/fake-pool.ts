/** A pool whose connections lead to a function in this process: real HTTP bytes, no socket. */
import https from 'node:https';
import { Duplex } from 'node:stream';
import type { Pool } from '../../functions/proxy/send/connections.ts';

export interface FakePool extends Pool {
  /** Raw requests as they were written: one string for each connection, one character for each byte. */
  readonly requests: () => string[];
}

/** @param answer the raw response, which is sent when the request's head has arrived */
export function createFakePool(answer: string | (() => string)): FakePool {
  const connections: Buffer[][] = [];
  const agent = new https.Agent({ keepAlive: false });
  agent.createConnection = () => {
    const written: Buffer[] = [];
    connections.push(written);
    let isAnswered = false;
    const connection = new Duplex({
      read() {},
      write(chunk: Buffer, _, done) {
        written.push(chunk);
        if (!isAnswered && Buffer.concat(written).includes('\r\n\r\n')) {
          isAnswered = true;
          const text = typeof answer === 'string' ? answer : answer();
          setImmediate(() => connection.push(Buffer.from(text, 'latin1')));
        }
        done();
      },
    });
    return connection;
  };
  return {
    agent,
    dropStale: async () => {},
    isConnectedAhead: () => false,
    warm() {},
    closeIdle() {},
    requests: () => connections.map((chunks) => Buffer.concat(chunks).toString('latin1')),
  };
}

export interface ParsedRequest {
  readonly line: string;
  readonly rawHeaders: readonly string[];
  readonly body: string;
  /** @returns all values of a name */
  header(name: string): string[];
}

/** Parses the bytes of one connection. */
export function parseRequest(raw = ''): ParsedRequest {
  const end = raw.indexOf('\r\n\r\n');
  const [line = '', ...fields] = raw.slice(0, end).split('\r\n');
  const pairs = fields.map((field) => {
    const colon = field.indexOf(':');
    return [field.slice(0, colon), field.slice(colon + 1).replace(/^ /, '')] as const;
  });
  return {
    line,
    rawHeaders: pairs.flat(),
    body: raw.slice(end + 4),
    header: (name) => pairs.filter(([own]) => own.toLowerCase() === name).map(([, value]) => value),
  };
}
