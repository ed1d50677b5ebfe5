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
import type { compileCondition } from './condition.ts';
import { fulfil, type Outcome, type Settings } from './fault.ts';
import { addInheritedSteps, addSteps, attempt, type Gathering } from './gathered.ts';
import type { DocumentKind } from './kind.ts';
import type { compileRouteUpstream } from './route-upstream.ts';
import { pluginMetaSchema } from './schema.ts';
import type { SharedSource } from './shared/shared-object.ts';

/** What compiling one document needs. */
export interface CompileContext {
  /** Name of the parameter that holds the document. */
  readonly parameter: string;
  readonly kind: DocumentKind;
  readonly references: ReferenceSource;
  readonly plugins: LoadedPlugins;
  /** Objects that routes and consumers name. @default none */
  readonly shared?: SharedSource | undefined;
  /** Needed for documents with a route that has a condition. */
  readonly compileCondition?: typeof compileCondition | undefined;
  /** Needed for documents with a route that has an `upstream`. */
  readonly compileUpstream?: typeof compileRouteUpstream | undefined;
  /** Services that all plugins share, less those that belong to one document. */
  readonly services: SharedServices;
  /** Refuses open routes. */
  readonly requireAccessPlugin: boolean;
}

/** A plugin of a document and its settings, before `create`. */
export interface PluginToPrepare extends Settings {
  readonly plugin: Plugin;
  /** As it was written, less `_meta`, references resolved. */
  readonly config: unknown;
  /** Its settings are checked like any other's, and it does not run. */
  readonly isDisabled: boolean;
  /** Undefined for a plugin of the document itself. */
  readonly prepareInherited?: PrepareInherited | undefined;
}

/** Prepares a plugin that is written in another document. */
export type PrepareInherited = (
  services: PluginServices,
  prepare: (services: PluginServices) => Outcome<PreparedPlugin>,
) => Outcome<PreparedPlugin>;

/** What compiling adds to: the result, and what is wrong with the document. */
export type GatheringContext = CompileContext & Gathering;

/**
 * Finds the plugins that a route or consumer names. Unknown ones are issues; a reference that does not resolve is noted.
 *
 * @param pointer of the object that has the `plugins`
 */
export function readPlugins(
  written: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  pointer: string,
  context: GatheringContext,
): readonly PluginToPrepare[] {
  return Object.entries(written).flatMap(([name, settings]) => {
    const at = pointerTo(pointerTo(pointer, 'plugins'), name);
    return attempt(context, () => readPlugin(name, settings, { ...context, at })) ?? [];
  });
}

function readPlugin(
  name: string,
  settings: Readonly<Record<string, unknown>>,
  context: GatheringContext & { readonly at: string },
): PluginToPrepare {
  const { plugins, gathered, at } = context;
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
}

function resolve(config: unknown, pointer: string, { references, kind }: CompileContext) {
  const isOfConsumer = kind === 'consumer' || kind === 'credential';
  try {
    return { ...resolveReferences(config, references, { pointer, isOfConsumer }), missing: [] };
  } catch (error) {
    if (!(error instanceof DocumentError && error.isUnfulfilled)) throw error;
    return { value: config, substituted: [], missing: error.issues };
  }
}

/** The prepared plugins of a route or consumer, and what they lack. */
export interface Prepared {
  /** The plugins that run. If anything is missing, none of them runs. */
  readonly plugins: readonly PreparedPlugin[];
  readonly missing: readonly DocumentIssue[];
  /** Names that all plugins use which are switched on, whether they run or lack something. */
  readonly names: PluginNames;
  /** Whether they let in everyone. If a plugin lacks something, its settings decide whether it is an access plugin. */
  readonly isOpen: boolean;
}

/** The `retry` of plugins of consumers and shared objects. They are compiled there without calling an upstream. */
export const noRetries: PluginServices['retry'] = { retries: 0, retryTimeoutMs: 0 };

/** How plugins of a document are prepared. */
export interface PrepareOptions {
  readonly retry: PluginServices['retry'];
  /** Id of the route, or name of the consumer. */
  readonly id: string;
  /** The whole document is switched off. */
  readonly isOff: boolean;
}

/**
 * Makes plugins of their settings. Settings that do not fit are issues, those of a disabled plugin as well.
 */
export function preparePlugins(
  list: readonly PluginToPrepare[],
  context: GatheringContext,
  { retry, id, isOff: isDocumentOff }: PrepareOptions,
): Prepared {
  const pools: Pool[] = [];
  const warnings: string[] = [];
  const services = createServices(context, { retry, id, pools, warnings });
  // The services of plugins that are switched off: they hold no connections open and warn about nothing.
  const silent = { ...services, warn: () => {}, connect: context.services.connect };
  const isOff = (entry: PluginToPrepare) => entry.isDisabled || isDocumentOff;
  const outcomes = list.flatMap((entry) => {
    const own = isOff(entry) ? silent : services;
    const prepare = (given: PluginServices) => preparePlugin(entry, given);
    const result = entry.prepareInherited
      ? entry.prepareInherited(own, prepare)
      : attempt(context, () => prepare(own));
    return result ? [{ entry, result }] : [];
  });
  const made = new Map<PluginToPrepare, PreparedPlugin>();
  const lacking = new Map<PluginToPrepare, readonly DocumentIssue[]>();
  for (const { entry, result } of outcomes) {
    if ('made' in result) made.set(entry, result.made);
    else if (isOff(entry)) warnings.push(...toWarnings(result.missing));
    else lacking.set(entry, result.missing);
  }
  const plugins = [...made].filter(([entry]) => !entry.isDisabled).map(([, plugin]) => plugin);
  const isOpen = isOpenRoute(plugins) && ![...lacking.keys()].some(asksToRefuse);
  if (lacking.size > 0) {
    const missing = [...lacking.values()].flat();
    return { plugins: [], missing, names: readNames(list), isOpen };
  }
  context.gathered.pools.push(...pools);
  context.gathered.warnings.push(...warnings);
  return { plugins, missing: [], names: joinNames(plugins), isOpen };
}

function asksToRefuse({ plugin, config }: PluginToPrepare): boolean {
  return plugin.asksToRefuse(config);
}

function preparePlugin(entry: PluginToPrepare, services: PluginServices): Outcome<PreparedPlugin> {
  const { plugin, config } = entry;
  return fulfil(entry, {
    schema: plugin.schema,
    make: () => plugin.prepare(config, services, entry),
    log: services.log,
  });
}

/** What is made of one route or consumer for its plugins. */
export interface ServicesParts extends Pick<PrepareOptions, 'retry' | 'id'> {
  /** Gets every pool that a plugin connects through. */
  readonly pools: Pool[];
  readonly warnings: string[];
}

/** @returns the services of one route or consumer */
export function createServices(
  { services, parameter, gathered, shared }: GatheringContext,
  { retry, id, pools, warnings }: ServicesParts,
): PluginServices {
  return {
    ...services,
    parameter,
    owner: `${parameter}#${id}`,
    document: parameter,
    retry,
    warn: (message) => {
      warnings.push(message);
    },
    countSteps: (steps, at) => addSteps(gathered, steps, at),
    countInherited: (steps, at) => addInheritedSteps(gathered, steps, at),
    shared,
    connect(...origin) {
      const pool = services.connect(...origin);
      pools.push(pool);
      return pool;
    },
  };
}

/** @returns the names that plugins use which are not made because something is missing */
function readNames(list: readonly PluginToPrepare[]): PluginNames {
  const on = list.filter(({ isDisabled }) => !isDisabled);
  return joinNames(on.map(({ plugin, config }) => plugin.readNames(config)));
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
