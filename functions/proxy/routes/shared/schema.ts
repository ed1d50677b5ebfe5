/** Field names and meanings of Apache APISIX's objects that routes and consumers share. */
import * as v from 'valibot';
import { strictObject } from '../../documents/schema.ts';
import { upstreamSchema } from '../../upstream/balance/schema.ts';
import type { SharedKind } from '../kind.ts';
import {
  hasOneUpstream,
  host,
  idEntries,
  noteEntries,
  noWebSocket,
  oneUpstreamWords,
  pluginsSchema,
  schemaEntries,
  timeEntries,
  upstreamEntries,
} from '../schema.ts';

/** What routes have in common: plugins, and hosts for those that name none. */
export const serviceSchema = v.pipe(
  strictObject({
    ...idEntries,
    ...noteEntries,
    hosts: v.optional(v.pipe(v.array(host), v.minLength(1, 'at least one host'))),
    plugins: pluginsSchema,
    ...upstreamEntries,
    ...noWebSocket,
    ...timeEntries,
    ...schemaEntries,
  }),
  v.check((object) => hasOneUpstream(object), oneUpstreamWords),
);

/** Plugins that routes have in common. */
export const pluginConfigSchema = strictObject({
  ...idEntries,
  ...noteEntries,
  plugins: pluginsSchema,
  ...timeEntries,
  ...schemaEntries,
});

/** Plugins that consumers have in common. */
export const consumerGroupSchema = pluginConfigSchema;

/** Plugins that run for every request. */
export const globalRuleSchema = strictObject({
  ...idEntries,
  plugins: pluginsSchema,
  ...timeEntries,
  ...schemaEntries,
});

/** The schema of one object, by its kind. */
export const sharedSchemas = {
  service: serviceSchema,
  plugin_config: pluginConfigSchema,
  consumer_group: consumerGroupSchema,
  upstream: upstreamSchema,
  global_rule: globalRuleSchema,
} as const satisfies Readonly<Record<SharedKind, v.GenericSchema>>;
