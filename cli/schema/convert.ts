/** A valibot schema → JSON Schema (draft 7), as editors read it. It never refuses what the proxy takes. */
import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';

/** Converts a valibot schema to a JSON Schema of what a document may hold. Rules between fields are left out. */
export function convertSchema(schema: GenericSchema): JsonSchema {
  const { $schema: _, ...converted } = toJsonSchema(
    withoutCustomChecks(schema as unknown as Part) as unknown as GenericSchema,
    {
      typeMode: 'input',
      // Rules between fields have no words in JSON Schema; the proxy's own code has the last one.
      errorMode: 'ignore',
      // Its patterns have no flags; without its flag a pattern would refuse what the proxy takes.
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
  return converted;
}

/**
 * The runtime's objects have a `custom` schema in front, because valibot's own take arrays as well. JSON Schema's do
 * not, and the converter would stop at it. What follows a transformation speaks of another value than the written one.
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

/** A schema or an action, as valibot lays them out. */
interface Part {
  readonly kind: string;
  readonly type: string;
  readonly pipe?: readonly Part[];
  /** Of an object. */
  readonly entries?: Readonly<Record<string, Part>>;
  /** Of an array. */
  readonly item?: Part;
  /** Of a union; of a picklist, its values. */
  readonly options?: readonly unknown[];
  /** Of a record. */
  readonly value?: Part;
  /** Of `optional` and its like. */
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
