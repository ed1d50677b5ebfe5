// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables as documents write them.
/** Amounts of limits that requests say: a client lifts no limit, and a plugin of the route may. */
import { type Guarded, headers, startGuarded } from '../../support/guarded.ts';
import { startUpstream, type Upstream } from '../../support/upstream.ts';

let rig: Guarded;
let authorizer: Upstream;

beforeAll(async () => {
  authorizer = await startUpstream({
    answer: (_, response) => {
      response.setHeader('x-quota', '4').end();
    },
  });
  const count = (more: object) => ({
    'limit-count': { time_window: 3600, rejected_code: 429, ...more },
  });
  const asked = { 'forward-auth': { uri: `${authorizer.url}/`, upstream_headers: ['x-quota'] } };
  rig = await startGuarded(
    {
      default: count({ count: '${http_x_quota ?? 2}' }),
      windows: count({ count: 2, time_window: '${http_x_window ?? 3600}' }),
      rules: {
        'limit-count': {
          rules: [
            { count: '${http_x_quota ?? 2}', time_window: 3600, key: '${http_user ?? anybody}' },
          ],
          rejected_code: 429,
        },
      },
      none: count({ count: '$http_x_quota', allow_degradation: true }),
      said: { ...asked, ...count({ count: '$http_x_quota' }) },
      sliding: count({ count: 2, time_window: 31_536_000, window_type: 'sliding' }),
    },
    { maxEnvironments: 1 },
  );
});

afterAll(() => Promise.all([rig.close(), authorizer.close()]));

const statusesOf = async (route: string, all: readonly (readonly [string, string])[][]) => {
  const statuses: number[] = [];
  for (const own of all) statuses.push((await rig.ask(route, headers(...own))).status);
  return statuses;
};
const quota = (value: string) => [['x-quota', value]] as const;

it('no value of a client lifts a limit beyond the default', async () => {
  const sent = ['1000000', '9'.repeat(300), '1e9', '-1', 'many'].map((value) => [...quota(value)]);

  expect(await statusesOf('default', sent)).toEqual([200, 200, 429, 429, 429]);
  const { header } = await rig.ask('default', headers(...quota('1')));
  expect(header('x-ratelimit-limit')).toBe('1');
});

it('a new window with each request is the window of the document', async () => {
  const sent = ['1', '2', '3', '7200'].map((value) => [['x-window', value] as const]);

  expect(await statusesOf('windows', sent)).toEqual([200, 200, 429, 429]);
});

it('a rule counts clients without its header under the default', async () => {
  const ann = ['user', 'ann'] as const;

  expect(await statusesOf('rules', [[], [...quota('9')], [], [ann], [ann, ...quota('1')]])).toEqual(
    [200, 200, 429, 200, 429],
  );
});

it('without a default a client is refused, whatever it sends', async () => {
  expect(await statusesOf('none', [[], [...quota('1')], [...quota('many')]])).toEqual([
    503, 503, 503,
  ]);
});

it('what an authorizer says counts, and what the client says in its place does not', async () => {
  const sent = ['1', '1000000', 'many', '1', '1'].map((value) => [...quota(value)]);

  expect(await statusesOf('said', sent)).toEqual([200, 200, 200, 200, 429]);
});

it('a sliding limit refuses, and says when the next request may pass', async () => {
  expect(await statusesOf('sliding', [[], [], []])).toEqual([200, 200, 429]);
  const { header } = await rig.ask('sliding');
  expect(Number(header('retry-after'))).toBeGreaterThan(0);
});
