/** Claims in headers of openid-connect: two different claims never become one header value. */
import { type GuardedRoutes, startGuardedRoutes } from '../../support/guarded-routes.ts';
import {
  createKey,
  createToken,
  type IdentityProvider,
  startIdentityProvider,
} from '../../support/identity-provider.ts';

const key = createKey('key');
let provider: IdentityProvider;
let rig: GuardedRoutes;

beforeAll(async () => {
  provider = await startIdentityProvider([key]);
  rig = await startGuardedRoutes({
    routes: {
      orders: {
        'openid-connect': {
          client_id: 'orders',
          discovery: provider.discovery,
          bearer_only: true,
          claim_headers: { 'X-Claim': 'claim' },
        },
      },
    },
  });
});

afterAll(() => Promise.all([rig.close(), provider.close()]));

/** As an upstream reads it that takes header values for UTF-8. */
async function readArrived(claim: unknown): Promise<string | undefined> {
  const exp = Math.floor(Date.now() / 1000) + 300;
  const token = createToken(key, { iss: provider.issuer, sub: 'user-7', exp, claim });
  const answer = await rig.ask('/orders', [['authorization', `Bearer ${token}`]]);
  expect(answer.status).toBe(200);
  const value = answer.arrived?.headers['x-claim'];
  return value === undefined ? undefined : Buffer.from(value, 'latin1').toString();
}

it.each<[string, unknown, string]>([
  ['ASCII', 'bob', 'bob'],
  ['nothing', '', ''],
  ['letters of Latin-1', 'Jos\u00e9', 'Jos\u00e9'],
  ['other letters', '\u4e2d', '\u4e2d'],
  ['both', '\u00e9\u4e2d', '\u00e9\u4e2d'],
  ['Latin-1 that spells the UTF-8 of another letter', '\u00e4\u00b8\u00ad', '\u00e4\u00b8\u00ad'],
  ['a letter whose low byte is a line break', '\u010a', '\u010a'],
  ['blanks inside', 'a  b', 'a  b'],
  ['a number', 7, '7'],
  ['an object', { a: [1, 'x\ny'] }, '{"a":[1,"x\\ny"]}'],
  ['a list', ['a', 'b', 7], 'a,b,7'],
  ['a list with an item that reads as two', ['a', 'b,admin'], 'a'],
  ['a list with items that a reader would trim', ['a', ' admin', 'admin\n', 'b'], 'a,b'],
  ['a list with an object', ['a', { b: 'c,admin' }], '["a",{"b":"c,admin"}]'],
])('arrives as it is: %s', async (_, claim, arrived) => {
  expect(await readArrived(claim)).toBe(arrived);
});

it.each<[string, unknown]>([
  ['blanks in front', ' admin'],
  ['blanks behind', 'admin '],
  ['a control character at the end', 'admin\0'],
  ['a control character inside', 'ad\u0001min'],
  ['a tab', 'a\tb'],
  ['a line break', 'a\r\nx-user: admin'],
  ['half of a character', 'a\ud800'],
])('does not arrive, since the header would say something else: %s', async (_, claim) => {
  expect(await readArrived(claim)).toBeUndefined();
});
