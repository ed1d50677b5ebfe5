/** multi-auth through the built artefact, by the example of Apache APISIX's page. */
import { type GuardedRoutes, startGuardedRoutes } from '../../support/guarded-routes.ts';

let rig: GuardedRoutes;

beforeAll(async () => {
  rig = await startGuardedRoutes({
    routes: {
      anything: {
        'multi-auth': {
          auth_plugins: [
            { 'basic-auth': {} },
            { 'key-auth': { hide_credentials: true, header: 'apikey', query: 'apikey' } },
          ],
        },
        'consumer-restriction': { whitelist: ['consumer1', 'consumer2'] },
      },
    },
    consumers: {
      consumer1: { 'basic-auth': { username: 'consumer1', password: 'consumer1_pwd' } },
      consumer2: {
        plugins: {
          'key-auth': { key: 'consumer2_pwd' },
          'response-rewrite': { headers: { 'X-Own': 'yes' } },
        },
      },
      consumer3: { 'key-auth': { key: 'consumer3_pwd' } },
    },
  });
});

afterAll(() => rig.close());

const basic = (text: string) =>
  ['authorization', `Basic ${Buffer.from(text).toString('base64')}`] as const;

it('lets the consumers of both plugins in, and the upstream learns their names', async () => {
  const first = await rig.ask('/anything', [basic('consumer1:consumer1_pwd')]);
  const second = await rig.ask('/anything?apikey=consumer2_pwd');

  expect([first.status, first.arrived?.headers['x-consumer-username']]).toEqual([200, 'consumer1']);
  expect([second.status, second.arrived?.headers['x-consumer-username']]).toEqual([
    200,
    'consumer2',
  ]);
  expect(second.arrived?.target).toBe('/');
  // Plugins of the consumer run behind it.
  expect(second.header('x-own')).toBe('yes');
});

it.each([
  ['without credentials', [], 401],
  ['with wrong credentials', [basic('consumer1:wrong'), ['apikey', 'wrong']], 401],
  ['of another consumer', [['apikey', 'consumer3_pwd']], 403],
] as const)('a client %s is refused with %s', async (_, headers, status) => {
  const response = await rig.ask('/anything', headers);

  expect([response.status, response.arrived]).toEqual([status, undefined]);
});

it('a client that is refused learns every scheme', async () => {
  const response = await rig.ask('/anything');

  expect(response.header('www-authenticate')).toBe('Basic realm="basic", apikey realm="key"');
});
