/**
 * The conditions of a route, beside hosts, paths and methods: `vars`, `remote_addr`, `remote_addrs`. Loaded only for tables with a
 * route that has any.
 */
import { pointerTo } from '../documents/document-error.ts';
import { maxTextCharacters } from '../documents/pattern.ts';
import type { ProxyRequest } from '../http/message.ts';
import {
  type Condition,
  type ConditionSubject,
  compileExpression,
  compileRanges,
  type ExpressionContext,
  tooCostly,
} from '../plugins/expression.ts';
import { findVariable } from '../plugins/variables.ts';
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

/** Steps of all searches for one request: about 50 ms of CPU. */
const maxSteps = 5_000_000;

/** @returns the variables of a request for which no route has been found yet */
function createSubject(request: ProxyRequest): ConditionSubject {
  const exchange = {
    request,
    consumer: undefined,
    record: { coldStart: false, upstreamTries: 0 },
    ...{ identity: new Map(), reserved: new Set<string>(), carriers: new Set<string>() },
  };
  const values = new Map<string, string | undefined>();
  let steps = 0;
  return {
    read(variable) {
      const known = values.get(variable);
      if (known !== undefined || values.has(variable)) return known;
      assertShort(variable, request);
      const value = findVariable(variable)?.(exchange);
      values.set(variable, value);
      return value;
    },
    spend(more) {
      steps += more;
      if (steps > maxSteps) throw tooCostly();
    },
  };
}

/** To find one parameter, the whole query is read. */
function assertShort(variable: string, { query, headers }: ProxyRequest): void {
  const text = variable.startsWith('arg_') ? query : (headers['cookie'] ?? '');
  const isSearched = /^(?:arg|cookie)_/.test(variable);
  if (isSearched && text.length > maxTextCharacters) throw tooCostly();
}
