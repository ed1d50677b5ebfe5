/** Requests to an AWS service through our own sign and send. */
import { ProxyError } from '../http/errors.ts';
import type { HeaderList, ProxyResponse, UpstreamRequest } from '../http/message.ts';
import type { Clock } from '../http/time.ts';
import type { CredentialsProvider } from '../sign/provider.ts';
import { createSigner } from '../sign/sign.ts';
import { createEndpointPool } from './connections.ts';
import { gatherBody } from './gather.ts';
import { toOrigin } from './hosts.ts';
import { sendOwn, sendRequest } from './send.ts';

/** How requests to an AWS service are signed and sent. */
export interface SignedClientOptions {
  readonly endpoint: URL;
  readonly region: string;
  /** Service of the credential scope, such as `ssm`. */
  readonly service: string;
  /** Most idle connections kept. */
  readonly poolSize: number;
  readonly credentials: CredentialsProvider;
  readonly now: Clock;
}

/**
 * @param headers besides `host` and `content-length`
 * @throws ProxyError when the endpoint can't be reached or takes too long
 */
export type SignedPost = (
  headers: HeaderList,
  body: Buffer,
  timeoutMs: number,
) => Promise<ProxyResponse>;

/** The same for POSTs to the path of the endpoint. */
export type SignedPostOptions = SignedClientOptions;

/** What one request to an AWS service differs in from the next. */
export interface ServiceRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Percent-encoded, from the first `/`. */
  readonly path: string;
  /** Besides `host` and `content-length`. */
  readonly headers: HeaderList;
  readonly body: Buffer;
}

/** @throws ProxyError when the endpoint can't be reached or takes too long */
export type SignedClient = (request: ServiceRequest, timeoutMs: number) => Promise<ProxyResponse>;

/** @returns a function that posts to the endpoint's own path */
export function createSignedPost(options: SignedPostOptions): SignedPost {
  const send = createSignedClient(options);
  const { pathname: path } = options.endpoint;
  return (headers, body, timeoutMs) => send({ method: 'POST', path, headers, body }, timeoutMs);
}

/** @returns a function that sends once; a kept connection that had died is replaced, and the request sent again */
export function createSignedClient(options: SignedClientOptions): SignedClient {
  const { endpoint, region, service, poolSize, credentials, now } = options;
  const origin = toOrigin(endpoint);
  const settings = { keepalive: true, poolSize, idleTimeoutMs: 20_000, verifyTls: true };
  const pool = createEndpointPool(origin, settings, now);
  const sign = createSigner({ region, service });
  return async ({ method, path, headers, body }, timeoutMs) => {
    const length: HeaderList = method === 'GET' ? [] : [['content-length', String(body.length)]];
    const request: UpstreamRequest = {
      method,
      path,
      query: '',
      headers: [['host', endpoint.host], ...headers, ...length],
      body,
    };
    const attempt = async () => {
      const signed = sign(request, await credentials(), now());
      const deadlineMs = now() + timeoutMs;
      const times = { headersDeadlineMs: deadlineMs, silenceMs: timeoutMs, deadlineMs, now };
      return sendRequest(signed, { origin, pool, ...times });
    };
    try {
      const response = await sendOwn(attempt, pool);
      return { ...response, body: toNamedBody(response.body, { endpoint, timeoutMs }) };
    } catch (error) {
      throw toNamed(error, endpoint);
    }
  };
}

/** Which of several services it was: an error of sending is the same for all of them. */
function toNamed(error: unknown, { host }: URL): unknown {
  if (!(error instanceof ProxyError) || !error.code.startsWith('UPSTREAM_')) return error;
  const { code, isUnsent } = error;
  return new ProxyError(code, `${host} gave no answer`, { cause: error, isUnsent });
}

interface Call {
  readonly endpoint: URL;
  readonly timeoutMs: number;
}

function toNamedBody(body: ProxyResponse['body'], call: Call): ProxyResponse['body'] {
  return Buffer.isBuffer(body) ? body : nameFailures(body, call);
}

async function* nameFailures(
  body: Exclude<ProxyResponse['body'], Buffer>,
  { endpoint, timeoutMs }: Call,
): AsyncGenerator<Buffer, undefined> {
  try {
    yield* body;
  } catch (error) {
    // The time of the call is over, not that of an invocation, which is all that a body knows of.
    const isOver = error instanceof ProxyError && error.code === 'UPSTREAM_TIMEOUT';
    const message = `${endpoint.host} gave no whole answer within ${timeoutMs} ms`;
    throw isOver ? new ProxyError(error.code, message) : toNamed(error, endpoint);
  }
  return undefined;
}

/** @returns the whole body as text */
export async function readText(response: ProxyResponse): Promise<string> {
  return (await gatherBody(response)).toString('utf8');
}
