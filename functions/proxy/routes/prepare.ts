/** The `plugins` of one route or consumer → plugins ready to run, or what they lack. */

import type { PluginNames, PreparedPlugin } from '../chain/exchange.ts';
import { isOpenRoute } from '../chain/open-route.ts';
import {
  DocumentError,
  type DocumentIssue,
  pointerTo,
  toSentence,
} from '../documents/document-error.ts';
import { type ReferenceSource, resolveReferences } from '../documents/references.ts';
import { parseWith } from '../documents/schema.ts';
import type { Plugin, PluginServices, SharedServices } from '../plugins/plugin.ts';
import type { LoadedPlugins } from '../plugins/registry.ts';
import type { Pool } from '../send/connections.ts';
import { fulfil, type Settings } from './fault.ts';
import { pluginMetaSchema } from './schema.ts';

/** What compiling one document needs. */
export interface CompileContext {
  /** Name of the parameter that holds the document. */
  readonly parameter: string;
  readonly kind: 'route' | 'consumer';
  readonly references: ReferenceSource;
  readonly plugins: LoadedPlugins;
  /** Services that all plugins share, less those that belong to one document. */
  readonly services: SharedServices;
  /** Refuses open routes. */
  readonly requireAccessPlugin: boolean;
}

/** What compiling a document gathers beside its result. */
export interface Gathered {
  readonly pools: Pool[];
  /** What an operator should know, though the document is valid. */
  readonly warnings: string[];
  /** Resolved references, for the table's version. */
  readonly substituted: string[];
  /** Instructions of all its regular expressions. */
  patternSteps: number;
}

/** What a document's regular expressions may come to: a quarter of a second to compile. */
const maxPatternSteps = 20_000;

/** A plugin of a document and its settings, before `create`. */
export interface PluginToPrepare extends Settings {
  readonly plugin: Plugin;
  /** As it was written, less `_meta`, references resolved. */
  readonly config: unknown;
  /** Its settings are checked like any other's, and it does not run. */
  readonly isDisabled: boolean;
}

type GatheringContext = CompileContext & { readonly gathered: Gathered };

/**
 * @param pointer of the object that has the `plugins`
 * @throws DocumentError for a plugin that there is not; a reference that does not resolve is noted
 */
export function readPlugins(
  written: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  pointer: string,
  context: GatheringContext,
): readonly PluginToPrepare[] {
  const { plugins, gathered } = context;
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
    const { value, substituted, missing } = resolve(config, at, context);
    gathered.substituted.push(...substituted);
    const isDisabled = meta.disable;
    return { plugin, config: value, pointer: at, written: settings, missing, isDisabled };
  });
}

function resolve(config: unknown, pointer: string, { references }: CompileContext) {
  try {
    return { ...resolveReferences(config, references, pointer), missing: [] };
  } catch (error) {
    if (!(error instanceof DocumentError && error.isUnfulfilled)) throw error;
    return { value: config, substituted: [], missing: error.issues };
  }
}

/** The prepared plugins of a route or consumer, and what they lack. */
export interface Prepared {
  /** Those that run; nothing runs where anything is missing. */
  readonly plugins: readonly PreparedPlugin[];
  readonly missing: readonly DocumentIssue[];
  /** Of all plugins that are switched on, whether they run or lack something. */
  readonly names: PluginNames;
  /** Whether they let in everyone. A plugin that lacks something counts as an access plugin if its settings ask for one. */
  readonly isOpen: boolean;
}

/**
 * @param options.isOff the whole document is switched off
 * @throws DocumentError when a configuration does not fit; a disabled plugin's neither
 */
export function preparePlugins(
  list: readonly PluginToPrepare[],
  context: GatheringContext,
  { retry, isOff }: { readonly retry: PluginServices['retry']; readonly isOff: boolean },
): Prepared {
  const { connect } = context.services;
  const pools: Pool[] = [];
  const warnings: string[] = [];
  const services: PluginServices = {
    ...context.services,
    parameter: context.parameter,
    retry,
    warn: (message) => {
      warnings.push(message);
    },
    countSteps(steps, at) {
      context.gathered.patternSteps += steps;
      if (context.gathered.patternSteps <= maxPatternSteps) return;
      throw new DocumentError([
        {
          pointer: at,
          found: `${context.gathered.patternSteps} with those before`,
          expected: `regular expressions of at most ${maxPatternSteps} steps in one document, repetitions written out`,
        },
      ]);
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
  const missing: DocumentIssue[] = [];
  const lacking: PluginToPrepare[] = [];
  for (const entry of list) {
    const { plugin, config } = entry;
    const isOn = !entry.isDisabled && !isOff;
    const result = fulfil(entry, {
      schema: plugin.schema,
      make: () => plugin.prepare(config, isOn ? services : silent, entry),
      log: services.log,
    });
    if ('made' in result) {
      if (!entry.isDisabled) prepared.push(result.made);
    } else if (isOn) {
      missing.push(...result.missing);
      lacking.push(entry);
    } else warnings.push(...toWarnings(result.missing));
  }
  const isOpen =
    isOpenRoute(prepared) && !lacking.some(({ plugin, config }) => plugin.asksToRefuse(config));
  if (missing.length > 0) {
    const on = list.filter(({ isDisabled }) => !isDisabled);
    const names = joinNames(on.map(({ plugin, config }) => plugin.readNames(config)));
    return { plugins: [], missing, names, isOpen };
  }
  context.gathered.pools.push(...pools);
  context.gathered.warnings.push(...warnings);
  return { plugins: prepared, missing, names: joinNames(prepared), isOpen };
}

function joinNames(list: readonly PluginNames[]): PluginNames {
  return {
    identityHeaders: list.flatMap(({ identityHeaders }) => identityHeaders),
    carrierHeaders: list.flatMap(({ carrierHeaders }) => carrierHeaders),
    secretParameters: list.flatMap(({ secretParameters }) => secretParameters),
  };
}

/** If a disabled route or plugin lacks something, this is only a warning. */
export function toWarnings(missing: readonly DocumentIssue[]): string[] {
  return missing.map((issue) => `what is switched off lacks something: ${toSentence(issue)}`);
}
