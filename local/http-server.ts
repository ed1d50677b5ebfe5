import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that listens. */
export interface Listening {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

/** Host and port of a server. */
export interface ListenOptions {
  /** @default 127.0.0.1 */
  readonly host?: string | undefined;
  /**
   * Port; with 0 the system chooses one.
   * @default 0
   */
  readonly port?: number | undefined;
  /**
   * Number of ports to try, upwards from `port`, while they are in use.
   * @default 1
   */
  readonly tries?: number | undefined;
}

/** Starts listening; rejects with the system's error (`EADDRINUSE`, …). */
export async function listen(server: Server, options: ListenOptions = {}): Promise<Listening> {
  const host = options.host ?? '127.0.0.1';
  // Nagle's algorithm adds about 40 ms to each reply and would hide the proxy's own latency.
  server.on('connection', (socket) => socket.setNoDelay(true));
  const first = options.port ?? 0;
  const last = first + (options.tries ?? 1) - 1;
  for (let port = first; !(await tryListen(server, host, port)); port += 1) {
    if (port >= last) {
      throw Object.assign(new Error(`port ${port} is in use`), { code: 'EADDRINUSE', port });
    }
  }
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Tries to listen.
 * @returns false if the port is in use
 */
function tryListen(server: Server, host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onListening = () => {
      server.off('error', onError);
      resolve(true);
    };
    const onError = (error: NodeJS.ErrnoException) => {
      server.off('listening', onListening);
      if (error.code === 'EADDRINUSE') {
        resolve(false);
      } else {
        reject(error);
      }
    };
    server.once('error', onError);
    server.once('listening', onListening);
    server.listen(port, host);
  });
}

/** Answers one request. */
export type Serve = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Creates a server that accepts headers as AWS does.
 * @param serve answers a request; if it rejects, the connection is cut
 * @param maxHeaderBytes larger headers are answered 431
 */
export function createFront(serve: Serve, maxHeaderBytes: number): Server {
  const server = createServer({ maxHeaderSize: maxHeaderBytes }, (request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  // Node keeps 2000 headers by default and silently drops the others.
  server.maxHeadersCount = 0;
  return server;
}

/**
 * Reads a whole body.
 * @returns undefined if it is longer than `limitBytes`; the rest is discarded
 */
export async function readBody(
  request: IncomingMessage,
  limitBytes: number,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) {
    request.resume();
    return undefined;
  }
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // The rest is read and discarded, so that the client can finish sending and gets the answer instead of a reset.
    if (length <= limitBytes) {
      chunks.push(chunk);
    }
  }
  return length > limitBytes ? undefined : Buffer.concat(chunks);
}

/** A short JSON answer. */
export interface JsonAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Already serialised. */
  readonly body: string;
}

/** Sends a whole JSON answer. */
export function sendJson(response: ServerResponse, answer: JsonAnswer): void {
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(answer.body),
    ...answer.headers,
  });
  response.end(answer.body);
}

/** Yields name and value of each header as received, in order. */
export function* headerPairs(rawHeaders: readonly string[]): Generator<[string, string]> {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    yield [String(rawHeaders[i]).toLowerCase(), String(rawHeaders[i + 1])];
  }
}
