/** The `plugins` of one route or consumer → plugins ready to run. */
import type { Plugin, PluginServices, PreparedPlugin } from '../plugins/plugin.ts';
import type { LoadedPlugins } from '../plugins/registry.ts';
import type { Pool } from '../upstream/connections.ts';
import { DocumentError, parseWith, pointerTo } from './document-error.ts';
import { type ReferenceSource, resolveReferences } from './references.ts';
import { pluginMetaSchema } from './schema.ts';

export interface CompileContext {
  /** Name of the parameter that holds the document. */
  readonly parameter: string;
  readonly kind: 'route' | 'consumer';
  readonly references: ReferenceSource;
  readonly plugins: LoadedPlugins;
  /** What plugins share, less what is counted for each document. */
  readonly services: Omit<PluginServices, 'warn' | 'retry' | 'parameter'>;
  /** A route without a plugin that keeps anyone out is refused. */
  readonly requireGuard: boolean;
}

/** What compiling a document gathers beside its result. */
export interface Gathered {
  readonly pools: Pool[];
  /** What an operator should know, though the document is valid. */
  readonly warnings: string[];
  /** Resolved references, for the table's version. */
  readonly substituted: string[];
}

export interface PluginToPrepare {
  readonly plugin: Plugin;
  /** As it was written, less `_meta`, references resolved. */
  readonly config: unknown;
  readonly pointer: string;
  readonly written: unknown;
  /** Its settings are checked like any other's, and it does not run. */
  readonly isDisabled: boolean;
}

/**
 * @param pointer of the object that has the `plugins`
 * @throws DocumentError for a plugin that there is not, or a reference that does not resolve
 */
export function readPlugins(
  written: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  pointer: string,
  context: CompileContext & { readonly gathered: Gathered },
): readonly PluginToPrepare[] {
  const { plugins, references, gathered } = context;
  return Object.entries(written).map(([name, settings]) => {
    const at = pointerTo(pointerTo(pointer, 'plugins'), name);
    const plugin = plugins.get(name);
    if (!plugin) {
      const expected = `one of ${plugins.names.join(', ')}`;
      throw new DocumentError([{ pointer: at, found: 'an unknown plugin', expected }]);
    }
    const { _meta, ...config } = settings;
    const meta = parseWith(pluginMetaSchema, _meta === undefined ? {} : _meta, {
      pointer: pointerTo(at, '_meta'),
      written: _meta,
    });
    const resolved = resolveReferences(config, references, at);
    gathered.substituted.push(...resolved.substituted);
    const isDisabled = meta.disable;
    return { plugin, config: resolved.value, pointer: at, written: settings, isDisabled };
  });
}

/**
 * @param options.isOff the whole document is switched off
 * @throws DocumentError when a configuration does not fit; a disabled plugin's neither
 */
export function preparePlugins(
  list: readonly PluginToPrepare[],
  context: CompileContext & { readonly gathered: Gathered },
  { retry, isOff }: { readonly retry: PluginServices['retry']; readonly isOff: boolean },
): readonly PreparedPlugin[] {
  const { pools, warnings } = context.gathered;
  const { connect } = context.services;
  const services: PluginServices = {
    ...context.services,
    parameter: context.parameter,
    retry,
    warn: (message) => {
      warnings.push(message);
    },
    connect(...origin) {
      const pool = connect(...origin);
      pools.push(pool);
      return pool;
    },
  };
  // For what is switched off: it holds no connections open, and there is nothing to say about it.
  const silent = { ...services, warn: () => {}, connect };
  const prepared: PreparedPlugin[] = [];
  for (const { plugin, config, pointer, written, isDisabled } of list) {
    const reach = isDisabled || isOff ? silent : services;
    const one = plugin.prepare(config, reach, { pointer, written });
    if (!isDisabled) prepared.push(one);
  }
  return prepared;
}
