/**
 * Conditions on the variables of a request, in the notation of APISIX (its library lua-resty-expr): `[["arg_env", "==", "beta"]]`.
 * docs/route-documents.md, "Conditions".
 */
import * as v from 'valibot';
import { addressRange, createAddressSet } from '../documents/address.ts';
import { DocumentError, describeFound, pointerTo } from '../documents/document-error.ts';
import { compilePatterns, costlyReason, patterns, toTotalSize } from '../documents/pattern.ts';
import { ProxyError } from '../http/errors.ts';
import { findVariable, variableWords } from './variables.ts';

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

/** Whether a condition holds. */
export type Condition = (subject: ConditionSubject) => boolean;

/** What compiling an expression needs. */
export interface ExpressionContext {
  readonly pointer: string;
  /** Told of the size of each regular expression. @throws DocumentError when a document has too many */
  readonly countSteps: (steps: number, pointer: string) => void;
  /** Variables without a value where the expression is evaluated, and why. */
  readonly unknown: Readonly<Record<string, string>>;
}

/** Lists inside lists: more than anyone reads. */
const maxDepth = 10;
const maxComparisons = 100;
/** About as long as so many steps of a search. */
const stepsOfComparison = 20;
/** Of all searches of one document: ordinary expressions have some ten steps each, and each proxy compiles all of them. */
const maxSearchSteps = 1000;

interface Parsing extends ExpressionContext {
  readonly depth: number;
  readonly count: { comparisons: number; steps: number };
}

/**
 * @param written a list of comparisons that all have to hold, or a list that begins with `AND`, `OR`, `!AND` or `!OR`. An empty
 *   list always holds
 * @throws DocumentError
 */
export function compileExpression(
  written: readonly unknown[],
  context: ExpressionContext,
): Condition {
  if (written.length === 0) return () => true;
  if (!Array.isArray(written[0]) && toLogic(written[0]) === undefined) {
    throw fault(context.pointer, written, `a list of lists, such as ${example}`);
  }
  return compileList(written, { ...context, depth: 0, count: { comparisons: 0, steps: 0 } });
}

const example = '[["arg_env", "==", "beta"]]';
const comparisonWords = `a comparison such as ["arg_env", "==", "beta"] or ["http_x_age", "!", ">", 17], or a list of them that may begin with "AND", "OR", "!AND" or "!OR"`;

type Logic = (conditions: readonly Condition[]) => Condition;

const every: Logic = (conditions) => (subject) => conditions.every((holds) => holds(subject));
const some: Logic = (conditions) => (subject) => conditions.some((holds) => holds(subject));
const not =
  (logic: Logic): Logic =>
  (conditions) => {
    const holds = logic(conditions);
    return (subject) => !holds(subject);
  };
const logics: Readonly<Record<string, Logic>> = {
  AND: every,
  OR: some,
  '!AND': not(every),
  '!OR': not(some),
};

/** The words that a list may begin with; lower case is the same. */
export const logicNames: readonly string[] = Object.keys(logics);

function toLogic(word: unknown): Logic | undefined {
  const name = typeof word === 'string' ? word.toUpperCase() : '';
  return Object.hasOwn(logics, name) ? logics[name] : undefined;
}

function compileList(written: unknown, parsing: Parsing): Condition {
  const { pointer, depth } = parsing;
  if (!Array.isArray(written) || written.length === 0) {
    throw fault(pointer, written, comparisonWords);
  }
  if (depth > maxDepth)
    throw fault(pointer, written, `at most ${maxDepth} lists inside each other`);
  const compileItems = (from: number) =>
    written.slice(from).map((item, index) =>
      compileList(item, {
        ...parsing,
        pointer: pointerTo(pointer, from + index),
        depth: depth + 1,
      }),
    );
  if (Array.isArray(written[0])) return every(compileItems(0));
  const logic = toLogic(written[0]);
  if (!logic) return compileComparison(written, parsing);
  if (written.length < 3) {
    throw fault(pointer, written, `at least two conditions after "${written[0]}"`);
  }
  return logic(compileItems(1));
}

function compileComparison(written: readonly unknown[], parsing: Parsing): Condition {
  const { pointer, count } = parsing;
  count.comparisons += 1;
  if (count.comparisons > maxComparisons) {
    throw fault(pointer, written, `at most ${maxComparisons} comparisons in one condition`);
  }
  const isNegated = written[1] === '!' && written.length === 4;
  const [variable, operator, value] = isNegated ? [written[0], ...written.slice(2)] : written;
  if (written.length !== (isNegated ? 4 : 3)) throw fault(pointer, written, comparisonWords);
  const name = readName(variable, parsing);
  const at = isNegated ? 2 : 1;
  const word = typeof operator === 'string' ? operator.toLowerCase() : '';
  const operation = Object.hasOwn(operations, word) ? operations[word] : undefined;
  if (!operation) throw fault(pointerTo(pointer, at), operator, operatorWords);
  const holds = operation(value, { ...parsing, pointer: pointerTo(pointer, at + 1) });
  return (subject) => {
    subject.spend(stepsOfComparison);
    return holds(subject.read(name), subject) !== isNegated;
  };
}

function readName(variable: unknown, { pointer, unknown }: Parsing): string {
  const at = pointerTo(pointer, 0);
  if (typeof variable !== 'string' || findVariable(variable) === undefined) {
    throw fault(at, variable, variableWords);
  }
  const reason = Object.hasOwn(unknown, variable) ? unknown[variable] : undefined;
  if (reason !== undefined) throw fault(at, variable, `another variable: ${reason}`);
  return variable;
}

type Comparison = (value: string | undefined, subject: ConditionSubject) => boolean;
type Operation = (constant: unknown, context: Parsing) => Comparison;

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
const operatorWords = `one of ${operatorNames.join(', ')}, with "!" in front for its contrary`;

function assertComparable(constant: unknown, pointer: string): void {
  const isComparable = constant === null || ['string', 'number'].includes(typeof constant);
  if (!isComparable) throw fault(pointer, constant, 'a string, a number or null');
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
  if (typeof limit !== 'number') throw fault(pointer, constant, 'a number');
  return (value) => {
    const number = toNumber(value);
    return number !== undefined && compare(number, limit);
  };
}

function createSearch(constant: unknown, context: Parsing, isCaseInsensitive: boolean): Comparison {
  const { pointer, countSteps, count } = context;
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
    subject.spend(size * value.length * (isAscii.test(value) ? 1 : stepsBeyondAscii));
    const finding = find([value]);
    if (finding === 'costly') throw tooCostly();
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

const isAscii = /^[\0-\x7f]*$/;
/** A search looks such characters up in tables of ranges. */
const stepsBeyondAscii = 8;

/** A decimal number, as Lua reads one; hexadecimal numbers and infinities are none here. */
const decimal = /^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?\s*$/i;
const maxNumberCharacters = 64;

function toNumber(text: string | undefined): number | undefined {
  if (text === undefined || text.length > maxNumberCharacters) return undefined;
  return decimal.test(text) ? Number(text) : undefined;
}

/** What a request is refused with whose variables take too long to be compared. */
export function tooCostly(): ProxyError {
  return new ProxyError('MALFORMED_REQUEST', `a condition takes too long: ${costlyReason}`, {
    detail: 'A value that decides about the request is too long',
  });
}

/** Constants are compared with headers and cookies, so they may be secrets; what is long is not quoted. */
function fault(pointer: string, value: unknown, expected: string): DocumentError {
  const found = describeFound(value, pointer, 'picklist');
  return new DocumentError([{ pointer, found, expected }]);
}
