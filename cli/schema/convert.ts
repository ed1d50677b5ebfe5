/**
 * Converts valibot schemas to JSON Schema (draft 7) for editors. A converted schema accepts everything that the proxy
 * accepts.
 */
import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';

/** Converts a valibot schema to a JSON Schema of a document. Rules between fields are omitted. */
export function convertSchema(schema: GenericSchema): JsonSchema {
  const { $schema: _, ...converted } = toJsonSchema(
    withoutCustomChecks(schema as unknown as Part) as unknown as GenericSchema,
    {
      typeMode: 'input',
      // JSON Schema cannot express rules between fields. The proxy's own code checks them.
      errorMode: 'ignore',
      // Patterns of JSON Schema have no flags, and without its flag a pattern could refuse valid values.
      overrideAction: ({ valibotAction, jsonSchema }) => {
        const { type, requirement } = valibotAction as unknown as {
          type: string;
          requirement: unknown;
        };
        const isUnclear =
          type === 'regex' && requirement instanceof RegExp && /[ims]/.test(requirement.flags);
        if (!isUnclear) return undefined;
        const { pattern, ...rest } = jsonSchema;
        return rest;
      },
    },
  );
  return withoutRefused(converted);
}

/**
 * Fields that are known only for the sentence that refuses them are left out, because editors would offer them. An object
 * refuses fields that it does not have.
 */
function withoutRefused<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(withoutRefused) as T;
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => {
    const isFields = key === 'properties' && Object(schema).additionalProperties === false;
    return [key, withoutRefused(isFields ? dropRefused(value) : value)];
  });
  return Object.fromEntries(entries) as T;
}

function dropRefused(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = Object.entries(properties).filter(([, own]) => JSON.stringify(own) !== '{"not":{}}');
  return Object.fromEntries(kept);
}

/**
 * Removes `custom` schemas and everything after a transformation. Objects have a `custom` schema in front, because
 * valibot's objects accept arrays; JSON Schema's do not, and the converter cannot convert it. Checks after a
 * transformation apply to another value than the written one.
 */
function withoutCustomChecks(schema: Part): Part {
  const { pipe, ...own } = schema;
  if (!pipe) return withParts(own);
  const items = flatten(pipe).filter(({ kind, type }) => kind !== 'schema' || type !== 'custom');
  const changed = items.findIndex(({ kind }) => kind === 'transformation');
  const [first, ...rest] = changed < 0 ? items : items.slice(0, changed);
  if (!first) return own;
  const base = withParts(first);
  return { ...base, pipe: [base, ...rest] };
}

/** The internal structure of a valibot schema or action. */
interface Part {
  readonly kind: string;
  readonly type: string;
  readonly pipe?: readonly Part[];
  /** Entries of an object. */
  readonly entries?: Readonly<Record<string, Part>>;
  /** Item of an array. */
  readonly item?: Part;
  /** Options of a union, or values of a picklist. */
  readonly options?: readonly unknown[];
  /** Value of a record. */
  readonly value?: Part;
  /** Inner schema of `optional` and similar. */
  readonly wrapped?: Part;
}

function withParts({ entries, item, options, value, wrapped, ...schema }: Part): Part {
  const isUnion = schema.type === 'union' || schema.type === 'variant';
  return {
    ...schema,
    ...(entries && {
      entries: Object.fromEntries(
        Object.entries(entries).map(([key, entry]) => [key, withoutCustomChecks(entry)]),
      ),
    }),
    ...(item && { item: withoutCustomChecks(item) }),
    ...(options && { options: isUnion ? (options as Part[]).map(withoutCustomChecks) : options }),
    ...(value !== undefined && {
      value: schema.type === 'record' ? withoutCustomChecks(value) : value,
    }),
    ...(wrapped && { wrapped: withoutCustomChecks(wrapped) }),
  };
}

function flatten(pipe: readonly Part[]): readonly Part[] {
  return pipe.flatMap((item) => (item.pipe ? flatten(item.pipe) : [item]));
}
