/** One document → the routes or consumers that it puts in force, with everything decided that does not depend on a request. */

import { composePlugins } from '../chain/chain.ts';
import type { Handle } from '../chain/exchange.ts';
import {
  DocumentError,
  type DocumentIssue,
  documentError,
  pointerTo,
} from '../documents/document-error.ts';
import { parseWith, refuseInheritedKeys } from '../documents/schema.ts';
import { ProxyError } from '../http/errors.ts';
import { type CompiledConsumer, compileConsumers } from './consumers.ts';
import { type CompileContext, type Gathered, preparePlugins, readPlugins } from './prepare.ts';
import type { Route } from './route.ts';
import { toRoutePlace } from './route-place.ts';
import { type RouteDocument, routeSchema } from './schema.ts';

/** The routes and consumers of one document, with their plugins prepared. */
export interface CompiledDocument extends Readonly<Gathered> {
  /** Enabled routes only. Includes routes that lack something; they answer 503. */
  readonly routes: readonly Route[];
  /** Includes consumers that lack something; their credentials are refused. */
  readonly consumers: readonly CompiledConsumer[];
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

/** Makes the route answer 503 to every request that it matches. */
export function toUnavailable<T extends object>(
  route: T,
): T & Pick<Route, 'isAvailable' | 'isOpen' | 'plugins' | 'handle'> {
  return { ...route, isAvailable: false, isOpen: false, plugins: [], handle: answerUnavailable };
}

/** @throws ProxyError `ROUTES_UNAVAILABLE`, always */
export const answerUnavailable: Handle = async () => {
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
  const prepared = preparePlugins(list, context, { retry, isOff: !isEnabled });
  const { plugins, missing, names, isOpen } = prepared;
  if (isOpen && isEnabled && context.requireAccessPlugin) throw toOpenError(pointer);
  const route = {
    ...toRoutePlace(document),
    parameter: context.parameter,
    isEnabled,
    isAvailable: true,
    isOpen,
    plugins: [...plugins].sort((a, b) => b.priority - a.priority),
    secretParameters: names.secretParameters,
    handle: composePlugins(plugins),
  };
  if (missing.length === 0) return route;
  context.missing.push(...missing);
  return { ...toUnavailable(route), missing, willBeOpen: isOpen };
}

function toOpenError(pointer: string): DocumentError {
  return new DocumentError([
    {
      pointer: pointerTo(pointer, 'plugins'),
      found: 'no plugin that refuses clients',
      expected:
        'an access plugin, such as key-auth or ip-restriction (COUNTERSIGN_REQUIRE_ACCESS_PLUGIN is on)',
    },
  ]);
}
