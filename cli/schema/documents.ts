/** Creates the JSON Schemas of all documents from the schemas that the proxy uses. */
import type { JsonSchema } from '@valibot/to-json-schema';
import { allPlugins } from '../../functions/proxy/plugins/all.ts';
import type { Plugin } from '../../functions/proxy/plugins/plugin.ts';
import { consumerSchema } from '../../functions/proxy/routes/compile-consumers.ts';
import { credentialSchema } from '../../functions/proxy/routes/compile-credential.ts';
import { pluginMetaSchema, routeSchema } from '../../functions/proxy/routes/schema.ts';
import { sharedSchemas } from '../../functions/proxy/routes/shared/schema.ts';
import { upstreamSchema } from '../../functions/proxy/upstream/balance/schema.ts';
import { conditionSchema, varsSchema } from './condition.ts';
import { convertSchema } from './convert.ts';
import { withRules } from './rules.ts';

const dialect = 'http://json-schema.org/draft-07/schema#';
/** A name that does not change, for tools that keep schemas by it. Nothing is published at such an address. */
const toId = (name: string) => `urn:countersign:schema:${name.replaceAll('/', ':')}`;

/** @returns all schemas by name: `route`, `consumer`, `service`, `plugins/<name>` */
export function createJsonSchemas(): ReadonlyMap<string, JsonSchema> {
  const plugins = allPlugins.names.flatMap((name) => allPlugins.get(name) ?? []);
  return new Map([
    ['route', toDocumentSchema('route', toRouteSchema(plugins), 'id')],
    ['consumer', toDocumentSchema('consumer', toConsumerSchema(plugins), 'username')],
    ['credential', toCredentialSchema(plugins)],
    ...toSharedKinds().map(
      (kind) => [kind, toDocumentSchema(kind, toSharedSchema(kind, plugins), 'id')] as const,
    ),
    ...[...plugins]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, schema }) => {
        const title = `Configuration of the plugin ${name}, on a route`;
        const key = `plugins/${name}`;
        return [
          key,
          { $schema: dialect, $id: toId(key), title, ...toPluginSchema(name, schema) },
        ] as const;
      }),
  ]);
}

/** Makes a schema for one object, or for an array of named objects. */
function toDocumentSchema(kind: string, schema: JsonSchema, nameKey: string): JsonSchema {
  const $ref = `#/definitions/${kind}`;
  return {
    $schema: dialect,
    $id: toId(kind),
    title: `Countersign ${kind.replaceAll('_', ' ')} document`,
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word.
    ...{ if: { type: 'array' }, then: { items: { allOf: [{ $ref }, { required: [nameKey] }] } } },
    else: { $ref },
    definitions: { [kind]: schema, ...(kind === 'route' ? { condition: conditionSchema } : {}) },
  };
}

function toRouteSchema(plugins: readonly Plugin[]): JsonSchema {
  const schema = convertSchema(routeSchema);
  const path: JsonSchema = { type: 'string', pattern: '^/' };
  return {
    ...schema,
    properties: {
      ...schema.properties,
      uri: path,
      uris: { type: 'array', items: path, minItems: 1 },
      vars: varsSchema,
      upstream: convertSchema(upstreamSchema),
      plugins: toPlugins(plugins.map(({ name, schema: own }) => [name, own])),
    },
    oneOf: [{ required: ['uri'] }, { required: ['uris'] }],
    not: {
      anyOf: [{ required: ['host', 'hosts'] }, { required: ['remote_addr', 'remote_addrs'] }],
    },
  };
}

/** In a consumer, authentication plugins have other settings than on a route. */
function toConsumerSchema(plugins: readonly Plugin[]): JsonSchema {
  const schema = convertSchema(consumerSchema);
  const allowed = plugins.filter(({ isUpstream }) => !isUpstream);
  return {
    ...schema,
    properties: {
      ...schema.properties,
      plugins: toPlugins(
        allowed.map((plugin) => [plugin.name, plugin.consumer?.schema ?? plugin.schema]),
      ),
    },
  };
}

type SharedKind = keyof typeof sharedSchemas;

function toSharedKinds(): readonly SharedKind[] {
  return Object.keys(sharedSchemas) as SharedKind[];
}

/** The plugins of an object have the settings that they have on a route. */
function toSharedSchema(kind: SharedKind, all: readonly Plugin[]): JsonSchema {
  const schema = convertSchema(sharedSchemas[kind]);
  const isOfConsumers = kind === 'consumer_group';
  const isOfRoutes = kind === 'service' || kind === 'plugin_config';
  const plugins = all.filter(
    ({ isUpstream, consumer }) => !(isUpstream && !isOfRoutes) && !(consumer && isOfConsumers),
  );
  return {
    ...schema,
    properties: {
      ...schema.properties,
      ...(kind === 'service' ? { upstream: convertSchema(upstreamSchema) } : {}),
      ...(kind === 'upstream'
        ? {}
        : { plugins: toPlugins(plugins.map(({ name, schema: own }) => [name, own])) }),
    },
  };
}

/** One credential: no array of them, since the parameter's name says whose it is. */
function toCredentialSchema(plugins: readonly Plugin[]): JsonSchema {
  const schema = convertSchema(credentialSchema);
  const own = plugins.flatMap(({ name, consumer }) =>
    consumer ? [[name, consumer.schema] as const] : [],
  );
  return {
    ...{ $schema: dialect, $id: toId('credential'), title: 'Countersign credential document' },
    ...schema,
    properties: { ...schema.properties, plugins: { ...toPlugins(own), maxProperties: 1 } },
  };
}

type PluginSchema = Plugin['schema'];

function toPlugins(schemas: readonly (readonly [string, PluginSchema])[]): JsonSchema {
  const sorted = [...schemas].sort(([a], [b]) => (a < b ? -1 : 1));
  const properties = sorted.map(([name, schema]) => [name, toPluginSchema(name, schema)] as const);
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    additionalProperties: false,
  };
}

function toPluginSchema(name: string, schema: PluginSchema): JsonSchema {
  return withRules(name, allowMeta(allowReferences(convertSchema(schema))));
}

/** Adds `_meta`, which all plugins have. */
function allowMeta(schema: JsonSchema): JsonSchema {
  const { properties, anyOf, oneOf, allOf } = schema;
  const inEach = (list: readonly (JsonSchema | boolean)[]) =>
    list.map((item) => (typeof item === 'boolean' ? item : allowMeta(item)));
  return {
    ...schema,
    ...(properties && { properties: { ...properties, _meta: convertSchema(pluginMetaSchema) } }),
    ...(anyOf && { anyOf: inEach(anyOf) }),
    ...(oneOf && { oneOf: inEach(oneOf) }),
    ...(allOf && { allOf: inEach(allOf) }),
  };
}

const reference: JsonSchema = {
  type: 'string',
  pattern: '^\\$([sS][eE][cC][rR][eE][tT]|[eE][nN][vV])://',
};

/** Allows a reference in place of any string, number or boolean of a plugin's settings. */
function allowReferences<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(allowReferences) as T;
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.entries(schema).map(([key, value]) => {
    return [key, key === 'default' || key === 'enum' ? value : allowReferences(value)];
  });
  const own = Object.fromEntries(members) as JsonSchema;
  const isNarrow = ['pattern', 'enum', 'const', 'minLength', 'maxLength', 'format'].some(
    (key) => key in own,
  );
  if (own.type !== 'string' || !isNarrow) return own as T;
  const { default: standard, ...narrow } = own;
  const choice = { anyOf: [narrow, reference] };
  return (standard === undefined ? choice : { ...choice, default: standard }) as T;
}
