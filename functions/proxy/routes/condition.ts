/**
 * The conditions of a route, beside hosts, paths and methods: `vars`, `remote_addr`, `remote_addrs`. Loaded only for tables with a
 * route that has any.
 */
import { pointerTo } from '../documents/document-error.ts';
import { maxTextCharacters } from '../documents/pattern.ts';
import { ProxyError } from '../http/errors.ts';
import { toDashed } from '../http/headers.ts';
import type { ProxyRequest } from '../http/message.ts';
import { type ConditionSubject, compileRanges, tooCostly } from '../plugins/comparison.ts';
import {
  type Condition,
  compileExpression,
  type ExpressionContext,
} from '../plugins/expression.ts';
import { findVariable, headerOf, isForm } from '../plugins/variables.ts';
import type { ConditionFields } from './condition-text.ts';
import type { RouteCondition } from './route.ts';

/** Where a condition stands, and who counts its regular expressions. */
export type ConditionContext = Pick<ExpressionContext, 'pointer' | 'countSteps'>;

/** Plugins find these out, after a route has been found. */
const unknown = {
  consumer_name: 'the consumer is known only after a route has been found',
  route_id: 'the route is not known yet',
};

/** @throws DocumentError */
export function compileCondition(
  { vars, remote_addr, remote_addrs }: ConditionFields,
  { pointer, countSteps }: ConditionContext,
): RouteCondition {
  const conditions: Condition[] = [];
  for (const [name, ranges] of Object.entries({ remote_addr, remote_addrs })) {
    if (ranges === undefined) continue;
    const isInside = compileRanges(ranges, pointerTo(pointer, name));
    conditions.push((subject) => isInside(subject.read('remote_addr')));
  }
  if (vars) {
    const context = { countSteps, unknown, pointer: pointerTo(pointer, 'vars') };
    conditions.push(compileExpression(vars, context));
  }
  return { createSubject, holds: (subject) => conditions.every((holds) => holds(subject)) };
}

const fieldPrefix = 'post_arg_';
/** About as long as so many steps of a search. */
const stepsOfCharacter = 4;
/** Steps of all searches for one request: about 20 ms of CPU. */
const maxSteps = 2_000_000;

/** @returns the variables of a request for which no route has been found yet */
function createSubject(request: ProxyRequest): ConditionSubject {
  const exchange = {
    request,
    consumer: undefined,
    record: { coldStart: false, upstreamTries: 0 },
    ...{ identity: new Map(), reserved: new Set<string>(), carriers: new Set<string>() },
  };
  const values = new Map<string, string | undefined>();
  const assertOneSpelling = createSpellingCheck(request.headers);
  let steps = 0;
  return {
    read(variable) {
      if (values.has(variable)) return values.get(variable);
      spendOn(variable);
      const header = headerOf(variable);
      if (header !== undefined) assertOneSpelling(header);
      const value = findVariable(variable)?.(exchange);
      values.set(variable, value);
      return value;
    },
    spend,
  };

  function spend(more: number): void {
    steps += more;
    if (steps > maxSteps) throw tooCostly(`more than ${maxSteps} steps for all conditions`);
  }

  /** To find one parameter, cookie or field, the whole text is read. */
  function spendOn(variable: string): void {
    const length = toSearchedLength(variable, request);
    if (length > maxTextCharacters && !variable.startsWith(fieldPrefix)) {
      throw tooCostly(`more than ${maxTextCharacters} characters to find ${variable} in`);
    }
    spend(length * stepsOfCharacter);
  }
}

function toSearchedLength(variable: string, request: ProxyRequest): number {
  const { query, headers, body } = request;
  if (variable.startsWith(fieldPrefix)) return isForm(request) ? body.length : 0;
  if (variable.startsWith('arg_')) return query.length;
  return variable.startsWith('cookie_') ? (headers['cookie'] ?? '').length : 0;
}

/**
 * Upstreams that take `x_admin` for `x-admin` must not read another value than a condition.
 *
 * @returns a function that is told of each header that a condition reads. It throws ProxyError `MALFORMED_REQUEST`
 */
function createSpellingCheck(headers: ProxyRequest['headers']): (name: string) => void {
  let counts: ReadonlyMap<string, number> | undefined;
  return (name) => {
    counts ??= countSpellings(headers);
    if ((counts.get(name) ?? 0) <= (Object.hasOwn(headers, name) ? 1 : 0)) return;
    throw new ProxyError('MALFORMED_REQUEST', `the header ${name} has another spelling`, {
      detail: 'A header that decides about the request occurs in another spelling',
    });
  };
}

/** @returns how many names are read as one name */
function countSpellings(headers: ProxyRequest['headers']): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of Object.keys(headers)) {
    const dashed = toDashed(name);
    counts.set(dashed, (counts.get(dashed) ?? 0) + 1);
  }
  return counts;
}
