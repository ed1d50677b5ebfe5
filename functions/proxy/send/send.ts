/** Sends one request over a pool's connection and hands back the response as it begins to arrive. */
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { ProxyError } from '../http/errors.ts';
import type { HeaderList, ProxyResponse, UpstreamRequest } from '../http/message.ts';
import type { Clock } from '../http/time.ts';
import { readBody } from './body.ts';
import type { Pool } from './connections.ts';
import { createHead, maxHeadBytes, maxHeaderLines } from './head.ts';
import type { Origin } from './hosts.ts';
import { isStaleConnection, toSendError, toTimeout, toUnreachable } from './send-errors.ts';

/** Where a request is sent, and its time limits. */
export interface SendOptions {
  readonly origin: Origin;
  readonly pool: Pool;
  /** Epoch ms by which the response's headers must be here: DNS, connect, TLS and the upstream's own time. */
  readonly headersDeadlineMs: number;
  /** Time until there is a connection. @default until `headersDeadlineMs` */
  readonly connectMs?: number;
  /** Longest silence inside the body. */
  readonly silenceMs: number;
  /** Epoch ms at which a response that has not ended is cut. */
  readonly deadlineMs: number;
  readonly now: Clock;
}

/**
 * @throws ProxyError `UPSTREAM_TIMEOUT`, `UPSTREAM_UNREACHABLE`, `UPSTREAM_CUT` or `UPSTREAM_INVALID_RESPONSE`
 */
export async function sendRequest(
  request: UpstreamRequest,
  options: SendOptions,
): Promise<ProxyResponse> {
  const { origin, pool, headersDeadlineMs, now } = options;
  const waitMs = headersDeadlineMs - now();
  if (waitMs <= 0)
    throw toTimeout('the time was over before the request was sent', { isUnsent: true });
  await pool.dropStale();
  const transport = origin.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const outgoing = transport.request({
      agent: pool.agent,
      host: origin.hostname,
      port: origin.port,
      method: request.method,
      path: request.query === '' ? request.path : `${request.path}?${request.query}`,
      headers: request.headers.flat(),
      setHost: false,
      maxHeaderSize: maxHeadBytes,
      insecureHTTPParser: false,
    });
    const timer = setTimeout(() => {
      outgoing.destroy(toTimeout(`no response headers within ${Math.round(waitMs)} ms`));
    }, waitMs);
    // Node drops further headers without a word; one more than there may be shows that there are too many.
    outgoing.maxHeadersCount = maxHeaderLines + 1;
    const head = createHead();
    const refuse = (invalid: string | undefined) => {
      if (invalid) outgoing.destroy(new ProxyError('UPSTREAM_INVALID_RESPONSE', invalid));
    };
    const keepHead = (chunk: Buffer) => {
      if (!response) refuse(head.add(chunk));
    };
    outgoing.on('information', () => refuse(head.addInformational()));
    let response: IncomingMessage | undefined;
    let isConnected = false;
    limitConnecting(outgoing, options.connectMs, () => isConnected);
    outgoing.once('socket', (socket) => {
      isConnected = !socket.connecting;
      // A kept connection does not connect again: a listener for each of its requests would stay on it.
      if (!outgoing.reusedSocket) {
        socket.once(origin.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
          isConnected = true;
        });
      }
      // Before Node's own listener, which ends the head within its call.
      socket.prependListener('data', keepHead);
      outgoing.once('close', () => socket.off('data', keepHead));
    });
    outgoing.once('response', (incoming) => {
      clearTimeout(timer);
      response = incoming;
      const isOpenEnded = hasNoLength(incoming, request.method);
      const invalid =
        findInvalidHead(incoming) ?? (isOpenEnded ? head.findHiddenChunks(incoming) : undefined);
      if (invalid) refuse(invalid);
      else resolve(toResponse(incoming, options));
      if (isOpenEnded) watchEnd(incoming);
    });
    onTakeover(outgoing, reject);
    outgoing.on('error', (error) => {
      // Inside the body; Node would take the end of a connection for the end of a body without length, reset or not.
      if (response?.complete === false) response.destroy(error);
      const isKept =
        outgoing.reusedSocket ||
        (outgoing.socket !== null && pool.isConnectedAhead(outgoing.socket));
      reject(toSendError(error, { isKept, hasBegun: head.hasBegun, isConnected }));
    });
    outgoing.once('close', () => {
      clearTimeout(timer);
      if (response) return;
      // After an error this is settled already; a request that ends without one has no response either.
      reject(toUnreachable(new Error('the request ended without a response'), !isConnected));
    });
    outgoing.end(request.body);
  });
}

/**
 * For the proxy's own calls, which may all be made twice: once more on a fresh connection when a kept one had died.
 * `upstream/attempts.ts` decides that for clients' requests.
 */
export async function sendOwn<T>(attempt: () => Promise<T>, pool: Pool): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!isStaleConnection(error)) throw error;
    // The others of the pool are as old; the next connection is a new one.
    pool.closeIdle();
    return attempt();
  }
}

function limitConnecting(
  outgoing: ClientRequest,
  connectMs: number | undefined,
  isConnected: () => boolean,
): void {
  if (connectMs === undefined) return;
  const timer = setTimeout(() => {
    if (!isConnected()) outgoing.destroy(toTimeout(`no connection within ${connectMs} ms`));
  }, connectMs);
  outgoing.once('close', () => clearTimeout(timer));
}

/** After an `upgrade` or `connect` Node hands the socket over, and no other event settles the request. */
function onTakeover(outgoing: ClientRequest, fail: (error: ProxyError) => void): void {
  const refuse = (_: IncomingMessage, socket: Duplex) => {
    socket.destroy();
    fail(new ProxyError('UPSTREAM_INVALID_RESPONSE', 'the upstream switched protocols'));
  };
  outgoing.once('upgrade', refuse);
  outgoing.once('connect', refuse);
}

/** What Node's parser lets pass, and a client would take for a good response. */
function findInvalidHead({
  statusCode = 0,
  httpVersion,
  headers,
  rawHeaders,
}: IncomingMessage): string | undefined {
  if (rawHeaders.length > 2 * maxHeaderLines) return `more than ${maxHeaderLines} headers`;
  if (statusCode < 200 || statusCode > 599) return `status ${statusCode}`;
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return `version HTTP/${httpVersion}`;
  const coding = headers['transfer-encoding']?.toLowerCase();
  // Node undoes the chunked coding alone, and any other one would reach the client unnamed (RFC 9112 §6.1).
  return coding === undefined || coding === 'chunked' ? undefined : `transfer coding ${coding}`;
}

/** A body without length ends with its last chunk, or with its connection (RFC 9112 §6.3). */
function hasNoLength({ statusCode, headers }: IncomingMessage, method: string): boolean {
  if (method === 'HEAD' || statusCode === 204 || statusCode === 304) return false;
  return headers['content-length'] === undefined;
}

/**
 * What Node takes for an orderly end of a body, and is none: the end of a connection under chunks, and a reset that follows
 * the last bytes closely. Of that the kernel knows: the socket has no peer any more.
 */
function watchEnd(incoming: IncomingMessage): void {
  const { socket, headers } = incoming;
  const onEnd = () => {
    const isOrderly =
      headers['transfer-encoding'] === undefined && socket.remoteAddress !== undefined;
    if (!incoming.complete && !isOrderly) incoming.destroy(new Error('the connection ended'));
  };
  socket.prependListener('end', onEnd);
  // A kept connection must not gather the listeners of all its responses.
  incoming.once('close', () => socket.off('end', onEnd));
}

function toResponse(
  incoming: IncomingMessage,
  { silenceMs, deadlineMs, now }: SendOptions,
): ProxyResponse {
  return {
    status: incoming.statusCode ?? 0,
    headers: toHeaderList(incoming.rawHeaders),
    body: readBody(incoming, { silenceMs, remainingMs: deadlineMs - now() }),
  };
}

function toHeaderList(rawHeaders: readonly string[]): HeaderList {
  const list: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    list.push([(rawHeaders[index] ?? '').toLowerCase(), rawHeaders[index + 1] ?? '']);
  }
  return list;
}
