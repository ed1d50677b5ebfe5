import { randomBytes } from 'node:crypto';
import { headerPairs } from '../http-server.ts';
import { decodePercent, encodeBody } from './encoding.ts';

/** A request as it arrived. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query as on the request line. */
  readonly target: string;
  /** Alternating names and values, as Node's `rawHeaders`. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly sourceIp: string;
}

/** The signer of a request to a URL that requires IAM. */
export interface IamIdentity {
  readonly accessKey: string;
  readonly accountId: string;
  readonly callerId: string;
  readonly userArn: string;
  readonly userId: string;
}

/** The members that the URL adds. */
export interface UrlContext {
  readonly apiId: string;
  readonly requestId: string;
  readonly now: Date;
  readonly identity?: IamIdentity | undefined;
}

/** A payload 2.0 event, with the members that handlers of this project use. */
export interface FunctionUrlEvent {
  readonly version: '2.0';
  readonly routeKey: '$default';
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly cookies?: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly requestContext: Readonly<Record<string, unknown>>;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

/**
 * Converts a request to an event, byte for byte as AWS does: raw path and query, lower-case headers with duplicates
 * joined by ",", cookies in both places. Function URLs use TLS only, so the headers say https.
 */
export function toFunctionUrlEvent(
  request: ReceivedRequest,
  context: UrlContext,
): FunctionUrlEvent {
  const { path, query } = splitTarget(request.target);
  const headers = toHeaders(request);
  const cookies = splitCookies(headers);
  const parameters = toQueryParameters(query);
  const body = encodeBody(request.body, headers);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    ...(cookies === undefined ? {} : { cookies }),
    headers,
    ...(parameters === undefined ? {} : { queryStringParameters: parameters }),
    requestContext: toRequestContext({ request, headers, path }, context),
    ...body,
  };
}

/** Splits a target into its path and its query without the "?". An absolute-form target loses its origin. */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const origin = /^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i.exec(target)?.[0] ?? '';
  const local = target.slice(origin.length);
  const mark = local.indexOf('?');
  const path = mark === -1 ? local : local.slice(0, mark);
  return { path: path === '' ? '/' : path, query: mark === -1 ? '' : local.slice(mark + 1) };
}

/**
 * Decodes the query and joins repeated names by ",". This loses bytes, as on AWS.
 * @returns undefined without a query
 */
function toQueryParameters(query: string): Record<string, string> | undefined {
  if (query === '') {
    return undefined;
  }
  const parameters: Record<string, string> = {};
  for (const [name, value] of queryPairs(query)) {
    const before = parameters[name];
    parameters[name] = before === undefined ? value : `${before},${value}`;
  }
  return parameters;
}

/** Yields the decoded names and values of a query, in order. "+" is a space, as on AWS. */
export function* queryPairs(query: string): Generator<[string, string]> {
  for (const part of query.split('&')) {
    if (part !== '') {
      const equals = part.indexOf('=');
      const name = equals === -1 ? part : part.slice(0, equals);
      const value = equals === -1 ? '' : part.slice(equals + 1);
      yield [decodePercent(name.replaceAll('+', ' ')), decodePercent(value.replaceAll('+', ' '))];
    }
  }
}

/** `Root=1-<seconds>-<random>`, the value of a new `x-amzn-trace-id`. */
export function createTraceId(now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000).toString(16);
  return `Root=1-${seconds.padStart(8, '0')}-${randomBytes(12).toString('hex')}`;
}

function toHeaders(request: ReceivedRequest): Record<string, string> {
  // Clients may send headers with names of inherited object members, such as `__proto__`.
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of headerPairs(request.rawHeaders)) {
    const before = headers[name];
    const separator = name === 'cookie' ? '; ' : ',';
    headers[name] = before === undefined ? value : `${before}${separator}${value}`;
  }
  const { 'x-forwarded-for': forwardedFor } = headers;
  return Object.assign(headers, {
    'x-forwarded-for':
      forwardedFor === undefined ? request.sourceIp : `${forwardedFor}, ${request.sourceIp}`,
    'x-forwarded-port': '443',
    'x-forwarded-proto': 'https',
    'x-amzn-tls-version': 'TLSv1.3',
    'x-amzn-tls-cipher-suite': 'TLS_AES_128_GCM_SHA256',
  });
}

function splitCookies({ cookie }: Readonly<Record<string, string>>): string[] | undefined {
  const cookies = cookie
    ?.split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return cookies === undefined || cookies.length === 0 ? undefined : cookies;
}

interface Parts {
  readonly request: ReceivedRequest;
  readonly headers: Readonly<Record<string, string>>;
  readonly path: string;
}

function toRequestContext(
  { request, headers, path }: Parts,
  { apiId, requestId, now, identity }: UrlContext,
): Record<string, unknown> {
  const { host = '', 'user-agent': userAgent = '' } = headers;
  const domainName = host.replace(/:\d+$/, '');
  return {
    accountId: identity?.accountId ?? 'anonymous',
    apiId,
    ...(identity === undefined ? {} : { authorizer: { iam: toAuthorizer(identity) } }),
    domainName,
    domainPrefix: domainName.split('.')[0],
    http: {
      method: request.method,
      // Decoded, unlike rawPath; forwarding this path would lose bytes.
      path: decodePercent(path),
      protocol: 'HTTP/1.1',
      sourceIp: request.sourceIp,
      userAgent,
    },
    requestId,
    routeKey: '$default',
    stage: '$default',
    time: toLogTime(now),
    timeEpoch: now.getTime(),
  };
}

function toAuthorizer(identity: IamIdentity): Record<string, unknown> {
  return { ...identity, cognitoIdentity: null, principalOrgId: null };
}

/** `10/Jul/2026:12:34:56 +0000`. */
export function toLogTime(date: Date): string {
  const [, day, month, year, time] = date.toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
