/** One route document → the routes that it puts in force, with everything decided that does not depend on a request. */
import { composePlugins } from '../plugins/chain.ts';
import type { PreparedPlugin } from '../plugins/plugin.ts';
import type { Handle } from '../types.ts';
import { type Consumer, compileConsumers } from './consumers.ts';
import {
  DocumentError,
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
  /** No plugin keeps anyone out. */
  readonly isOpen: boolean;
  /** In the order in which they run. */
  readonly plugins: readonly PreparedPlugin[];
  /** The plugins, composed. */
  readonly handle: Handle;
}

export interface CompiledDocument extends Readonly<Gathered> {
  /** Enabled routes only: a disabled one does not exist. */
  readonly routes: readonly Route[];
  readonly consumers: readonly Consumer[];
}

/**
 * @param document the parameter's value, parsed: one route or consumer object, or an array of them
 * @throws DocumentError; nothing of an invalid document comes into force, of an array neither
 */
export function compileDocument(document: unknown, context: CompileContext): CompiledDocument {
  const gathered: Gathered = { pools: [], warnings: [], substituted: [] };
  const own = { ...context, gathered };
  return context.kind === 'consumer'
    ? { ...gathered, routes: [], consumers: compileConsumers(document, own) }
    : { ...gathered, routes: compileRoutes(document, own), consumers: [] };
}

type RouteContext = CompileContext & { readonly gathered: Gathered };

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
  const prepared = preparePlugins(list, context, { retry, isOff: !isEnabled });
  const isOpen = !prepared.some(({ isGuard }) => isGuard);
  if (isOpen && isEnabled && context.requireGuard) throw toOpenError(pointer);
  const uris = document.uris ?? [document.uri ?? '/'];
  return {
    parameter: context.parameter,
    uris: [...new Set(uris)].map(parseUri),
    hosts: [...new Set(document.hosts ?? [document.host ?? ''])],
    methods: document.methods && new Set<string>(document.methods),
    priority: document.priority,
    isEnabled,
    isOpen,
    plugins: [...prepared].sort((a, b) => b.plugin.priority - a.plugin.priority),
    handle: composePlugins(prepared),
  };
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
