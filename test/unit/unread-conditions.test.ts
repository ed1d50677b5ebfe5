/** Conditions of routes in a snapshot, also those that the proxy cannot read, though the publisher could. */
import { compileCondition } from '../../functions/proxy/routes/condition.ts';
import {
  parseConditionText,
  toConditionText,
} from '../../functions/proxy/routes/condition-text.ts';
import { createConditions } from '../../functions/proxy/routes/snapshot/conditions.ts';
import type { Snapshot } from '../../functions/proxy/routes/snapshot/read.ts';
import { codeThrownBy, toRequest } from '../support/builders.ts';

const toSnapshot = (condition: string | undefined) =>
  ({
    header: { hasConditions: true },
    routeAt: () => ({ document: 0, place: 0, isAvailable: true }),
    documentAt: () => ({ routes: [{ condition }] }),
  }) as unknown as Snapshot;

test.each<[string | undefined, true | string]>([
  ['{"vars":[["arg_a","==",null]]}', true],
  [undefined, true],
  ['{"vars":[["arg_a","<",null]]}', 'ROUTES_UNAVAILABLE'],
  ['{"vars":[["balancer_ip","==","1"]]}', 'ROUTES_UNAVAILABLE'],
])('the condition %s of a route takes a request: %s', (text, outcome) => {
  const conditionAt = createConditions(toSnapshot(text), new Map());
  const condition = conditionAt(0);
  const subject = condition?.createSubject(toRequest({}));
  const holds = () => condition?.holds(subject as NonNullable<typeof subject>);

  if (outcome === true) expect(holds()).toBe(true);
  else expect(codeThrownBy(holds)).toBe(outcome);
});

test('every condition of a route has to hold, as it is written and as its place keeps it', () => {
  const fields = { vars: [['arg_a', '==', '1']], remote_addr: '192.0.2.0/24' };
  const context = { pointer: '', countSteps() {} };
  for (const each of [fields, parseConditionText(toConditionText(fields))]) {
    const { createSubject, holds } = compileCondition(each, context);
    const ask = (query: string, clientIp: string) =>
      holds(createSubject(toRequest({ query, clientIp, sourceIp: clientIp })));

    expect([ask('a=1', '192.0.2.7'), ask('a=2', '192.0.2.7'), ask('a=1', '10.0.0.1')]).toEqual([
      ...[true, false, false],
    ]);
  }
});
