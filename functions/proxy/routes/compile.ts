/** One document → the routes or consumers that it puts in force, with everything decided that does not depend on a request. */
import { ProxyError } from '../errors.ts';
import { composePlugins } from '../plugins/chain.ts';
import { isOpenRoute } from '../plugins/open-route.ts';
import type { PreparedPlugin } from '../plugins/plugin.ts';
import type { Handle } from '../types.ts';
import { type Consumer, compileConsumers } from './consumers.ts';
import {
  DocumentError,
  type DocumentIssue,
  documentError,
  parseWith,
  pointerTo,
  refuseInheritedKeys,
} from './document-error.ts';
import { type CompileContext, type Gathered, preparePlugins, readPlugins } from './prepare.ts';
import { type RouteDocument, routeSchema } from './schema.ts';
import { parseUri, type UriPattern } from './uri.ts';

export interface Route {
  readonly id: string;
  /** Name of the parameter that holds the route. */
  readonly parameter: string;
  readonly uris: readonly UriPattern[];
  /** Lower case, `*.` in front of wildcards; `['']` for any host. */
  readonly hosts: readonly string[];
  /** Undefined for every method. */
  readonly methods: ReadonlySet<string> | undefined;
  readonly priority: number;
  /** A disabled route does not exist for requests. */
  readonly isEnabled: boolean;
  /** It runs its plugins; otherwise it answers 503 to all that it claims. */
  readonly isAvailable: boolean;
  /** No plugin keeps anyone out. */
  readonly isOpen: boolean;
  /** In the order in which they run. */
  readonly plugins: readonly PreparedPlugin[];
  /** Query parameters that the plugins read credentials from. */
  readonly secretParameters: readonly string[];
  /** The plugins, composed. */
  readonly handle: Handle;
}

export interface CompiledDocument extends Readonly<Gathered> {
  /** Enabled routes only: a disabled one does not exist. One that lacks something is among them, and answers 503. */
  readonly routes: readonly Route[];
  /** One that lacks something is among them, and is nobody. */
  readonly consumers: readonly Consumer[];
  /** What is missing around a document that is well-formed. */
  readonly missing: readonly DocumentIssue[];
}

/**
 * @param document the parameter's value, parsed: one route or consumer object, or an array of them
 * @throws DocumentError; nothing of a malformed document comes into force, of an array neither
 */
export function compileDocument(document: unknown, context: CompileContext): CompiledDocument {
  const gathered: Gathered = { pools: [], warnings: [], substituted: [], patternSteps: 0 };
  const missing: DocumentIssue[] = [];
  const own = { ...context, gathered, missing };
  return context.kind === 'consumer'
    ? { ...gathered, missing, routes: [], consumers: compileConsumers(document, own) }
    : { ...gathered, missing, routes: compileRoutes(document, own), consumers: [] };
}

/** For whom a document is valid or not: before it is written there is nothing that could be waited for. */
export function assertFulfilled({ missing }: Pick<CompiledDocument, 'missing'>): void {
  if (missing.length > 0) throw new DocumentError(missing);
}

/** The route answers 503 to all that it claims. */
export function toUnavailable<T extends Omit<Route, 'id'>>(route: T): T {
  return { ...route, isAvailable: false, isOpen: false, plugins: [], handle: answerUnavailable };
}

const answerUnavailable: Handle = async () => {
  throw new ProxyError('ROUTES_UNAVAILABLE', 'the route is not available: see invalid-document', {
    headers: { 'retry-after': '10' },
  });
};

type RouteContext = CompileContext & {
  readonly gathered: Gathered;
  readonly missing: DocumentIssue[];
};

function compileRoutes(document: unknown, context: RouteContext): readonly Route[] {
  const items = Array.isArray(document) ? document : [document];
  const routes = new Map<string, Route>();
  for (const [index, item] of items.entries()) {
    const pointer = Array.isArray(document) ? pointerTo('', index) : '';
    refuseInheritedKeys(item, pointer);
    const parsed = parseWith(routeSchema, item, { pointer, written: item });
    const route = compileRoute(parsed, pointer, context);
    const id = parsed.id ?? (items === document ? undefined : context.parameter.split('/').at(-1));
    if (id === undefined || routes.has(id)) {
      throw documentError(
        pointerTo(pointer, 'id'),
        id,
        'an id of its own for each route of an array',
      );
    }
    if (parsed.upstream) {
      context.gathered.warnings.push(`route ${id}: upstream is accepted and never connected to`);
    }
    routes.set(id, { ...route, id });
  }
  return [...routes.values()].filter((route) => route.isEnabled);
}

function compileRoute(
  document: RouteDocument,
  pointer: string,
  context: RouteContext,
): Omit<Route, 'id'> {
  const isEnabled = document.status === 1;
  const retry = { retries: document.retries, retryTimeoutMs: document.retry_timeout * 1000 };
  const list = readPlugins(document.plugins, pointer, context);
  const { plugins, missing, names } = preparePlugins(list, context, { retry, isOff: !isEnabled });
  const uris = document.uris ?? [document.uri ?? '/'];
  const isOpen = isOpenRoute(plugins);
  const route = {
    parameter: context.parameter,
    uris: [...new Set(uris)].map(parseUri),
    hosts: [...new Set(document.hosts ?? [document.host ?? ''])],
    methods: document.methods && new Set<string>(document.methods),
    priority: document.priority,
    isEnabled,
    isAvailable: true,
    isOpen,
    plugins: [...plugins].sort((a, b) => b.plugin.priority - a.plugin.priority),
    secretParameters: names.secretParameters,
    handle: composePlugins(plugins),
  };
  if (missing.length > 0) {
    context.missing.push(...missing);
    return toUnavailable(route);
  }
  if (isOpen && isEnabled && context.requireGuard) throw toOpenError(pointer);
  return route;
}

function toOpenError(pointer: string): DocumentError {
  return new DocumentError([
    {
      pointer: pointerTo(pointer, 'plugins'),
      found: 'no plugin that keeps anyone out',
      expected:
        'an access plugin, such as key-auth or ip-restriction (COUNTERSIGN_REQUIRE_ACCESS_PLUGIN is on)',
    },
  ]);
}
