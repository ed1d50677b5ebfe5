/** The values that travel along the request path. Every one is read-only: a stage returns a new value. */
import type { Consumer, Consumers } from './routes/consumers.ts';

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
  /** Address of the client, which plugins go by: the peer's, unless a trusted one (`real-ip`) says whose it is. */
  readonly clientIp: string;
  /** For example `HTTP/1.1`. */
  readonly protocol: string;
  /** Value of the client's `Host` header, lower case; `''` when unknown. */
  readonly host: string;
}

/** What one attempt sends to an upstream; the outbound header list is complete and final. */
export interface UpstreamRequest {
  readonly method: string;
  /** Path and query as they stand on the request line. */
  readonly path: string;
  readonly query: string;
  readonly headers: HeaderList;
  readonly body: Buffer;
  /** Names of the headers that say who the client is: signed, where the request is. */
  readonly identityNames?: readonly string[];
}

/** An answer, from an upstream or made by us; `body` is a Buffer when it is whole already. */
export interface ProxyResponse {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Buffer | AsyncIterable<Buffer>;
}

/** What the access log learns while a request is under way: the only value that stages write to. */
export interface AccessRecord {
  /** The first request of its environment. */
  readonly coldStart: boolean;
  routeId?: string;
  /** Query parameters that any route's plugins read credentials from; undefined without a table. */
  secretParameters?: ReadonlySet<string>;
  tableVersion?: string;
  /** Milliseconds since the table was last known to be the newest. */
  tableAgeMs?: number | undefined;
  /** Documents whose newest version is not in force. */
  invalidDocuments?: number;
  /** Name of the consumer that was authenticated. */
  consumer?: string;
  /** Milliseconds from sending to the response's headers, of the last try. */
  upstreamTtfbMs?: number;
  /** Milliseconds spent waiting for upstreams before our answer could begin: all tries, failed ones too. */
  upstreamMs?: number;
  /** How many times the request was sent; 0 when no upstream was called. */
  upstreamTries: number;
}

/** One request on its way through a route's plugins. */
export interface Exchange {
  readonly request: ProxyRequest;
  /** What follows a route's prefix (`*`), as it travels; undefined for a route without one. */
  readonly rest: string | undefined;
  /** When our answer must be on its way, in epoch ms: Lambda's deadline less a margin. */
  readonly deadlineMs: number;
  readonly record: AccessRecord;
  /** Those of the table that routed the request. */
  readonly consumers: Consumers;
  /** Who the client is, once a plugin has authenticated it. */
  readonly consumer: Consumer | undefined;
  /**
   * Headers that say who the client is, for the upstream, by lower-case name. The client's own of these names are
   * dropped; undefined does no more than that.
   */
  readonly identity: ReadonlyMap<string, string | undefined>;
  /**
   * Names of all headers that plugins of the route may set, in lower case with `-` for `_`. A client's own headers of
   * these names do not exist for variables, authorizers and the upstream, whether a plugin sets them or not.
   */
  readonly reserved: ReadonlySet<string>;
}

export type Handle = (exchange: Exchange) => Promise<ProxyResponse>;

/** A plugin at work: it may answer early, hand on a changed exchange, call again, or change the answer. */
export type Middleware = (exchange: Exchange, next: Handle) => Promise<ProxyResponse>;

/** Wall clock in epoch ms. */
export type Clock = () => number;
