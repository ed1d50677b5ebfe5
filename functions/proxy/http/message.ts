/** Requests and responses. Every one is read-only: a stage returns a new value. */
/** Header names in lower case with their values, in wire order; a name may repeat. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** What a client asked for, read from one function URL event. */
export interface ProxyRequest {
  /** Lambda's request id: in the log line, and in every problem answer. */
  readonly id: string;
  readonly method: string;
  /** Percent-encoded path as it travels, without dot segments; begins with `/`. */
  readonly path: string;
  /** Raw query without `?`, as it travels; `''` when there is none. */
  readonly query: string;
  /** Path and query as the event has them, before anything was encoded: what a client signs. */
  readonly target: string;
  /** Lower-case names; repeated headers arrive joined by `,`, as function URLs join them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Address of the TCP peer of the function URL. */
  readonly sourceIp: string;
  /** Address of the client, for plugins: the peer's, or the one that `real-ip` takes from a trusted peer. */
  readonly clientIp: string;
  /** For example `HTTP/1.1`. */
  readonly protocol: string;
  /** Value of the client's `Host` header, lower case; `''` when unknown. */
  readonly host: string;
}

/** What one attempt sends to an upstream; the outbound header list is complete and final. */
export interface UpstreamRequest {
  readonly method: string;
  /** Path and query as on the request line. */
  readonly path: string;
  readonly query: string;
  readonly headers: HeaderList;
  readonly body: Buffer;
  /** Names of the headers that identify the client; signed if the request is signed. */
  readonly identityNames?: readonly string[];
}

/**
 * Methods that mean nothing by a body and say no length without one (RFC 9110 §8.6). All others do: Node would frame
 * their empty body in chunks.
 */
const bodilessMethods = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);

/** @returns the `content-length` of a request, in a list; an empty list where the request says no length */
export function toLengthHeader(method: string, body: Buffer): HeaderList {
  const hasLength = body.length > 0 || !bodilessMethods.has(method);
  return hasLength ? [['content-length', String(body.length)]] : [];
}

/** An answer, from an upstream or made by us; `body` is a Buffer when it is whole already. */
export interface ProxyResponse {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Buffer | AsyncIterable<Buffer>;
}
