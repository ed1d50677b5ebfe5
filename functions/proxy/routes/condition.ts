/**
 * The conditions of a route, beside hosts, paths and methods: `vars`, `remote_addr`, `remote_addrs`. Loaded only for tables with a
 * route that has any.
 */
import { pointerTo } from '../documents/document-error.ts';
import type { ProxyRequest } from '../http/message.ts';
import { type ConditionSubject, compileRanges } from '../plugins/comparison.ts';
import { createConditionSubject } from '../plugins/condition-subject.ts';
import {
  type Condition,
  compileExpression,
  type ExpressionContext,
} from '../plugins/expression.ts';
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

/** @returns the variables of a request for which no route has been found yet */
function createSubject(request: ProxyRequest): ConditionSubject {
  return createConditionSubject({
    request,
    consumer: undefined,
    record: { coldStart: false, upstreamTries: 0 },
    ...{ identity: new Map(), reserved: new Set<string>(), carriers: new Set<string>() },
  });
}
