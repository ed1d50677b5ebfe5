/** Conditions of a snapshot that the proxy cannot read, though the publisher could. */
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
])('the condition %s of a route takes a request: %s', async (text, outcome) => {
  const conditionAt = await createConditions(toSnapshot(text), new Map());
  const condition = conditionAt(0);
  const subject = condition?.createSubject(toRequest({}));
  const holds = () => condition?.holds(subject as NonNullable<typeof subject>);

  if (outcome === true) expect(holds()).toBe(true);
  else expect(codeThrownBy(holds)).toBe(outcome);
});
