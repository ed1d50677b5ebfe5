/** One route of the table, with everything decided that does not depend on a request. */
import type { Handle, PreparedPlugin } from '../chain/exchange.ts';
import type { DocumentIssue } from '../documents/document-error.ts';
import type { ProxyRequest } from '../http/message.ts';
import type { ConditionSubject } from '../plugins/comparison.ts';
import type { Condition } from '../plugins/expression.ts';
import type { UriPattern } from './uri.ts';

/** The place of a route: which requests it matches. */
export interface RoutePlace {
  readonly uris: readonly UriPattern[];
  /** Lower case, `*.` in front of wildcards; `['']` for any host. */
  readonly hosts: readonly string[];
  /** Undefined for every method. */
  readonly methods: ReadonlySet<string> | undefined;
  readonly priority: number;
  /** `vars`, `remote_addr` and `remote_addrs` as JSON; undefined for a route without them. */
  readonly condition?: string | undefined;
}

/** The condition of a route, ready to be asked. */
export interface RouteCondition {
  /** The variables of a request, for the conditions of all routes. */
  readonly createSubject: (request: ProxyRequest) => ConditionSubject;
  /** Whether the route takes the request. It throws ProxyError where that takes too long to say. */
  readonly holds: Condition;
}

/** What a request needs of the route that it matched. */
export interface ServedRoute {
  /** Undefined for a request without a route, for which global rules run. */
  readonly id: string | undefined;
  /** The plugins, composed. */
  readonly handle: Handle;
}

/** A route of a document in force: its place, its plugins, and whether it is available. */
export interface Route extends RoutePlace, ServedRoute {
  readonly id: string;
  /** Calls the route's own upstream; undefined for a route without one. */
  readonly callOwn?: Handle | undefined;
  /** Name of the parameter that holds the route. */
  readonly parameter: string;
  /** Its `condition`, ready to be asked; undefined for a route without one. */
  readonly compiledCondition?: RouteCondition | undefined;
  /** A disabled route does not exist for requests. */
  readonly isEnabled: boolean;
  /** The route runs its plugins. Otherwise it answers 503 to every request that it matches. */
  readonly isAvailable: boolean;
  /** Why it is not available. */
  readonly reason?: string | undefined;
  /** It has no access plugin that refuses anyone. */
  readonly isOpen: boolean;
  /** What it lacks; undefined when it lacks nothing. */
  readonly missing?: readonly DocumentIssue[] | undefined;
  /** For a route that lacks something: it will be open as soon as it lacks nothing. */
  readonly willBeOpen?: boolean | undefined;
  /** In the order in which they run. */
  readonly plugins: readonly PreparedPlugin[];
  /** Keys of the shared objects that it names; undefined without any. */
  readonly links?: readonly string[] | undefined;
  /** Query parameters that the plugins read credentials from. */
  readonly secretParameters: readonly string[];
}
