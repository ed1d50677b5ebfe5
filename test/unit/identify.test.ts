import { identify } from '../../functions/proxy/plugins/authentication/identify.ts';
import { toExchange } from '../support/builders.ts';
import { toConsumer } from '../support/plugin-rig.ts';

test('log and upstream learn consumer and credential', () => {
  const consumer = toConsumer('ann', new Map());
  const { record, identity } = identify(toExchange(), { consumer, credentialId: 'c1' });

  expect(record).toMatchObject({ consumer: 'ann', credential: 'c1' });
  expect(identity.get('x-credential-identifier')).toBe('c1');
});
