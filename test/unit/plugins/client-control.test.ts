import { clientControl } from '../../../functions/proxy/plugins/traffic/client-control.ts';
import { thrownBy } from '../../support/builders.ts';
import { preparePlugin, verdictOf } from '../../support/plugin-rig.ts';

test.each([
  [{ max_body_size: 1 }, '1', 'passed'],
  [{ max_body_size: 1 }, '12', 'BODY_TOO_LARGE'],
  [{ max_body_size: 1 }, '', 'passed'],
  [{ max_body_size: 0 }, '123', 'passed'],
  [{}, '123', 'passed'],
])('with %j, a body "%s": %s', async (config, body, expected) => {
  const parts = { request: { body: Buffer.from(body) } };

  expect(await verdictOf(clientControl, config, parts)).toBe(expected);
});

test('a size below 0 is refused', () => {
  expect(String(thrownBy(() => preparePlugin(clientControl, { max_body_size: -1 })))).toContain(
    'from 0',
  );
});
