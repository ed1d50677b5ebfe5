/** The promises of documents: fields, types, defaults and limits, from the JSON Schemas. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { read, root } from './sources.ts';

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly pattern?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema | readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly [limit: string]: unknown;
}

const limits = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'] as const;
const sizes = ['minItems', 'maxItems', 'minLength', 'maxLength'] as const;

/** Their plugins have the settings of those of routes. */
const sharedKinds = [
  'service',
  'plugin_config',
  'consumer_group',
  'upstream',
  'global_rule',
] as const;
const kinds = ['route', 'consumer', ...sharedKinds] as const;

/** Lines about each field of all kinds of documents, and the schemas that the package has. */
export function listDocumentPromises(): readonly string[] {
  const plugins = readdirSync(join(root, 'schema/plugins')).map((name) => `plugins/${name}`);
  return [
    ...[...kinds.map((kind) => `${kind}.json`), 'credential.json', ...plugins].map(
      (name) => `schema ${name}`,
    ),
    ...kinds.flatMap((kind) => {
      const { definitions } = JSON.parse(read(`schema/${kind}.json`)) as Schema;
      const schema = definitions?.[kind];
      if (!schema) throw new Error(`schema/${kind}.json does not define ${kind}`);
      return toSchemaLines(kind, isShared(kind) ? withoutPlugins(schema) : schema);
    }),
    ...toSchemaLines('credential', JSON.parse(read('schema/credential.json')) as Schema),
  ];
}

function isShared(kind: (typeof kinds)[number]): boolean {
  return (sharedKinds as readonly string[]).includes(kind);
}

function withoutPlugins({ properties, ...schema }: Schema): Schema {
  return { ...schema, properties: { ...properties, plugins: { type: 'object' } } };
}

/** Lines about a schema and all below it. */
export function toSchemaLines(path: string, schema: Schema): readonly string[] {
  return [
    ...toTypes(schema).map((type) => `${path} = ${type}`),
    ...('default' in schema ? [`${path} = default ${JSON.stringify(schema.default)}`] : []),
    ...[...limits, ...sizes]
      .filter((limit) => isLimit(schema[limit]))
      .map((limit) => `${path} = ${limit} ${schema[limit]}`),
    ...(schema.required?.length ? [`${path} = requires ${schema.required.join(', ')}`] : []),
    ...toParts(path, schema).flatMap(([name, part]) => toSchemaLines(name, part)),
  ];
}

/** The lowest and highest safe integers are the limits of JSON, not of the field. */
function isLimit(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER;
}

function toTypes({ type, enum: values, const: only, pattern }: Schema): readonly string[] {
  if (only !== undefined) return [JSON.stringify(only)];
  if (values) return values.map((value) => JSON.stringify(value));
  if (pattern?.includes('[sS][eE][cC][rR][eE][tT]')) return ['reference'];
  return type === undefined ? [] : [type];
}

/** Fields, items and alternatives. An alternative is at the same place as the whole. */
function toParts(path: string, schema: Schema): readonly (readonly [string, Schema])[] {
  const { properties = {}, items = [], additionalProperties: others } = schema;
  const { anyOf = [], oneOf = [], allOf = [] } = schema;
  return [
    ...Object.entries(properties).map(([name, part]) => [`${path}.${name}`, part] as const),
    ...[items].flat().map((part) => [`${path}[]`, part as Schema] as const),
    ...(typeof others === 'object' ? [[`${path}.*`, others] as const] : []),
    ...[...anyOf, ...allOf, ...oneOf]
      .filter((part) => !isRule(part))
      .map((part) => [path, part] as const),
  ];
}

/** An alternative may also say which fields an object needs, or which exclude each other. It is no value of its own. */
function isRule(schema: Schema): boolean {
  return Object.keys(schema).join() === 'required';
}
