/** The comparisons of conditions: `==`, `>`, `~~`, `in`, `ipmatch`, … (APISIX's operators). */
import * as v from 'valibot';
import { addressRange, createAddressSet } from '../documents/address.ts';
import { DocumentError, describeFound, pointerTo } from '../documents/document-error.ts';
import {
  compilePatterns,
  costlyReason,
  patterns,
  toSearchSteps,
  toTotalSize,
} from '../documents/pattern.ts';
import { isReference } from '../documents/references.ts';
import { ProxyError } from '../http/errors.ts';

/** What a condition reads from: each variable once, however many conditions of one request name it. */
export interface ConditionSubject {
  /** @returns undefined where the request has no such value */
  read(variable: string): string | undefined;
  /**
   * Counts the work of one search, before it is done.
   *
   * @param steps at most
   * @throws ProxyError when the conditions of one request take too many
   */
  spend(steps: number): void;
}

/** Where a constant stands, and who counts its regular expressions. */
export interface ComparisonContext {
  readonly pointer: string;
  /** Told of the size of each regular expression. @throws DocumentError when a document has too many */
  readonly countSteps: (steps: number, pointer: string) => void;
  /** Steps of the whole condition so far. */
  readonly count: { steps: number };
}

/** Steps of all regular expressions of one condition: ordinary expressions have some ten steps each, and each proxy compiles all of them. */
const maxSearchSteps = 1000;

/** Whether the value of a variable compares so with the constant. It throws ProxyError where that takes too long to say. */
export type Comparison = (value: string | undefined, subject: ConditionSubject) => boolean;
type Operation = (constant: unknown, context: ComparisonContext) => Comparison;

const operations: Readonly<Record<string, Operation>> = {
  '==': (constant, { pointer }) => createEquality(constant, pointer),
  '~=': (constant, { pointer }) => {
    const equals = createEquality(constant, pointer);
    return (value, subject) => !equals(value, subject);
  },
  '>': (constant, { pointer }) => createOrder(constant, pointer, (a, b) => a > b),
  '>=': (constant, { pointer }) => createOrder(constant, pointer, (a, b) => a >= b),
  '<': (constant, { pointer }) => createOrder(constant, pointer, (a, b) => a < b),
  '<=': (constant, { pointer }) => createOrder(constant, pointer, (a, b) => a <= b),
  '~~': (constant, context) => createSearch(constant, context, false),
  '~*': (constant, context) => createSearch(constant, context, true),
  in: (constant, { pointer }) => {
    if (!Array.isArray(constant)) throw fault(pointer, constant, 'a list of strings or numbers');
    for (const [index, item] of constant.entries())
      assertComparable(item, pointerTo(pointer, index));
    const values = new Set<unknown>(constant);
    return (value) => values.has(value ?? null) || values.has(toNumber(value) ?? Number.NaN);
  },
  // The value of a variable is a text here. In APISIX as well, a text has no elements.
  has: () => () => false,
  ipmatch: (constant, { pointer }) => compileRanges(constant, pointer),
};
/** The operators of comparisons; upper case is the same. */
export const operatorNames: readonly string[] = Object.keys(operations);
/** For messages: which there are. */
export const operatorWords = `one of ${operatorNames.join(', ')}, with "!" in front for its contrary`;

/**
 * @param operator as it is written
 * @returns undefined for what is no operator; a function that makes the comparison with a constant. It throws DocumentError
 */
export function findOperation(operator: unknown): Operation | undefined {
  const word = typeof operator === 'string' ? operator.toLowerCase() : '';
  return Object.hasOwn(operations, word) ? operations[word] : undefined;
}

/** The text of a condition, which a snapshot has, holds finite numbers only: it is JSON, and `1e999` is infinite. */
function assertComparable(constant: unknown, pointer: string): void {
  assertNoReference(constant, pointer);
  if (typeof constant === 'string' || constant === null || Number.isFinite(constant)) return;
  throw fault(pointer, constant, 'a string, a number or null');
}

/** References in constants are refused: the text itself would be compared, and clients know how references are written. */
function assertNoReference(constant: unknown, pointer: string): void {
  if (typeof constant !== 'string' || !isReference(constant)) return;
  throw fault(pointer, constant, 'a constant: only the settings of plugins may have references');
}

function createEquality(constant: unknown, pointer: string): Comparison {
  assertComparable(constant, pointer);
  if (constant === null) return (value) => value === undefined;
  if (typeof constant === 'string') return (value) => value === constant;
  return (value) => toNumber(value) === constant;
}

function createOrder(
  constant: unknown,
  pointer: string,
  compare: (a: number, b: number) => boolean,
): Comparison {
  const limit = typeof constant === 'string' ? toNumber(constant) : constant;
  if (!isFiniteNumber(limit)) throw fault(pointer, constant, 'a number');
  return (value) => {
    const number = toNumber(value);
    return number !== undefined && compare(number, limit);
  };
}

function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function createSearch(
  constant: unknown,
  context: ComparisonContext,
  isCaseInsensitive: boolean,
): Comparison {
  const { pointer, countSteps, count } = context;
  assertNoReference(constant, pointer);
  const { success, issues } = v.safeParse(patterns, [constant]);
  if (!success) throw fault(pointer, constant, issues[0].message);
  const expressions = [String(constant)];
  const size = toTotalSize(expressions);
  count.steps += size;
  if (count.steps > maxSearchSteps) {
    throw fault(
      pointer,
      constant,
      `regular expressions of at most ${maxSearchSteps} steps in one condition, repetitions written out`,
    );
  }
  countSteps(size, pointer);
  const find = compilePatterns(expressions, { isCaseInsensitive });
  return (value, subject) => {
    if (value === undefined) return false;
    subject.spend(toSearchSteps(size, value));
    const finding = find([value]);
    if (finding === 'costly') throw tooCostly(costlyReason);
    return finding === 'found';
  };
}

/**
 * @param written an address or range, or a list of them
 * @returns whether a value is an address in one of the ranges
 * @throws DocumentError
 */
export function compileRanges(
  written: unknown,
  pointer: string,
): (value: string | undefined) => boolean {
  const isList = Array.isArray(written);
  const ranges: readonly unknown[] = isList ? written : [written];
  const texts = ranges.map((range, index) => {
    const { success, output, issues } = v.safeParse(addressRange, range);
    if (success) return output;
    throw fault(isList ? pointerTo(pointer, index) : pointer, range, issues[0].message);
  });
  const set = createAddressSet(texts);
  return (value) => value !== undefined && set.has(value) === true;
}

/** A decimal number, as Lua reads one; hexadecimal numbers and infinities are none here. */
const decimal = /^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?\s*$/i;
const maxNumberCharacters = 64;

function toNumber(text: string | undefined): number | undefined {
  if (text === undefined || text.length > maxNumberCharacters) return undefined;
  return decimal.test(text) ? Number(text) : undefined;
}

/**
 * @param reason for the log
 * @returns the refusal of a request whose variables take too long to compare
 */
export function tooCostly(reason: string): ProxyError {
  return new ProxyError('MALFORMED_REQUEST', `a condition takes too long: ${reason}`, {
    detail: 'A value that decides about the request is too long',
  });
}

/**
 * A fault of a condition. Its constants are compared with headers and cookies, so they may be secrets: a long one is not
 * quoted.
 */
export function fault(pointer: string, value: unknown, expected: string): DocumentError {
  const found = describeFound(value, pointer, 'picklist');
  return new DocumentError([{ pointer, found, expected }]);
}
