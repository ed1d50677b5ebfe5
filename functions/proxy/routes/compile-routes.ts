/** Route documents → routes, with everything decided that does not depend on a request. */
import * as v from 'valibot';
import { composePlugins } from '../chain/chain.ts';
import {
  DocumentError,
  type DocumentIssue,
  documentError,
  pointerTo,
} from '../documents/document-error.ts';
import { parseWith, refuseInheritedKeys } from '../documents/schema.ts';
import { hasCondition } from './condition-text.ts';
import type { ItemContext } from './document-context.ts';
import { addSteps, attempt } from './gathered.ts';
import { toItems } from './items.ts';
import { createPlaceCount } from './place-count.ts';
import { createServices, noRetries, preparePlugins, readPlugins, toWarnings } from './prepare.ts';
import type { Route, RouteCondition } from './route.ts';
import { toRoutePlace } from './route-place.ts';
import { pluginsSchema, type RouteDocument, routeSchema } from './schema.ts';
import type { Followed } from './shared/inherit.ts';
import { followLinks } from './shared/links.ts';
import { toUnavailable } from './unavailable.ts';

/** @throws DocumentError */
export function compileRoutes(document: unknown, context: ItemContext): readonly Route[] {
  const routes = new Map<string, Route>();
  const place = createPlacing(context);
  for (const { item, pointer, ownId } of toItems(document, context.parameter)) {
    refuseInheritedKeys(item, pointer);
    const parsed = parseRoute(item, pointer, context);
    if (!parsed) continue;
    const followed = followLinks(parsed, pointer, context);
    const placed = place(parsed, pointer, followed);
    const condition = attempt(context, () => compileOwnCondition(parsed, pointer, context));
    const id = parsed.id ?? ownId;
    const route = compileRoute(placed, { id, pointer, followed }, context);
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

/**
 * @returns a function that is told of each route of a document, and gives it its hosts. It throws DocumentError for the first route
 * whose own hosts and paths are too many
 */
function createPlacing({ inherit }: ItemContext) {
  const countOwn = createPlaceCount();
  const countInherited = createPlaceCount();
  return (document: RouteDocument, pointer: string, followed: Followed | undefined) => {
    const hosts = followed && inherit?.findHosts(followed);
    if (!hosts || document.host || document.hosts) {
      countOwn(document, pointer);
      return document;
    }
    const placed = { ...document, hosts: [...hosts] };
    try {
      countInherited(placed, pointer);
      return placed;
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      const isUnfulfilled = true as const;
      followed.missing.push(...error.issues.map((issue) => ({ ...issue, isUnfulfilled })));
      return document;
    }
  };
}

function compileOwnCondition(
  document: RouteDocument,
  pointer: string,
  { compileCondition, gathered }: ItemContext,
): RouteCondition | undefined {
  if (!hasCondition(document)) return undefined;
  if (!compileCondition) throw new Error('what compiles conditions was not loaded');
  const countSteps = (steps: number, at: string) => addSteps(gathered, steps, at);
  return compileCondition(document, { pointer, countSteps });
}

function parseRoute(
  item: unknown,
  pointer: string,
  context: ItemContext,
): RouteDocument | undefined {
  const parsed = attempt(context, () => parseWith(routeSchema, item, { pointer, written: item }));
  if (!parsed) judgePlugins(item, pointer, context);
  return parsed;
}

/** The plugins of a route whose other fields are wrong: their faults are named with the others. */
function judgePlugins(item: unknown, pointer: string, context: ItemContext): void {
  const { success, output } = v.safeParse(pluginsSchema, Object(item).plugins);
  if (!success) return;
  const list = readPlugins(output, pointer, context);
  preparePlugins(list, context, { retry: noRetries, id: '', isOff: true });
}

interface RouteParts {
  readonly id: string | undefined;
  readonly pointer: string;
  /** Undefined for a route that names no shared object. */
  readonly followed: Followed | undefined;
}

function compileRoute(
  document: RouteDocument,
  { id = '', pointer, followed }: RouteParts,
  context: ItemContext,
): Route {
  const isEnabled = document.status === 1;
  const retry = {
    retries: document.retries ?? 0,
    retryTimeoutMs: document.retry_timeout * 1000,
    isWritten: document.retries !== undefined,
    timeout: document.timeout,
  };
  const own = readPlugins(document.plugins, pointer, context);
  const others = followed && context.inherit?.readInherited(followed, document.plugins, context);
  const list = [...own, ...(others?.entries ?? [])];
  const prepared = preparePlugins(list, context, { retry, id, isOff: !isEnabled });
  const linkFaults = [...(followed?.missing ?? []), ...(others?.missing ?? [])];
  // What is not known of another document may hold an access plugin.
  const isOpen = prepared.isOpen && linkFaults.length === 0 && !followed?.isAssumed;
  const missing = [...linkFaults, ...prepared.missing, ...findOpen()];
  if (!isEnabled) context.gathered.warnings.push(...toWarnings(linkFaults));
  const callOwn = attempt(context, () =>
    context.compileUpstream?.(document.upstream, {
      pointer: pointerTo(pointer, 'upstream'),
      services: createServices(context, { ...{ id, retry }, ...context.gathered }),
      plugins: prepared.plugins,
      isServed: isEnabled && missing.length === 0,
      inherited: followed && context.inherit?.findUpstream(followed)?.object,
      gathered: context.gathered,
    }),
  );
  const route = {
    id,
    ...toRoutePlace(document),
    parameter: context.parameter,
    isEnabled,
    isAvailable: true,
    isOpen,
    plugins: [...prepared.plugins].sort((a, b) => b.priority - a.priority),
    ...(followed ? { links: followed.keys } : {}),
    secretParameters: prepared.names.secretParameters,
    ...(callOwn ? { callOwn } : {}),
    handle: composePlugins(prepared.plugins, callOwn),
  };
  if (missing.length === 0 || !isEnabled) return route;
  context.missing.push(...missing);
  const reason = `something that ${missing[0]?.pointer} needs is missing`;
  return { ...toUnavailable(route, reason), missing, willBeOpen: isOpen };

  function findOpen(): readonly DocumentIssue[] {
    if (!isOpen || !isEnabled || !context.requireAccessPlugin || context.issues.length > 0)
      return [];
    const issue = toOpenIssue(pointer);
    // Another document may have had the access plugin: no version of this one would be better.
    if (followed) return [{ ...issue, isUnfulfilled: true }];
    throw new DocumentError([issue]);
  }
}

function toOpenIssue(pointer: string): DocumentIssue {
  return {
    pointer: pointerTo(pointer, 'plugins'),
    found: 'no plugin that refuses clients',
    expected:
      'an access plugin, such as key-auth or ip-restriction (COUNTERSIGN_REQUIRE_ACCESS_PLUGIN is on)',
  };
}
