/** An upstream on a bare TCP socket: it plays the bytes that it is given, and breaks off where it is told to. */
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** Bytes to write, a pause, or how the connection ends (`end` sends FIN, `reset` sends RST). */
export type Step = string | Buffer | { readonly pauseMs: number } | 'end' | 'reset';

export interface RawRequest {
  readonly method: string;
  readonly target: string;
  /** Lower-case name → value, of the last one where it repeats. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Which connection it came over, counted from 1. */
  readonly connection: number;
  /** Which request of its connection it is, counted from 1. */
  readonly turn: number;
}

export interface RawUpstream {
  readonly url: string;
  readonly requests: RawRequest[];
  /** How many connections were opened. */
  connections(): number;
  /** How many are open now. */
  open(): number;
  /** Resolves when everything that was to be played has been. */
  played(): Promise<void>;
  /** Plays steps on every open connection, also on one that waits for something else. */
  interject(steps: readonly Step[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param play what is answered to a request; an empty list is silence
 * @param greet what is said on the connection of that number before any request
 */
export async function startRawUpstream(
  play: (request: RawRequest) => readonly Step[],
  greet: (connection: number) => readonly Step[] = () => [],
): Promise<RawUpstream> {
  const requests: RawRequest[] = [];
  const sockets = new Set<Socket>();
  const playing = new Set<Promise<void>>();
  const start = (socket: Socket, steps: readonly Step[]) => {
    const done = playSteps(socket, steps).finally(() => playing.delete(done));
    playing.add(done);
  };
  let connections = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    const connection = connections;
    start(socket, greet(connection));
    readRequests(socket, (request, turn) => {
      const entry = { ...request, connection, turn };
      requests.push(entry);
      start(socket, play(entry));
    });
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    connections: () => connections,
    open: () => sockets.size,
    played: async () => {
      await Promise.all(playing);
    },
    interject: async (steps) => {
      await Promise.all([...sockets].map((socket) => playSteps(socket, steps)));
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A whole response with a length: what an honest upstream would have sent. */
export function plain(body: string, headers = ''): string {
  return `HTTP/1.1 200 OK\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

async function playSteps(socket: Socket, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    if (step === 'end') socket.end();
    else if (step === 'reset') socket.resetAndDestroy();
    else if (typeof step === 'string' || Buffer.isBuffer(step)) await write(socket, step);
    else await pause(step.pauseMs);
  }
}

/** Strings are bytes in Latin-1. Resolves when they have left, so that a reset does not overtake them. */
function write(socket: Socket, bytes: string | Buffer): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, () => resolve());
  });
}

type Parsed = Omit<RawRequest, 'connection' | 'turn'>;

function readRequests(socket: Socket, take: (request: Parsed, turn: number) => void): void {
  let buffered = Buffer.alloc(0);
  let turn = 0;
  socket.on('data', (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    for (let parsed = parseRequest(buffered); parsed; parsed = parseRequest(buffered)) {
      buffered = parsed.rest;
      turn += 1;
      take(parsed.request, turn);
    }
  });
}

function parseRequest(bytes: Buffer): { request: Parsed; rest: Buffer<ArrayBuffer> } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [line = '', ...fields] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const [method = '', target = ''] = line.split(' ');
  const headers = Object.fromEntries(
    fields.map((field) => {
      const colon = field.indexOf(':');
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
    }),
  );
  const bodyEnd = end + 4 + Number(headers['content-length'] ?? 0);
  if (bytes.length < bodyEnd) return undefined;
  const body = Buffer.from(bytes.subarray(end + 4, bodyEnd));
  return { request: { method, target, headers, body }, rest: Buffer.from(bytes.subarray(bodyEnd)) };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
}
