/** The one shape of a plugin, and how several become one function around the upstream call. */
import type * as v from 'valibot';
import { ProxyError } from '../errors.ts';
import { type ParseContext, parseWith } from '../routes/document-error.ts';
import type { Clock, Handle, Middleware } from '../types.ts';
import type { Pool, PoolSettings } from '../upstream/connections.ts';
import type { CredentialSources } from '../upstream/credentials.ts';
import type { AllowedHost, Origin } from '../upstream/hosts.ts';
import type { RetrySettings } from '../upstream/retry.ts';

/** What a plugin may use; nothing else of the process is in its reach. */
export interface PluginServices {
  /** The function's own region. */
  readonly region: string;
  readonly allowedHosts: readonly AllowedHost[];
  readonly credentials: CredentialSources;
  readonly now: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** What the route says of trying again. */
  readonly retry: RetrySettings;
  readonly log: (
    level: 'warn' | 'error',
    message: string,
    fields?: Readonly<Record<string, unknown>>,
  ) => void;
  /** @returns the pool of an upstream; it is kept as long as a route in force uses it */
  connect(origin: Origin, settings: PoolSettings): Pool;
  /** Says something about the document once, when it comes into force. */
  warn(message: string): void;
}

export interface PluginDefinition<TSchema extends v.GenericSchema> {
  readonly name: string;
  /** APISIX's own: higher runs earlier, further outside. */
  readonly priority: number;
  readonly schema: TSchema;
  /** @throws DocumentError, with pointers below `context.pointer` */
  create(
    config: v.InferOutput<TSchema>,
    services: PluginServices,
    context: ParseContext,
  ): Middleware;
}

/** A plugin whose configuration type is its own business. */
export interface Plugin {
  readonly name: string;
  readonly priority: number;
  readonly schema: v.GenericSchema;
  /** @throws DocumentError when the configuration does not fit */
  prepare(config: unknown, services: PluginServices, context: ParseContext): Middleware;
}

export function definePlugin<TSchema extends v.GenericSchema>(
  definition: PluginDefinition<TSchema>,
): Plugin {
  const { name, priority, schema, create } = definition;
  return {
    name,
    priority,
    schema,
    prepare: (config, services, context) =>
      create(parseWith(schema, config, context), services, context),
  };
}

/** @param middlewares outermost first; what none of them answers has no upstream */
export function composeMiddlewares(middlewares: readonly Middleware[]): Handle {
  return middlewares.reduceRight<Handle>(
    (next, middleware) => (exchange) => middleware(exchange, next),
    answerNoUpstream,
  );
}

const answerNoUpstream: Handle = async () => {
  throw new ProxyError('NO_UPSTREAM', 'no plugin of the route calls an upstream', {
    headers: { 'retry-after': '10' },
  });
};
