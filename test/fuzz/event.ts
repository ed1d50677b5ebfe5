/** What is asked → a function URL event, and → the same over HTTP, with what the local front makes of it. */
import type { ClientRequest } from '../support/client.ts';
import type { Asked } from './asked.ts';

/** Lower-case names; `connection` and so on as the client sent them. */
export type EventHeaders = Readonly<Record<string, string>>;

/** What comes twice is joined as a function URL does it. */
export function toEventHeaders(asked: Asked): EventHeaders {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of asked.headers) {
    const before = headers[name];
    headers[name] =
      before === undefined ? value : before + (name === 'cookie' ? '; ' : ',') + value;
  }
  return headers;
}

export function toEvent(asked: Asked): Record<string, unknown> {
  const { method, path, query, cookies, sourceIp, protocol } = asked;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: toEventHeaders(asked),
    ...(cookies === undefined ? {} : { cookies }),
    requestContext: {
      domainName: 'proxy.example',
      http: { method, path: '/decoded', protocol, sourceIp, userAgent: 'fuzz' },
    },
    ...toEventBody(asked.body),
  };
}

function toEventBody(body: Asked['body']): Record<string, unknown> {
  switch (body.kind) {
    case 'none':
      return { isBase64Encoded: false };
    case 'bytes':
      return { body: body.bytes.toString('base64'), isBase64Encoded: true };
    case 'text':
      return { body: body.text, isBase64Encoded: false };
    case 'base64':
      return { body: body.text, isBase64Encoded: true };
  }
}

/** Methods that a function URL lets through. */
const urlMethods = new Set(['GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'PATCH', 'DELETE']);
/** What frames the message for the client itself, or makes Node's server answer before any function does. */
const framing = new Set(['content-length', 'transfer-encoding', 'expect', 'trailer', 'upgrade']);

/**
 * @returns what a client of HTTP can say of it, or undefined; `host` is given always, so that it is known what arrives
 */
export function toHttp(asked: Asked): { asked: Asked; request: ClientRequest } | undefined {
  const { method, path, query, body } = asked;
  const isLine = /^\/[!-~]*$/.test(path) && /^[!-~]*$/.test(query);
  if (!urlMethods.has(method) || !isLine || /[?#]/.test(path) || query.includes('#')) return;
  if (body.kind === 'text' || body.kind === 'base64') return;
  const sendable = asked.headers.filter(
    ([name, value]) =>
      /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) &&
      /^[\t\x20-\x7e\x80-\xff]*$/.test(value) &&
      !(framing.has(name) || name === 'host' || name === 'http2-settings'),
  );
  // The client's own parser of `connection` decides how it frames what it sends; these two it has to know.
  const headers = sendable.filter(
    ([name, value]) => name !== 'connection' || !/upgrade/i.test(value),
  );
  const host = asked.headers.find(([name]) => name === 'host')?.[1] || 'proxy.example';
  const sent: Asked['headers'] = [['host', host], ...headers];
  const bytes = body.kind === 'bytes' ? body.bytes : undefined;
  return {
    asked: { ...asked, headers: sent, cookies: undefined },
    request: {
      method,
      target: path + (query === '' ? '' : `?${query}`),
      headers: sent,
      ...(bytes === undefined ? {} : { body: bytes }),
    },
  };
}

/** What the event's headers are after the front, but for the trace id that it may have made up. */
export function throughFront(asked: Asked): Asked {
  const headers = toEventHeaders({
    ...asked,
    headers: asked.headers.map(([name, value]) => [name, value.replace(/^[ \t]+|[ \t]+$/g, '')]),
  });
  const { 'x-forwarded-for': forwardedFor } = headers;
  const added = {
    'x-forwarded-for': forwardedFor === undefined ? '127.0.0.1' : `${forwardedFor}, 127.0.0.1`,
    'x-forwarded-port': '443',
  };
  return {
    ...asked,
    headers: Object.entries(Object.assign(headers, added)),
    sourceIp: '127.0.0.1',
    protocol: 'HTTP/1.1',
  };
}
