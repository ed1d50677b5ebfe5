/** Field names and meanings of Apache APISIX's objects that routes and consumers share. */
import * as v from 'valibot';
import { refused } from '../../documents/attributes.ts';
import { recordOf, strictObject } from '../../documents/schema.ts';
import type { SharedKind } from '../kind.ts';
import { host, idEntries, noWebSocket, pluginsSchema, schemaEntries } from '../schema.ts';

const noteEntries = {
  name: v.optional(v.string()),
  desc: v.optional(v.string()),
  labels: v.optional(recordOf(v.string())),
};
const timeEntries = {
  create_time: v.optional(v.number()),
  update_time: v.optional(v.number()),
};

/** What routes have in common: plugins, and hosts for those that name none. */
export const serviceSchema = strictObject({
  ...idEntries,
  ...noteEntries,
  hosts: v.optional(v.pipe(v.array(host), v.minLength(1, 'at least one host'))),
  plugins: pluginsSchema,
  upstream: refused('no upstream in a service: a plugin such as aws-lambda calls the upstream'),
  upstream_id: refused('no upstream_id: a plugin such as aws-lambda calls the upstream'),
  ...noWebSocket,
  ...timeEntries,
  ...schemaEntries,
});

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

/** The schema of one object, by its kind. */
export const sharedSchemas = {
  service: serviceSchema,
  plugin_config: pluginConfigSchema,
  consumer_group: consumerGroupSchema,
} as const satisfies Readonly<Record<SharedKind, v.GenericSchema>>;
