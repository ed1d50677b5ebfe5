/** Data that fits a schema of `mocking`: examples where the schema has them, and random values. */
import { documentError, pointerTo } from '../../../documents/document-error.ts';

/** Makes a value. @param random from 0 up to 1 */
export type MakeExample = (random: () => number) => unknown;

const maxDepth = 20;
const maxParts = 1000;
/** Values in one answer: arrays inside of arrays multiply. */
const maxValues = 10_000;
/** A name or an example counts as one more value for each so many characters. */
const charactersOfValue = 100;
const maxItems = 3;
const types = 'string, number, integer, boolean, object or array';
const letters = 'abcdefghijklmnopqrstuvwxyz';

interface Part {
  readonly pointer: string;
  readonly depth: number;
  /** How often the part is made for one answer, at most. */
  readonly times: number;
  /** Length of the property's name, which XML repeats for each item of an array. */
  readonly nameLength: number;
  readonly count: { parts: number; values: number };
}

/** @throws DocumentError for a type that there is not */
export function compileExample(schema: unknown, pointer: string): MakeExample {
  // As in APISIX, what has no type at the top is an object.
  return compilePart(
    { type: 'object', ...Object(schema) },
    { pointer, depth: 0, times: 1, nameLength: 0, count: { parts: 0, values: 0 } },
  );
}

function compilePart(schema: unknown, part: Part): MakeExample {
  const { pointer } = part;
  countPart(schema, part);
  const { type, example, properties, items } = Object(schema) as Readonly<Record<string, unknown>>;
  const own = (at: string | number) => ({
    ...part,
    depth: part.depth + 1,
    pointer: pointerTo(pointer, at),
  });
  switch (String(type).toLowerCase()) {
    case 'string':
      return (random) => (typeof example === 'string' ? example : toText(random));
    case 'number':
      return (random) => (typeof example === 'number' ? example : random() * 10_000);
    case 'integer':
      return (random) =>
        typeof example === 'number' ? Math.floor(example) : toWhole(random, 10_000);
    case 'boolean':
      return (random) => (typeof example === 'boolean' ? example : random() < 0.5);
    case 'object':
      return compileObject(Object(properties), own('properties'));
    case 'array': {
      if (items === undefined) return () => [];
      const make = compilePart(items, { ...own('items'), times: part.times * maxItems });
      return (random) => Array.from({ length: toWhole(random, maxItems) }, () => make(random));
    }
    default:
      throw documentError(pointerTo(pointer, 'type'), type, types);
  }
}

/** @throws DocumentError */
function countPart(schema: unknown, { pointer, depth, times, nameLength, count }: Part): void {
  const { example } = Object(schema);
  const characters = nameLength + (typeof example === 'string' ? example.length : 0);
  count.parts += 1;
  count.values += times * (1 + Math.floor(characters / charactersOfValue));
  if (depth > maxDepth || count.parts > maxParts) {
    throw documentError(
      pointer,
      schema,
      `at most ${maxDepth} levels, and ${maxParts} parts in all`,
    );
  }
  if (count.values > maxValues) {
    const words = `at most ${maxValues} values in an answer; an array has up to ${maxItems} items, and each ${charactersOfValue} characters of a name or example count as a value`;
    throw documentError(pointer, schema, words);
  }
}

function compileObject(properties: object, part: Part): MakeExample {
  const makers = Object.entries(properties).map(([name, schema]) => {
    const pointer = pointerTo(part.pointer, name);
    return [name, compilePart(schema, { ...part, pointer, nameLength: name.length })] as const;
  });
  return (random) => Object.fromEntries(makers.map(([name, make]) => [name, make(random)]));
}

/** From 1. */
function toWhole(random: () => number, maximum: number): number {
  return 1 + Math.floor(random() * maximum);
}

function toText(random: () => number): string {
  const length = toWhole(random, 10);
  return Array.from({ length }, () => letters[toWhole(random, letters.length) - 1]).join('');
}

const signs: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** @returns the value as XML; entries of an array become elements of one name */
export function toXml(value: unknown, name = 'data'): string {
  if (Array.isArray(value)) return value.map((item) => toXml(item, name)).join('');
  const isObject = typeof value === 'object' && value !== null;
  const inner = isObject
    ? Object.entries(value)
        .map(([key, item]) => toXml(item, key))
        .join('')
    : String(value).replace(/[&<>"]/g, (sign) => signs[sign] ?? sign);
  return `<${name}>${inner}</${name}>`;
}
