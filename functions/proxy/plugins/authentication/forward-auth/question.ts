/** The request to an authorizer: APISIX's headers about the client's request, and the headers of the document. */
import type { Exchange } from '../../../chain/exchange.ts';
import { readSaidHeader } from '../../../chain/said-headers.ts';
import { ProxyError } from '../../../http/errors.ts';
import { toDashed, toWireValue } from '../../../http/headers.ts';
import { toLengthHeader, type UpstreamRequest } from '../../../http/message.ts';
import { toRootedPath } from '../../../http/path.ts';
import type { Target } from '../../../upstream/target.ts';
import { compileTemplate, headersIn, type ReadVariable } from '../../variables.ts';
import type { ForwardAuthConfig } from './schema.ts';

/** @returns names of the client's headers that the authorizer decides by */
export function toToldNames({
  request_headers,
  extra_headers,
}: ForwardAuthConfig): ReadonlySet<string> {
  return new Set([...request_headers, ...extra_headers.flatMap(([, text]) => headersIn(text))]);
}

/** Headers of the document's own: names, and how each value is read from a request. */
export type Extras = readonly (readonly [name: string, read: ReadVariable])[];

/** @returns readers of `extra_headers`, compiled once for all requests */
export function toExtras({ extra_headers }: ForwardAuthConfig): Extras {
  return extra_headers.map(([name, text]) => [name, compileTemplate(text)]);
}

interface QuestionOptions {
  readonly target: Target;
  readonly config: ForwardAuthConfig;
  readonly extras: Extras;
}

/** APISIX's headers about the request, then those of the document. */
export function toQuestion(
  exchange: Exchange,
  { target, config, extras }: QuestionOptions,
): UpstreamRequest {
  const { request } = exchange;
  const body = config.request_method === 'POST' ? request.body : Buffer.alloc(0);
  if (body.length > config.max_req_body_size) {
    throw new ProxyError(
      'BODY_TOO_LARGE',
      `forward-auth: at most ${config.max_req_body_size} bytes`,
    );
  }
  // An authorizer that parses it must not take its beginning for a host.
  const path = toRootedPath(request.path);
  const uri = request.query === '' ? path : `${path}?${request.query}`;
  const said = new Map([
    ['host', target.host],
    ['x-forwarded-proto', 'https'],
    ['x-forwarded-method', request.method],
    ['x-forwarded-host', toWireValue(request.host)],
    ['x-forwarded-uri', uri],
    ['x-forwarded-for', request.clientIp],
    ...toLengthHeader(config.request_method, body),
  ]);
  const encoding = request.headers['content-encoding'];
  if (body.length > 0 && encoding !== undefined)
    said.set('content-encoding', toWireValue(encoding));
  const ours = new Set(said.keys());
  const add = (name: string, value: string | undefined) => {
    const isTaken = ours.has(toDashed(name)) || said.has(name);
    if (value !== undefined && !isTaken) said.set(name, toWireValue(value));
  };
  for (const [name, read] of extras) add(name, read(exchange));
  for (const name of config.request_headers) {
    // A signature takes the header's own name; the client's travels as it does to signed upstreams.
    const isMoved = name === 'authorization' && config.authorization.iam !== undefined;
    add(isMoved ? 'x-original-authorization' : name, readSaidHeader(exchange, name));
  }
  return {
    method: config.request_method,
    path: target.basePath,
    query: target.baseQuery,
    headers: [...said],
    body,
  };
}
