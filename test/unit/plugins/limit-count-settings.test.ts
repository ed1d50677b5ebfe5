import { limitCount } from '../../../functions/proxy/plugins/traffic/limit-count.ts';
import { thrownBy, toServices } from '../../support/builders.ts';
import { preparePlugin } from '../../support/plugin-rig.ts';

const one = { count: 1, time_window: 10 };

test('a limit is known by its name', () => {
  expect(preparePlugin(limitCount, one).name).toBe('limit-count');
});

test('a table that the environment does not name is no table to count in', () => {
  const services = toServices();
  const limits = { ...services.limits, table: undefined };
  const written = { ...one, policy: 'dynamodb' };
  const attempt = () =>
    limitCount.prepare(written, { ...services, limits }, { pointer: '/x', written });

  expect(thrownBy(attempt)).toMatchObject({
    issues: [{ pointer: '/x/policy', found: '"dynamodb"' }],
  });
});

test.each<[object, string, string]>([
  [{}, '', 'count and time_window, or rules'],
  [{ count: 1 }, '', 'count and time_window, or rules'],
  [{ time_window: 1 }, '', 'count and time_window, or rules'],
  [{ ...one, rules: [{ ...one, key: '$uri' }] }, '', 'count and time_window, or rules'],
  [{ ...one, key: 'nothing' }, '/key', 'key_type "constant" counts all'],
  [{ ...one, key: 'uri', key_type: 'var_combination' }, '/key', 'a combination such as'],
  [{ ...one, key_type: 'x' }, '/key_type', 'var'],
  [{ ...one, group: '' }, '/group', 'a name'],
  [{ ...one, policy: 'redis' }, '/policy', 'local or dynamodb'],
  [
    {
      rules: [
        { ...one, key: '$uri' },
        { ...one, key: 'uri' },
      ],
    },
    '/rules/1/key',
    'combination',
  ],
  [{ rules: [{ ...one, key: '$uri', header_prefix: 'a b' }] }, '/rules/0/header_prefix', 'letters'],
])('the settings %j are refused at %s', (config, at, expected) => {
  const { issues } = thrownBy(() => preparePlugin(limitCount, config)) as {
    issues: { pointer: string; expected: string }[];
  };

  expect(issues[0]?.pointer).toContain(at);
  expect(issues[0]?.expected).toContain(expected);
});
