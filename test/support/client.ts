/** A client that sends exactly the given bytes, and returns the received ones unchanged. */
import http, { type IncomingMessage } from 'node:http';

export interface ClientRequest {
  readonly method?: string;
  /** The request target as it is written on the request line. */
  readonly target: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string | Buffer;
}

export interface ClientResponse {
  readonly status: number;
  /** Lower-case names, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** The connection broke before the body was complete. */
  readonly isCut: boolean;
  header(name: string): string | undefined;
  text(): string;
  json(): Record<string, unknown>;
}

/** Sends one request on its own connection and reads the whole response. */
export async function send(url: string, request: ClientRequest): Promise<ClientResponse> {
  const incoming = await open(url, request);
  const chunks: Buffer[] = [];
  let isCut = false;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch {
    isCut = true;
  }
  return toResponse(incoming, Buffer.concat(chunks), isCut || !incoming.complete);
}

/** Sends one request and returns when the response begins. */
export function open(url: string, request: ClientRequest): Promise<IncomingMessage> {
  const { hostname, port, host } = new URL(url);
  const { method = 'GET', target, headers = [], body } = request;
  const isHostGiven = headers.some(([name]) => name.toLowerCase() === 'host');
  const length = body === undefined ? [] : ['content-length', String(Buffer.byteLength(body))];
  return new Promise((resolve, reject) => {
    const outgoing = http.request({
      agent: false,
      hostname,
      port,
      method,
      path: target,
      setHost: false,
      maxHeaderSize: 4_000_000,
      headers: [...(isHostGiven ? [] : ['host', host]), ...headers.flat(), ...length],
    });
    outgoing.on('response', resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function toResponse(incoming: IncomingMessage, body: Buffer, isCut: boolean): ClientResponse {
  const headers: [string, string][] = [];
  for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = incoming.rawHeaders.slice(index, index + 2);
    headers.push([name.toLowerCase(), value]);
  }
  const text = () => body.toString('utf8');
  return {
    status: incoming.statusCode ?? 0,
    headers,
    body,
    isCut,
    header: (name) => headers.find(([key]) => key === name)?.[1],
    text,
    json: () => JSON.parse(text()) as Record<string, unknown>,
  };
}
