import { attachConsumerLabel } from '../../../functions/proxy/plugins/transformation/attach-consumer-label.ts';
import { thrownBy } from '../../support/builders.ts';
import { preparePlugin, runPlugin, toConsumer } from '../../support/plugin-rig.ts';

const headers = {
  'X-Consumer-Department': '$department',
  'X-Consumer-Role': '$role',
  'X-Name': '$toString',
};

it('sets the labels that the consumer has, and takes all others off', async () => {
  const labels = { department: 'dev\r\nops', company: 'api7' };
  const exchange = { consumer: { ...toConsumer('john', new Map()), labels } };
  const { passed } = await runPlugin(attachConsumerLabel, { headers }, { exchange });

  expect([...(passed?.identity ?? [])]).toEqual([
    ['x-consumer-department', 'dev  ops'],
    ['x-consumer-role', undefined],
    ['x-name', undefined],
  ]);
});

it('passes on a request without a consumer', async () => {
  const { passed } = await runPlugin(attachConsumerLabel, { headers });

  expect(passed?.identity.size).toBe(0);
});

it('names the headers, so that a client’s own are dropped', () => {
  const { identityHeaders } = preparePlugin(attachConsumerLabel, { headers });

  expect(identityHeaders).toEqual(['x-consumer-department', 'x-consumer-role', 'x-name']);
});

it('may set a header that other plugins say who a client is by', () => {
  const own = { 'X-Forwarded-User': '$name' };

  expect(preparePlugin(attachConsumerLabel, { headers: own }).identityHeaders).toEqual([
    'x-forwarded-user',
  ]);
});

test.each([
  [{}, 'headers'],
  [{ headers: {} }, 'at least one header'],
  [{ headers: { 'X-Role': 'role' } }, 'behind a $'],
  [{ headers: { 'X-Role': '$' } }, 'behind a $'],
  [{ headers: { 'X-Consumer-Username': '$role' } }, 'not X-Consumer-Username'],
  [{ headers: { 'X-Consumer-Custom-Id': '$role' } }, 'not X-Consumer-Username'],
  [{ headers: { 'X-Role': '$role', Host: '$role' } }, 'says who a client is'],
  [{ headers: { 'X-Forwarded-For': '$role' } }, 'says who a client is'],
  [{ headers: { x_credential_identifier: '$role' } }, 'not X-Consumer-Username'],
  [{ headers: { Host: '$role' } }, 'says who a client is'],
  [{ headers: { Authorization: '$role' } }, 'says who a client is'],
  [{ headers: { 'X-Amz-Date': '$role' } }, 'says who a client is'],
  [{ headers: { 'a b': '$role' } }, 'says who a client is'],
])('%j is refused', (config, words) => {
  expect(String(thrownBy(() => preparePlugin(attachConsumerLabel, config)))).toContain(words);
});
