/** The contract between a route's plugins: the exchange that they hand on, and the consumers that they may look up. */
import type { ProxyRequest, ProxyResponse } from '../http/message.ts';

/** What the access log learns while a request is under way: the only value that stages write to. */
export interface AccessRecord {
  /** The first request of its environment. */
  readonly coldStart: boolean;
  routeId?: string | undefined;
  /** Query parameters that any route's plugins read credentials from; undefined without a table. */
  secretParameters?: ReadonlySet<string>;
  tableVersion?: string;
  /** Milliseconds since the table was last known to be the newest. */
  tableAgeMs?: number | undefined;
  /** Documents whose newest version is not in force. */
  invalidDocuments?: number;
  /** Name of the consumer that was authenticated. */
  consumer?: string;
  /** Id of the credential that it has used, where that is a document of its own. */
  credential?: string | undefined;
  /** Milliseconds from sending to the response's headers, of the last attempt. */
  upstreamTtfbMs?: number;
  /** Milliseconds spent waiting for upstreams before our answer could begin: all attempts, failed ones too. */
  upstreamMs?: number;
  /** `host:port` of the node that the last attempt went to, for an upstream with nodes. */
  upstream?: string;
  /** Characters that variables of plugins have read; it has a limit (plugins/spend-characters.ts). */
  variableCharacters?: number;
  /** How many times the request was sent; 0 when no upstream was called. */
  upstreamTries: number;
}

/** An upstream that a plugin has chosen for a request, in place of the route's own. */
export interface ChosenUpstream {
  /** Name of the parameter whose document chose it. */
  readonly chosenBy: string;
  /** Calls it where no plugin calls an upstream. */
  readonly call: Handle;
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
   * Headers that identify the client for the upstream, by lower-case name. The client's own headers of these names are
   * dropped. A value of undefined only drops the client's header.
   */
  readonly identity: ReadonlyMap<string, string | undefined>;
  /**
   * Names of all headers that plugins of the route may set, in lower case with `-` for other signs. A client's own headers of
   * these names do not exist for variables, authorizers and the upstream, whether a plugin sets them or not.
   */
  readonly reserved: ReadonlySet<string>;
  /**
   * Names under which the route's upstream gets the client's `Authorization`, with `-` for other signs. A client's own headers
   * of these names do not exist either; the upstream plugin alone sets them.
   */
  readonly carriers: ReadonlySet<string>;
  /** What a plugin has written for the upstream in place of what the client sent. @default nothing */
  readonly outbound?: Outbound;
  /** Undefined for the route's own upstream. */
  readonly upstream?: ChosenUpstream;
}

/** Parts of the request that the upstream gets otherwise than the client sent them; variables still read the client's. */
export interface Outbound {
  /** Follows the upstream's base path, as it is sent. It takes the place of `rest`. */
  readonly path?: string;
  /** As it is sent, without `?`. */
  readonly query?: string;
  /** Value of `Host`; a host that upstreams may have. */
  readonly host?: string;
  /** Name of the parameter whose document chose the host. */
  readonly hostBy?: string;
}

/**
 * Handles an exchange: the next middleware of a chain, or the upstream call at its end. Rejects with a `ProxyError`
 * where it gives no response.
 */
export type Handle = (exchange: Exchange) => Promise<ProxyResponse>;

/** A plugin at work: it may answer early, hand on a changed exchange, call again, or change the answer. */
export type Middleware = (exchange: Exchange, next: Handle) => Promise<ProxyResponse>;

/** What a plugin with its configuration has names for. */
export interface PluginNames {
  /** Headers that it may set for the upstream. */
  readonly identityHeaders: readonly string[];
  /** Headers that carry the client's `Authorization` to the upstream, under another name. */
  readonly carrierHeaders: readonly string[];
  /** Query parameters that it reads credentials from. */
  readonly secretParameters: readonly string[];
}

/** A plugin with its configuration, ready to run. */
export interface PreparedPlugin extends PluginNames {
  readonly name: string;
  /** Higher runs earlier, further outside. */
  readonly priority: number;
  /** It authenticates consumers; plugins that run after the last such one may be a consumer's own. */
  readonly isAuthentication: boolean;
  /** It calls the route's upstream. */
  readonly isUpstream: boolean;
  /** Its own settings make it refuse clients. */
  readonly isAccessPlugin: boolean;
  /** Whether it refuses clients on a route with these facts. */
  readonly refusesClients: (route: RouteFacts) => boolean;
  readonly anonymousConsumer: string | undefined;
  readonly clientChoosesAddress: boolean;
  readonly middleware: Middleware;
}

/** A consumer of a document in force: its name, its credentials and its own plugins. */
export interface Consumer {
  readonly username: string;
  /** Name of the parameter that holds it. */
  readonly parameter: string;
  /** False for a consumer that lacks something: its name and keys stay taken, and let no client in. */
  readonly isAvailable: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Id of a credential document. Its `credentials` are added to those of the consumer of this name; nothing else here counts. */
  readonly credentialId?: string;
  /** By the name of the authentication plugin. */
  readonly credentials: ReadonlyMap<string, Credential>;
  /** What runs for this consumer's requests, in place of the route's own of the same name. */
  readonly plugins: readonly PreparedPlugin[];
  /** Names of the headers that those plugins may set. */
  readonly identityHeaders: readonly string[];
}

/** What a consumer authenticates with at one plugin. */
export interface Credential {
  readonly key: string;
  /** As the plugin's own consumer schema made it. */
  readonly settings: unknown;
}

/** A consumer, found by its credential. */
export interface Identified<TSettings> {
  readonly consumer: Consumer;
  readonly settings: TSettings;
  /** Undefined for the consumer's own document. */
  readonly credentialId?: string | undefined;
}

/** All consumers of a route table, by credential and by name. */
export interface Consumers {
  /**
   * Looks up the digest of the key, so the time that it takes reveals nothing about existing keys.
   *
   * @typeParam TSettings output of the plugin's own consumer schema
   */
  find<TSettings>(plugin: string, key: string): Identified<TSettings> | undefined;
  /** Credentials of several consumers may have the same user name or key id. The secret tells which of them a client is. */
  findAll<TSettings>(plugin: string, key: string): readonly Identified<TSettings>[];
  /** For `anonymous_consumer`. */
  findByName(username: string): Consumer | undefined;
  /**
   * Names of all headers that plugins of consumers may set, with `-` for other signs. On routes that know consumers, nothing else
   * sets them: an upstream that believes one consumer's would believe another's.
   */
  readonly reserved: ReadonlySet<string>;
  /** Pairs with the same name or key; the first of each wins. */
  readonly conflicts: readonly ConsumerConflict[];
  /** Credentials of consumers that are not there: they let nobody in. */
  readonly orphans: readonly Consumer[];
}

/**
 * Two consumers with the same name, or with the same key where nothing else tells them apart. The first by parameter name keeps
 * it, and a consumer's own document before any credential.
 */
export interface ConsumerConflict {
  readonly winner: Consumer;
  readonly loser: Consumer;
  /** `username`, or the name of the plugin. */
  readonly over: string;
}

/** Facts about a route's plugins that decide whether its access plugins refuse anyone. */
export interface RouteFacts {
  /** Names of the consumers that requests without credentials pass as. */
  readonly anonymousConsumers: ReadonlySet<string>;
  /** The client writes the address that plugins take for its own. */
  readonly clientChoosesAddress: boolean;
}
