/** One document → the routes that it puts in force, with everything decided that does not depend on a request. */
import { composeMiddlewares, type Plugin, type PluginServices } from '../plugins/plugin.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import type { Handle, Middleware } from '../types.ts';
import type { Pool, PoolSettings } from '../upstream/connections.ts';
import type { Origin } from '../upstream/hosts.ts';
import {
  DocumentError,
  documentError,
  parseWith,
  pointerTo,
  refuseInheritedKeys,
} from './document-error.ts';
import { type ReferenceSource, resolveReferences } from './references.ts';
import { pluginMetaSchema, type RouteDocument, routeSchema } from './schema.ts';
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
  /** The plugins, composed. */
  readonly handle: Handle;
}

export interface CompiledDocument {
  /** Enabled routes only: a disabled one does not exist. */
  readonly routes: readonly Route[];
  readonly pools: readonly Pool[];
  /** What an operator should know, though the document is valid. */
  readonly warnings: readonly string[];
  /** Resolved references, for the table's version. */
  readonly substituted: readonly string[];
}

export interface CompileContext {
  readonly parameter: string;
  readonly references: ReferenceSource;
  readonly registry: PluginRegistry;
  /** What plugins share, less what is counted for each document. */
  readonly services: Omit<PluginServices, 'warn' | 'retry'>;
}

/**
 * @param document the parameter's value, parsed: one route object, or an array of them
 * @throws DocumentError; nothing of an invalid document comes into force, of an array neither
 */
export async function compileDocument(
  document: unknown,
  context: CompileContext,
): Promise<CompiledDocument> {
  const pools: Pool[] = [];
  const warnings: string[] = [];
  const substituted: string[] = [];
  const services = {
    ...context.services,
    warn: (message: string) => {
      warnings.push(message);
    },
    connect(origin: Origin, settings: PoolSettings) {
      const pool = context.services.connect(origin, settings);
      pools.push(pool);
      return pool;
    },
  };
  const items = Array.isArray(document) ? document : [document];
  const routes = new Map<string, Route>();
  for (const [index, item] of items.entries()) {
    const pointer = Array.isArray(document) ? pointerTo('', index) : '';
    refuseInheritedKeys(item, pointer);
    const route = parseWith(routeSchema, item, { pointer, written: item });
    const { connect } = context.services;
    const retry = { retries: route.retries, retryTimeoutMs: route.retry_timeout * 1000 };
    const compose = {
      ...context,
      services: { ...services, retry },
      connect,
      pointer,
      substituted,
    };
    const handle = await composePlugins(route, compose);
    const id = route.id ?? (items === document ? undefined : context.parameter.split('/').at(-1));
    if (id === undefined || routes.has(id)) {
      throw documentError(
        pointerTo(pointer, 'id'),
        id,
        'an id of its own for each route of an array',
      );
    }
    if (route.upstream) services.warn(`route ${id}: upstream is accepted and never connected to`);
    routes.set(id, toRoute(route, { id, parameter: context.parameter, handle }));
  }
  return {
    routes: [...routes.values()].filter((route) => route.isEnabled),
    pools,
    warnings,
    substituted,
  };
}

interface ComposeContext extends CompileContext {
  readonly services: PluginServices;
  /** For what is switched off: checked like the rest, it holds no connections open. */
  readonly connect: PluginServices['connect'];
  readonly pointer: string;
  readonly substituted: string[];
}

async function composePlugins(
  route: RouteDocument,
  { registry, services, connect, references, pointer, substituted }: ComposeContext,
): Promise<Handle> {
  const prepared: { readonly plugin: Plugin; readonly middleware: Middleware }[] = [];
  for (const [name, written] of Object.entries(route.plugins)) {
    const at = pointerTo(pointerTo(pointer, 'plugins'), name);
    const load = Object.hasOwn(registry, name) ? registry[name] : undefined;
    if (!load) {
      throw new DocumentError([
        {
          pointer: at,
          found: 'an unknown plugin',
          expected: `one of ${Object.keys(registry).join(', ')}`,
        },
      ]);
    }
    const plugin = await load();
    const { _meta, ...config } = written;
    const meta = parseWith(pluginMetaSchema, _meta === undefined ? {} : _meta, {
      pointer: pointerTo(at, '_meta'),
      written: _meta,
    });
    const resolved = resolveReferences(config, references, at);
    substituted.push(...resolved.substituted);
    const isOff = meta.disable || route.status === 0;
    const reach = isOff ? { ...services, warn: () => {}, connect } : services;
    const middleware = plugin.prepare(resolved.value, reach, { pointer: at, written });
    if (!meta.disable) prepared.push({ plugin, middleware });
  }
  prepared.sort((a, b) => b.plugin.priority - a.plugin.priority);
  return composeMiddlewares(prepared.map(({ middleware }) => middleware));
}

interface ToRouteOptions {
  readonly id: string;
  readonly parameter: string;
  readonly handle: Handle;
}

function toRoute(document: RouteDocument, { id, parameter, handle }: ToRouteOptions): Route {
  const uris = document.uris ?? [document.uri ?? '/'];
  const hosts = document.hosts ?? [document.host ?? ''];
  return {
    id,
    parameter,
    uris: [...new Set(uris)].map(parseUri),
    hosts: [...new Set(hosts)],
    methods: document.methods && new Set<string>(document.methods),
    priority: document.priority,
    isEnabled: document.status === 1,
    handle,
  };
}
