/** The one shape of a plugin. */

import * as v from 'valibot';
import type { Middleware, PluginNames, PreparedPlugin, RouteFacts } from '../chain/exchange.ts';
import type { Share } from '../chain/share.ts';
import type { ParseContext } from '../documents/document-error.ts';
import { parseWith } from '../documents/schema.ts';
import type { UpstreamServices } from '../upstream/services.ts';

/** Where limits count. */
export interface LimitSettings {
  readonly endpoint: URL;
  /** Name or ARN; undefined where there is no table. */
  readonly table: string | undefined;
  /** What the limits of one environment share. @default each limit is by itself, where no request is handled */
  readonly share?: Share;
}

/** What a plugin may use; nothing else of the process is in its reach. */
export interface PluginServices extends UpstreamServices {
  readonly limits: LimitSettings;
  /** Name of the parameter that the plugin's document is in. */
  readonly parameter: string;
  /** Whose plugin it is: the parameter, and the id of the route or the name of the consumer. */
  readonly owner: string;
  /**
   * Counts the instructions of regular expressions that are about to be compiled.
   *
   * @throws DocumentError once those of the document are too many
   */
  countSteps(steps: number, pointer: string): void;
  /** {@link countSteps} for what the plugin has from another document than its own. */
  countInherited(steps: number, pointer: string): void;
  /** Finds upstreams by id. The route or consumer lacks one that is not there. @default there is none */
  readonly shared?:
    | { find(kind: 'upstream', id: string): NamedUpstream | 'assumed' | undefined }
    | undefined;
}

/** An upstream that is a document, or an item of one. */
export interface NamedUpstream {
  /** Name of the parameter that holds it. */
  readonly parameter: string;
  readonly id: string;
  readonly isAvailable: boolean;
  readonly document: { readonly upstream?: Readonly<Record<string, unknown>> | undefined };
}

/** What all plugins of a process share: the services less those of one document. */
export type SharedServices = Omit<
  PluginServices,
  'warn' | 'retry' | 'parameter' | 'owner' | 'document' | 'countSteps' | 'countInherited' | 'shared'
>;

const neutralFacts: RouteFacts = { anonymousConsumers: new Set(), clientChoosesAddress: false };

/** What an authentication plugin asks of a consumer document. */
export interface ConsumerSettings<TSchema extends v.GenericSchema> {
  readonly schema: TSchema;
  /** What a client names itself by: a key, a user name, a key id. The documents of two consumers never share one; credentials may. */
  toKey(settings: v.InferOutput<TSchema>): string;
  /** Sentences about valid settings that do not do what they seem to. */
  toWarnings?(settings: v.InferOutput<TSchema>): readonly string[];
}

/** A plugin as its file writes it, typed by its schemas. `definePlugin` makes a `Plugin` of it. */
export interface PluginDefinition<
  TSchema extends v.GenericSchema,
  TConsumer extends v.GenericSchema,
> {
  readonly name: string;
  /** APISIX's own: higher runs earlier, further outside. */
  readonly priority: number;
  /** It calls the route's upstream, and belongs on routes only. */
  readonly isUpstream?: boolean;
  readonly schema: TSchema;
  /** It authenticates consumers. @default whether it has `consumer` */
  readonly isAuthentication?: boolean;
  /** Given by plugins that authenticate consumers. */
  readonly consumer?: ConsumerSettings<TConsumer>;
  /**
   * Whether the plugin refuses clients that the settings do not allow. A route without any such plugin is open.
   * @default true for a plugin that authenticates consumers
   */
  refusesClients?(config: v.InferOutput<TSchema>, route: RouteFacts): boolean;
  /** Name of the consumer that a request without credentials passes as. */
  anonymousConsumer?(config: v.InferOutput<TSchema>): string | undefined;
  /** The client writes the address that it makes plugins take for the client's. */
  clientChoosesAddress?(config: v.InferOutput<TSchema>): boolean;
  /** Names of the headers that it may set for the upstream; a client's own of these names are ignored. */
  identityHeaders?(config: v.InferOutput<TSchema>): readonly string[];
  /** Names under which it sends the client's `Authorization` on; a client's own of these names are ignored. */
  carrierHeaders?(config: v.InferOutput<TSchema>): readonly string[];
  /** Names of the query parameters that it reads credentials from; their values are masked in the log. */
  secretParameters?(config: v.InferOutput<TSchema>): readonly string[];
  /** @throws DocumentError, with pointers below `context.pointer` */
  create(
    config: v.InferOutput<TSchema>,
    services: PluginServices,
    context: ParseContext,
  ): Middleware;
}

/** A plugin of any settings: it takes them as `unknown` and parses them itself. */
export interface Plugin {
  readonly name: string;
  readonly priority: number;
  readonly isUpstream: boolean;
  /** It says which consumer a client is. */
  readonly isAuthentication: boolean;
  readonly schema: v.GenericSchema;
  readonly consumer: ConsumerSettings<v.GenericSchema> | undefined;
  /** Whether some settings make it an access plugin. */
  readonly canRefuseClients: boolean;
  /** Whether these settings ask it to refuse clients. If they are invalid, the answer is `canRefuseClients`. */
  asksToRefuse(config: unknown): boolean;
  /** The names in settings that lack something, as far as they can be read. */
  readNames(config: unknown): PluginNames;
  /** @throws DocumentError when the configuration does not fit */
  prepare(config: unknown, services: PluginServices, context: ParseContext): PreparedPlugin;
}

/**
 * Makes a plugin that accepts unknown settings: it parses them by the schema before `create` sees them. The plugin
 * throws `DocumentError` for invalid settings.
 */
export function definePlugin<
  TSchema extends v.GenericSchema,
  TConsumer extends v.GenericSchema = never,
>(definition: PluginDefinition<TSchema, TConsumer>): Plugin {
  const { name, priority, schema, isUpstream = false, consumer } = definition;
  const { isAuthentication = consumer !== undefined } = definition;
  const refusesClients = (settings: v.InferOutput<TSchema>, route = neutralFacts) =>
    definition.refusesClients?.(settings, route) ?? consumer !== undefined;
  const toNames = (settings: v.InferOutput<TSchema>): PluginNames => ({
    identityHeaders: definition.identityHeaders?.(settings) ?? [],
    carrierHeaders: definition.carrierHeaders?.(settings) ?? [],
    secretParameters: definition.secretParameters?.(settings) ?? [],
  });
  const plugin: Plugin = {
    name,
    priority,
    isUpstream,
    isAuthentication,
    schema,
    consumer: consumer as ConsumerSettings<v.GenericSchema> | undefined,
    prepare(config, services, context) {
      const settings = parseWith(schema, config, context);
      return {
        name,
        priority,
        isAuthentication,
        isUpstream,
        isAccessPlugin: refusesClients(settings),
        refusesClients: (route) => refusesClients(settings, route),
        anonymousConsumer: definition.anonymousConsumer?.(settings),
        clientChoosesAddress: definition.clientChoosesAddress?.(settings) ?? false,
        ...toNames(settings),
        middleware: definition.create(settings, services, context),
      };
    },
    canRefuseClients: definition.refusesClients !== undefined || consumer !== undefined,
    asksToRefuse(config) {
      try {
        return refusesClients(v.parse(schema, config));
      } catch {
        return plugin.canRefuseClients;
      }
    },
    readNames(config) {
      try {
        return toNames(v.parse(schema, config));
      } catch {
        return { identityHeaders: [], carrierHeaders: [], secretParameters: [] };
      }
    },
  };
  return plugin;
}
