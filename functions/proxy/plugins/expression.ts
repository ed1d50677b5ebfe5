/**
 * Conditions on the variables of a request, in the notation of APISIX (its library lua-resty-expr): `[["arg_env", "==", "beta"]]`.
 * docs/route-documents.md, "Conditions".
 */
import { pointerTo } from '../documents/document-error.ts';
import {
  type ComparisonContext,
  type ConditionSubject,
  fault,
  findOperation,
  operatorWords,
} from './comparison.ts';
import { findVariable, variableWords } from './variables.ts';

/** Whether a condition holds. */
export type Condition = (subject: ConditionSubject) => boolean;

/** What compiling an expression needs. */
export interface ExpressionContext extends Omit<ComparisonContext, 'count'> {
  /** Variables without a value where the expression is evaluated, and why. */
  readonly unknown: Readonly<Record<string, string>>;
  /** Whether there is a variable beside those of a request. @default none */
  readonly isMore?: (name: string) => boolean;
}

/** Lists inside lists: more than anyone reads. */
const maxDepth = 10;
const maxComparisons = 100;
/** About as long as so many steps of a search. */
const stepsOfComparison = 20;

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
  const operation = findOperation(operator);
  if (!operation) throw fault(pointerTo(pointer, at), operator, operatorWords);
  const holds = operation(value, { ...parsing, pointer: pointerTo(pointer, at + 1) });
  return (subject) => {
    subject.spend(stepsOfComparison);
    return holds(subject.read(name), subject) !== isNegated;
  };
}

function readName(variable: unknown, { pointer, unknown, isMore }: Parsing): string {
  const at = pointerTo(pointer, 0);
  const isKnown = (name: string) => isMore?.(name) || findVariable(name) !== undefined;
  if (typeof variable !== 'string' || !isKnown(variable)) {
    throw fault(at, variable, variableWords);
  }
  const reason = Object.hasOwn(unknown, variable) ? unknown[variable] : undefined;
  if (reason !== undefined) throw fault(at, variable, `another variable: ${reason}`);
  return variable;
}
