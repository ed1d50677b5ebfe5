/** An upstream on a real socket that keeps what it received, and may demand a signature. */
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { headerPairs, listen } from '../../local/http-server.ts';
import {
  createSigV4Verifier,
  type SigV4Verifier,
  type Verification,
} from '../../local/sigv4/verifier.ts';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../../local/stack/credentials.ts';
import { closeAtEnd } from './open-resources.ts';

export interface Received {
  readonly method: string;
  /** The request target as it stood on the request line. */
  readonly target: string;
  readonly rawHeaders: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** Undefined when no verifier looked. */
  readonly verification: Verification | undefined;
  header(name: string): string | undefined;
}

export interface UpstreamOptions {
  /** @default 200 with a small body */
  readonly answer?: (received: Received, response: ServerResponse) => void | Promise<void>;
  readonly verifier?: SigV4Verifier;
}

export interface Upstream {
  readonly url: string;
  readonly port: number;
  readonly received: Received[];
  /** The only request that came, or an error. */
  only(): Received;
  /** How many connections were opened. */
  connections(): number;
  close(): Promise<void>;
}

/**
 * A verifier of the local role's signatures.
 *
 * @param authorize the role's policy: `true`, or why it denies
 */
export function createVerifier(
  service = 'execute-api',
  authorize: () => true | string = () => true,
): SigV4Verifier {
  const { accessKeyId, ...known } = LOCAL_CREDENTIALS;
  return createSigV4Verifier({
    service,
    region: LOCAL_REGION,
    authorize,
    credentials: (id) => (id === accessKeyId ? known : undefined),
  });
}

/** A verifier of the local role's signatures with a clock of its own. */
export function createSkewedVerifier(service: string, now: () => Date): SigV4Verifier {
  const { accessKeyId, ...known } = LOCAL_CREDENTIALS;
  const credentials = (id: string) => (id === accessKeyId ? known : undefined);
  return createSigV4Verifier({ service, region: LOCAL_REGION, credentials, now });
}

export async function startUpstream(options: UpstreamOptions = {}): Promise<Upstream> {
  const received: Received[] = [];
  let connections = 0;
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => {});
    request.on('end', () => {
      const { method = '', url: target = '', rawHeaders } = request;
      const body = Buffer.concat(chunks);
      const verification = options.verifier?.({ method, target, rawHeaders, body });
      const pairs = [...headerPairs(rawHeaders)];
      const header = (name: string) => pairs.find(([key]) => key === name)?.[1];
      const entry = { method, target, rawHeaders: pairs, body, verification, header };
      received.push(entry);
      if (verification?.ok === false) refuse(verification, response);
      else if (options.answer) void options.answer(entry, response);
      else response.end('ok');
    });
  };
  const server = createServer(
    { maxHeaderSize: 4 * 1024 * 1024, keepAliveTimeout: 60_000 },
    listener,
  );
  server.on('connection', () => {
    connections += 1;
  });
  const listening = await listen(server);
  return {
    url: listening.url,
    port: listening.port,
    received,
    only() {
      if (received.length !== 1) throw new Error(`${received.length} requests were received`);
      return received[0] as Received;
    },
    connections: () => connections,
    close: closeAtEnd(listening.close),
  };
}

function refuse(
  { status, errorType, body }: Extract<Verification, { ok: false }>,
  response: ServerResponse,
): void {
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': errorType };
  response.writeHead(status, headers).end(body);
}
