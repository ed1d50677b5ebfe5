/** Converts METHOD, URL, -H and -d to the request that the proxy would read from a function URL event. */
import { readRequest } from '../../functions/proxy/event.ts';
import type { ProxyRequest } from '../../functions/proxy/http/message.ts';
import { CliError } from '../terminal/cli-error.ts';

/** The request of `explain`, as given on the command line. */
export interface AskedRequest {
  readonly method: string;
  /** An absolute URL, or a path with its query. */
  readonly url: string;
  /** Headers as typed: `Name: value`. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  /**
   * The client's address.
   * @default an address that is reserved for documentation
   */
  readonly sourceIp?: string;
}

/** An address that is reserved for documentation (RFC 5737). */
export const documentationAddress = '192.0.2.1';

// Not `new URL()`, because it would normalise the path.
const urlPattern = /^(?:https?:\/\/([^/?#]+))?(\/[^?#]*)?(?:\?([^#]*))?(?:#.*)?$/is;

/**
 * @throws CliError if the command line does not describe a request
 * @throws ProxyError if the proxy would refuse the request before matching: an unsafe path, a malformed header
 */
export function toProxyRequest(asked: AskedRequest): ProxyRequest {
  const { method, url, headers, body, sourceIp = documentationAddress } = asked;
  const [whole, authority, path = '/', query = ''] = urlPattern.exec(url) ?? [];
  if (!whole) {
    throw new CliError('USAGE', `URL: found ${JSON.stringify(url)}, expected a path or a URL.`, {
      hint: "For example '/orders/7?full=1' or https://proxy.example.com/orders/7.",
    });
  }
  const received = joinHeaders(headers.map(parseHeader));
  const host = received['host'] ?? authority?.replace(/^.*@/, '');
  const event = {
    rawPath: path,
    rawQueryString: query,
    headers: { ...received, ...(host === undefined ? {} : { host }) },
    requestContext: {
      http: { method, protocol: 'HTTP/1.1', sourceIp },
    },
    body: body.toString('base64'),
    isBase64Encoded: true,
  };
  return readRequest(event, 'explain');
}

/** @throws CliError if the text is not `Name: value` */
export function parseHeader(text: string): [name: string, value: string] {
  const [, name, value] = /^([^:\s]+):\s*(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name.toLowerCase(), value];
  const found = JSON.stringify(text.slice(0, 20));
  throw new CliError('USAGE', `-H: found ${found}, expected 'Name: value'.`);
}

/** Joins repeated headers as a function URL does. */
function joinHeaders(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of pairs) {
    const earlier = joined[name];
    joined[name] = earlier === undefined ? value : `${earlier},${value}`;
  }
  return joined;
}
