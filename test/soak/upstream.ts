/** An upstream that demands signatures, and misbehaves as its mode says. */
import { createServer, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { headerPairs, readBody } from '../../local/http-server.ts';
import { createVerifier } from '../support/upstream.ts';
import { count, type Ledger } from './ledger.ts';
import { digestOf, type Told, toBody } from './message.ts';
import type { Random } from './random.ts';

export const upstreamFaults = [
  'reset',
  'hang',
  'failure',
  'throttled',
  'slow',
  'cut',
  'close',
  'expired',
] as const;
export type UpstreamFault = (typeof upstreamFaults)[number];

/** What happens to a share of the requests; undefined: nothing. */
export type Mode = { readonly fault: UpstreamFault; readonly probability: number } | undefined;

export interface SoakUpstream {
  readonly url: string;
  setMode(mode: Mode): void;
  open(): number;
  /** Refuses connections, and cuts those that are open. */
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  start(): Promise<void>;
}

export interface SoakUpstreamOptions {
  readonly ledger: Ledger;
  readonly random: Random;
}

export async function startSoakUpstream({
  ledger,
  random,
}: SoakUpstreamOptions): Promise<SoakUpstream> {
  const verify = createVerifier('execute-api');
  const sockets = new Set<Socket>();
  let mode: Mode;
  let port = 0;
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    void readBody(request, 10_000_000).then((body = Buffer.alloc(0)) => {
      const { method = '', url: target = '', rawHeaders } = request;
      const received = { method, target, rawHeaders, body };
      const told = toTold(received);
      const seen = ledger.seen.get(told.name) ?? [];
      const own = random.fork(`${told.name} ${seen.length}`);
      const fault = verify(received).ok ? draw(mode, own) : 'unsigned';
      note(ledger, told.name, fault);
      misbehave(fault, { told, response, socket: request.socket, ledger, random: own });
    }, discard);
  });
  server.on('connection', (socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on('error', discard);
    socket.on('close', () => sockets.delete(socket));
  });
  const start = () =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        const address = server.address();
        port = typeof address === 'object' && address ? address.port : 0;
        resolve();
      });
    });
  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    setMode(next) {
      mode = next;
    },
    open: () => sockets.size,
    start,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function discard(): void {}

function draw(mode: Mode, random: Random): string {
  return mode && random.chance(mode.probability) ? mode.fault : 'answered';
}

function note(ledger: Ledger, name: string, fault: string): void {
  ledger.seen.set(name, [...(ledger.seen.get(name) ?? []), fault]);
  count(ledger, `upstream: ${fault}`);
}

interface Received {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** `/r1/v7/n123.2000`: route, version of its document, name of the request. */
function toTold({ method, target, rawHeaders, body }: Received): Told {
  const [, route = '', version = '', name = ''] = target.split('/');
  const key = [...headerPairs(rawHeaders)].find(([header]) => header === 'x-api-key')?.[1] ?? '';
  return { route, version, name, method, key, bodyDigest: digestOf(body) };
}

interface Scene {
  readonly told: Told;
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly ledger: Ledger;
  readonly random: Random;
}

function misbehave(fault: string, scene: Scene): void {
  const { told, response, socket, ledger, random } = scene;
  switch (fault) {
    case 'reset':
      socket.resetAndDestroy();
      break;
    case 'hang':
      break;
    case 'unsigned':
      response.writeHead(400).end('bad signature');
      break;
    case 'failure':
      response.writeHead(random.pick([500, 502, 503]), { 'x-soak': fault }).end(fault);
      break;
    case 'throttled': {
      const after = random.pick(['0', '1', '3600']);
      response.writeHead(429, { 'x-soak': fault, 'retry-after': after }).end(fault);
      break;
    }
    case 'slow':
      setTimeout(() => answer(scene), random.between(50, 300));
      break;
    case 'cut': {
      const body = toBody(told);
      response.writeHead(200, { 'content-length': body.length });
      response.write(body.subarray(0, body.length >> 1), () => socket.destroy());
      break;
    }
    case 'close':
      answer(scene);
      response.once('finish', () => {
        ledger.lastClosingMs = Date.now();
        socket.end();
      });
      break;
    case 'expired':
      response.writeHead(403, { 'x-amzn-errortype': 'ExpiredTokenException' }).end('{}');
      break;
    default:
      answer(scene);
  }
}

/** With a length or in chunks, so that both ways through the proxy are taken. */
function answer({ told, response, random }: Scene): void {
  const body = toBody(told);
  if (random.chance(0.5)) response.setHeader('content-length', body.length);
  else response.write(body.subarray(0, 10));
  response.end(response.headersSent ? body.subarray(10) : body);
}
