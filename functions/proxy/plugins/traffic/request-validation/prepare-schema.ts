/**
 * A JSON Schema (draft 7) of a document in a form whose work is bounded: references are written out, so none leads back to
 * itself, and the parts are counted. What would not be obeyed is refused.
 */
import { documentError, pointerTo } from '../../../documents/document-error.ts';
import { decodeAgreed } from '../../../http/values.ts';
import { formats } from './formats.ts';

/** A schema that a validator may compile. */
export interface PreparedSchema {
  readonly schema: object | boolean;
  /** How many schemas it has, references written out. */
  readonly parts: number;
}

const maxParts = 500;
const maxDepth = 32;

/** Keywords that do not affect what is valid. */
const notes = new Set([
  ...['$schema', '$id', '$comment', 'title', 'description', 'default', 'examples', 'example'],
  ...['deprecated', 'readOnly', 'writeOnly', 'definitions', '$defs'],
]);

/** How a schema is read. */
export interface PrepareOptions {
  readonly pointer: string;
  /** Whether names of properties are names of headers, which have no case. */
  readonly isOfHeaders: boolean;
}

interface Reading extends PrepareOptions {
  readonly root: unknown;
  readonly depth: number;
  /** References that lead here. */
  readonly references: readonly string[];
  readonly count: { parts: number };
}

/** @throws DocumentError */
export function prepareSchema(written: unknown, options: PrepareOptions): PreparedSchema {
  const count = { parts: 0 };
  const schema = prepare(written, { ...options, root: written, depth: 0, references: [], count });
  return { schema, parts: count.parts };
}

function prepare(written: unknown, reading: Reading): object | boolean {
  const { pointer, count, depth } = reading;
  count.parts += 1;
  if (count.parts > maxParts || depth > maxDepth) {
    const words = `at most ${maxParts} schemas and ${maxDepth} levels, references written out`;
    throw documentError(pointer, written, words);
  }
  if (typeof written === 'boolean') return written;
  if (typeof written !== 'object' || written === null || Array.isArray(written)) {
    throw documentError(pointer, written, 'a schema: an object, true or false');
  }
  const prepared: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(written)) {
    if (notes.has(keyword)) continue;
    const isOfHeaders = reading.isOfHeaders && !isOfParts.has(keyword);
    const below = {
      ...reading,
      isOfHeaders,
      pointer: pointerTo(pointer, keyword),
      depth: depth + 1,
    };
    prepared[keyword] = findKeyword(keyword, value, below)(value, below);
  }
  return withoutDraft4(withoutReference(prepared));
}

type PrepareValue = (value: unknown, reading: Reading) => unknown;

/** Below these keywords a schema is about one header, not about all. */
const isOfParts = new Set([
  'items',
  'additionalItems',
  'additionalProperties',
  'contains',
  'propertyNames',
]);

const asItIs: PrepareValue = (value) => value;
const prepareNames: PrepareValue = (value, { isOfHeaders }) =>
  isOfHeaders && Array.isArray(value) ? value.map(toLower) : value;
const prepareFormat: PrepareValue = (value, { pointer }) => {
  if (typeof value === 'string' && Object.hasOwn(formats, value)) return value;
  throw documentError(pointer, value, `one of the formats ${Object.keys(formats).join(', ')}`);
};

function toLower(name: unknown): unknown {
  return typeof name === 'string' ? name.toLowerCase() : name;
}

const keywords: Readonly<Record<string, PrepareValue>> = {
  ...toTable(
    'type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems uniqueItems maxProperties minProperties',
    asItIs,
  ),
  ...toTable(
    'additionalItems additionalProperties contains propertyNames not if then else',
    prepare,
  ),
  ...toTable('allOf anyOf oneOf', prepareList),
  items: (value, reading) => (Array.isArray(value) ? prepareList : prepare)(value, reading),
  properties: (value, reading) => prepareMap(value, reading, reading.isOfHeaders),
  patternProperties: (value, reading) => prepareMap(value, reading, false),
  dependencies: prepareDependencies,
  required: prepareNames,
  format: prepareFormat,
  $ref: follow,
};

function toTable(names: string, prepareValue: PrepareValue): Record<string, PrepareValue> {
  return Object.fromEntries(names.split(' ').map((name) => [name, prepareValue]));
}

function findKeyword(keyword: string, value: unknown, { pointer }: Reading): PrepareValue {
  const found = Object.hasOwn(keywords, keyword) ? keywords[keyword] : undefined;
  if (found) return found;
  const words = `a keyword of JSON Schema, draft 7: ${Object.keys(keywords).join(', ')}`;
  throw documentError(pointer, value, words);
}

/** What a reference names has to hold beside the rest. */
function withoutReference({ $ref, ...schema }: Record<string, unknown>): Record<string, unknown> {
  if ($ref === undefined) return schema;
  return { ...schema, allOf: [$ref, ...((schema['allOf'] as readonly unknown[]) ?? [])] };
}

function prepareList(value: unknown, reading: Reading): (object | boolean)[] {
  if (!Array.isArray(value)) throw documentError(reading.pointer, value, 'a list of schemas');
  return value.map((item, index) =>
    prepare(item, { ...reading, pointer: pointerTo(reading.pointer, index) }),
  );
}

function prepareMap(value: unknown, reading: Reading, isLower: boolean): object {
  const { pointer } = reading;
  return Object.fromEntries(
    entriesOf(value, pointer).map(([name, item]) => {
      const inner = { ...reading, isOfHeaders: false, pointer: pointerTo(pointer, name) };
      return [isLower ? name.toLowerCase() : name, prepare(item, inner)];
    }),
  );
}

function prepareDependencies(value: unknown, reading: Reading): object {
  const { isOfHeaders, pointer } = reading;
  return Object.fromEntries(
    entriesOf(value, pointer).map(([name, item]) => {
      const prepareItem = Array.isArray(item) ? prepareNames : prepare;
      const prepared = prepareItem(item, { ...reading, pointer: pointerTo(pointer, name) });
      return [isOfHeaders ? name.toLowerCase() : name, prepared];
    }),
  );
}

function entriesOf(value: unknown, pointer: string): [name: string, value: unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw documentError(pointer, value, 'an object');
  }
  return Object.entries(value);
}

/** The schema that a reference names, in its place. */
function follow(reference: unknown, reading: Reading): object | boolean {
  const { pointer, root, references } = reading;
  if (typeof reference !== 'string' || !/^#(?:\/[^/]+)*$/.test(reference)) {
    throw documentError(
      pointer,
      reference,
      'a reference into the same schema, such as #/definitions/name',
    );
  }
  if (reference === '#' || references.includes(reference)) {
    throw documentError(
      pointer,
      reference,
      'a reference that does not lead back to itself: such a schema has no bound on its work',
    );
  }
  let target: unknown = root;
  for (const part of reference.split('/').slice(1)) {
    const key = decodeAgreed(part)?.replaceAll('~1', '/').replaceAll('~0', '~');
    const isThere = key !== undefined && Object.hasOwn(Object(target), key);
    target = isThere ? (target as Record<string, unknown>)[key] : undefined;
  }
  if (target === undefined)
    throw documentError(pointer, reference, 'a reference to a schema that is there');
  return prepare(target, { ...reading, references: [...references, reference] });
}

/** Draft 4, which APISIX takes as well, says `true` beside `minimum`. */
function withoutDraft4(schema: Record<string, unknown>): object {
  for (const [exclusive, limit] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    const value = schema[exclusive];
    if (typeof value !== 'boolean') continue;
    delete schema[exclusive];
    if (!value || schema[limit] === undefined) continue;
    schema[exclusive] = schema[limit];
    delete schema[limit];
  }
  return schema;
}
