/** One document → the routes or consumers that it puts in force, with everything decided that does not depend on a request. */

import * as v from 'valibot';
import { composePlugins } from '../chain/chain.ts';
import {
  DocumentError,
  type DocumentIssue,
  documentError,
  pointerTo,
} from '../documents/document-error.ts';
import { parseWith, refuseInheritedKeys } from '../documents/schema.ts';
import { compileConsumers } from './compile-consumers.ts';
import { compileCredential } from './compile-credential.ts';
import type { CompiledConsumer } from './compiled-consumer.ts';
import { hasCondition } from './condition-text.ts';
import { addSteps, attempt, type Gathered } from './gathered.ts';
import { createPlaceCount } from './place-count.ts';
import {
  type CompileContext,
  createServices,
  type GatheringContext,
  preparePlugins,
  readPlugins,
} from './prepare.ts';
import type { Route, RouteCondition } from './route.ts';
import { toRoutePlace } from './route-place.ts';
import { pluginsSchema, type RouteDocument, routeSchema } from './schema.ts';
import { toUnavailable } from './unavailable.ts';

/** The routes and consumers of one document, with their plugins prepared. */
export interface CompiledDocument extends Readonly<Gathered> {
  /** Enabled routes only. Includes routes that lack something; they answer 503. */
  readonly routes: readonly Route[];
  /** Includes credentials, each as one more key of its consumer, and what lacks something: it lets in nobody. */
  readonly consumers: readonly CompiledConsumer[];
  /** What is missing around a document that is well-formed. */
  readonly missing: readonly DocumentIssue[];
}

/**
 * @param document the parameter's value, parsed: one route or consumer object, an array of them, or one credential
 * @throws DocumentError; nothing of a malformed document comes into force, of an array neither
 */
export function compileDocument(document: unknown, context: CompileContext): CompiledDocument {
  const gathered: Gathered = { pools: [], warnings: [], substituted: [], patternSteps: 0 };
  const missing: DocumentIssue[] = [];
  const issues: DocumentIssue[] = [];
  const own = { ...context, gathered, missing, issues };
  const isRoute = context.kind === 'route';
  const compileKeys = context.kind === 'consumer' ? compileConsumers : compileCredential;
  const routes = isRoute ? attempt(own, () => compileRoutes(document, own)) : [];
  const consumers = isRoute ? [] : attempt(own, () => compileKeys(document, own));
  if (!routes || !consumers || issues.length > 0) throw new DocumentError(issues);
  return { ...gathered, missing, routes, consumers };
}

/** Treats missing parts as faults: a document that is not written yet cannot wait for them. @throws DocumentError */
export function assertFulfilled({ missing }: Pick<CompiledDocument, 'missing'>): void {
  if (missing.length > 0) throw new DocumentError(missing);
}

type RouteContext = GatheringContext & { readonly missing: DocumentIssue[] };

function compileRoutes(document: unknown, context: RouteContext): readonly Route[] {
  const isArray = Array.isArray(document);
  const items: readonly unknown[] = isArray ? document : [document];
  const ownId = isArray ? undefined : context.parameter.split('/').at(-1);
  const routes = new Map<string, Route>();
  const countPlaces = createPlaceCount();
  for (const [index, item] of items.entries()) {
    const pointer = isArray ? pointerTo('', index) : '';
    refuseInheritedKeys(item, pointer);
    const parsed = parseRoute(item, pointer, context);
    if (!parsed) continue;
    countPlaces(parsed, pointer);
    const condition = attempt(context, () => compileOwnCondition(parsed, pointer, context));
    const id = parsed.id ?? ownId;
    const route = compileRoute(parsed, { id, pointer }, context);
    if (id === undefined || routes.has(id)) {
      throw documentError(
        pointerTo(pointer, 'id'),
        id,
        'an id of its own for each route of an array',
      );
    }
    const compiledCondition = condition && { compiledCondition: condition };
    routes.set(id, { ...route, ...compiledCondition });
  }
  return [...routes.values()].filter((route) => route.isEnabled);
}

function compileOwnCondition(
  document: RouteDocument,
  pointer: string,
  { compileCondition, gathered }: RouteContext,
): RouteCondition | undefined {
  if (!hasCondition(document)) return undefined;
  if (!compileCondition) throw new Error('what compiles conditions was not loaded');
  const countSteps = (steps: number, at: string) => addSteps(gathered, steps, at);
  return compileCondition(document, { pointer, countSteps });
}

function parseRoute(
  item: unknown,
  pointer: string,
  context: RouteContext,
): RouteDocument | undefined {
  const parsed = attempt(context, () => parseWith(routeSchema, item, { pointer, written: item }));
  if (!parsed) judgePlugins(item, pointer, context);
  return parsed;
}

/** The plugins of a route whose other fields are wrong: their faults are named with the others. */
function judgePlugins(item: unknown, pointer: string, context: RouteContext): void {
  const { success, output } = v.safeParse(pluginsSchema, Object(item).plugins);
  if (!success) return;
  const retry = { retries: 0, retryTimeoutMs: 0 };
  preparePlugins(readPlugins(output, pointer, context), context, { retry, id: '', isOff: true });
}

function compileRoute(
  document: RouteDocument,
  { id = '', pointer }: { readonly id: string | undefined; readonly pointer: string },
  context: RouteContext,
): Route {
  const isEnabled = document.status === 1;
  const retry = {
    retries: document.retries ?? 0,
    retryTimeoutMs: document.retry_timeout * 1000,
    isWritten: document.retries !== undefined,
  };
  const list = readPlugins(document.plugins, pointer, context);
  const prepared = preparePlugins(list, context, { retry, id, isOff: !isEnabled });
  const { plugins, missing, names, isOpen } = prepared;
  if (isOpen && isEnabled && context.requireAccessPlugin && context.issues.length === 0) {
    throw toOpenError(pointer);
  }
  const callOwn = attempt(context, () =>
    context.compileUpstream?.(document.upstream, {
      pointer: pointerTo(pointer, 'upstream'),
      services: createServices(context, { ...{ id, retry }, ...context.gathered }),
      plugins,
      isServed: isEnabled && missing.length === 0,
    }),
  );
  const route = {
    id,
    ...toRoutePlace(document),
    parameter: context.parameter,
    isEnabled,
    isAvailable: true,
    isOpen,
    plugins: [...plugins].sort((a, b) => b.priority - a.priority),
    secretParameters: names.secretParameters,
    handle: composePlugins(plugins, callOwn),
  };
  if (missing.length === 0) return route;
  context.missing.push(...missing);
  const reason = `something that ${missing[0]?.pointer} needs is missing`;
  return { ...toUnavailable(route, reason), missing, willBeOpen: isOpen };
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
