/** jwt-auth through the built artefact: what it lets in, where it looks, and what it hides. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { eventually } from '../../support/eventually.ts';
import { type GuardedRoutes, startGuardedRoutes } from '../../support/guarded-routes.ts';
import {
  algorithms,
  bearer,
  forgeToken,
  hmacSecret,
  jwtConsumers,
  signToken,
  signWith,
  toPem,
} from '../../support/jwt-signers.ts';

const nowSeconds = Math.floor(Date.now() / 1000);
const key = 'key-of-HS256';

let rig: GuardedRoutes;
let good: string;

beforeAll(async () => {
  good = await signToken('HS256', { key });
  rig = await startGuardedRoutes({
    reloads: true,
    routes: {
      plain: { 'jwt-auth': {} },
      hidden: { 'jwt-auth': { hide_credentials: true, realm: 'orders' } },
      named: {
        'jwt-auth': {
          header: 'X-Token',
          query: 'token',
          cookie: '__Host-token',
          key_claim_name: 'iss',
          hide_credentials: true,
        },
      },
      timeless: { 'jwt-auth': { claims_to_verify: ['nbf'] } },
      listed: { 'jwt-auth': { claims_to_verify: ['exp', 'nbf'] } },
      unlisted: { 'jwt-auth': { claims_to_verify: [] } },
      lenient: { 'jwt-auth': { anonymous_consumer: 'guest' } },
    },
    consumers: {
      ...jwtConsumers,
      // Document, secret and token of Apache APISIX's own tests (t/plugin/jwt-auth.t).
      jack: { 'jwt-auth': { key: 'user-key', secret: 'my-secret-key' } },
      encoded: {
        'jwt-auth': {
          key: 'encoded',
          secret: Buffer.from(hmacSecret).toString('base64'),
          base64_secret: true,
          exp: 60,
        },
      },
      late: { 'jwt-auth': { key: 'late', secret: hmacSecret, lifetime_grace_period: 600 } },
      guest: { plugins: {} },
    },
  });
});

afterAll(() => rig.close());

const statusesOf = async (asked: readonly Promise<{ readonly status: number }>[]) =>
  (await Promise.all(asked)).map(({ status }) => status);

it.each(algorithms)('%s: lets in what the consumer has signed', async (algorithm) => {
  const times = { exp: nowSeconds + 600, nbf: nowSeconds - 600 };
  const token = await signToken(algorithm, { key: `key-of-${algorithm}`, ...times });
  const answer = await rig.ask('/plain', bearer(token));

  expect([answer.status, answer.arrived?.headers['x-consumer-username']]).toEqual([200, algorithm]);
});

it("takes the token of APISIX's own tests, wherever it stands", async () => {
  const token =
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJrZXkiOiJ1c2VyLWtleSIsImV4cCI6MTg3OTMxODU0MX0.fNtFJnNmJgzbiYmGB0Yjvm-l6A6M4jRV1l4mnVFSYjs';
  const statuses = await statusesOf([
    rig.ask('/plain', bearer(token)),
    rig.ask('/plain', [['Authorization', token]]),
    rig.ask('/plain', [['Authorization', `bearer ${token}`]]),
    rig.ask(`/plain?jwt=${token}`),
    rig.ask('/plain', [['Cookie', `jwt=${token}`]]),
    rig.ask('/plain', bearer(`invalid-${token}`)),
  ]);

  expect(statuses).toEqual([200, 200, 200, 200, 200, 401]);
});

it('a token goes by the grace of its consumer, and by the claims that the route looks at', async () => {
  const late = { key: 'late', exp: nowSeconds - 300, nbf: nowSeconds + 300 };
  const tokens = await Promise.all([
    signToken('HS256', late),
    signToken('HS256', { ...late, exp: nowSeconds - 700 }),
    signToken('HS256', { ...late, nbf: nowSeconds + 700 }),
  ]);
  const expired = await signToken('HS256', { key, exp: nowSeconds - 300 });
  const tooEarly = await signToken('HS256', { key, nbf: nowSeconds + 600 });
  const began = await signToken('HS256', { key, exp: nowSeconds - 300, nbf: nowSeconds - 600 });

  expect(await statusesOf(tokens.map((token) => rig.ask('/plain', bearer(token))))).toEqual([
    200, 401, 401,
  ]);
  expect((await rig.ask('/timeless', bearer(began))).status).toBe(200);
  expect((await rig.ask('/timeless', bearer(expired))).status).toBe(401);
  expect((await rig.ask('/timeless', bearer(tooEarly))).status).toBe(401);
});

it('an empty list of claims is no list: an expired token is refused, one without times is not', async () => {
  const expired = await signToken('HS256', { key, exp: nowSeconds - 300 });
  const tooEarly = await signToken('HS256', { key, nbf: nowSeconds + 600 });

  expect(
    await statusesOf([expired, tooEarly, good].map((token) => rig.ask('/unlisted', bearer(token)))),
  ).toEqual([401, 401, 200]);
});

it('a claim that the route lists has to be in the token', async () => {
  const times = { exp: nowSeconds + 600, nbf: nowSeconds - 600 };
  const tokens = await Promise.all([
    signToken('HS256', { key, ...times }),
    signToken('HS256', { key, exp: times.exp }),
    signToken('HS256', { key, nbf: times.nbf }),
    signToken('HS256', { key, ...times, exp: null }),
    good,
  ]);

  expect(await statusesOf(tokens.map((token) => rig.ask('/listed', bearer(token))))).toEqual([
    200, 401, 401, 401, 401,
  ]);
});

it('a secret in base64 counts as its bytes', async () => {
  const token = await signToken('HS256', { key: 'encoded' });
  const text = Buffer.from(hmacSecret).toString('base64');
  const asText = forgeToken({ alg: 'HS256' }, { key: 'encoded' }, text);

  expect((await rig.ask('/plain', bearer(token))).status).toBe(200);
  expect((await rig.ask('/plain', bearer(asText))).status).toBe(401);
});

it('reads header, query and cookie by the names that the route gives them', async () => {
  const token = await signToken('HS256', { iss: key });
  const statuses = await statusesOf([
    rig.ask('/named', [['x-token', token]]),
    rig.ask(`/named?token=${token}`),
    rig.ask(`/named?to%6ben=${token}`),
    rig.ask('/named', [['Cookie', `a=b; __Host-token=${token}`]]),
    rig.ask('/named', bearer(token)),
    rig.ask(`/named?jwt=${token}`),
    rig.ask('/named', [['x_token', token]]),
  ]);

  expect(statuses).toEqual([200, 200, 200, 200, 401, 401, 401]);
});

it('the header takes precedence over the query, and the query over the cookie; a repeated one is not a token', async () => {
  const cookie: [string, string][] = [['Cookie', `jwt=${good}`]];
  const statuses = await statusesOf([
    rig.ask('/plain?jwt=x', bearer(good)),
    rig.ask(`/plain?jwt=${good}`, bearer('x')),
    rig.ask('/plain?jwt=x', cookie),
    rig.ask(`/plain?jwt=${good}&jwt=${good}`),
    rig.ask('/plain', [['Cookie', `jwt=${good}; jwt=${good}`]]),
    rig.ask('/plain', [...bearer(good), ...bearer(good)]),
  ]);

  expect(statuses).toEqual([200, 401, 401, 401, 401, 401]);
});

it('hides the token wherever it stands, and nothing else', async () => {
  const { arrived } = await rig.ask(`/hidden/x?a=1&jwt=${good}&b=%20`, [
    ...bearer(good),
    ['Cookie', `a=1; jwt=${good}; b=2`],
  ]);
  const shown = await rig.ask('/plain', bearer(good));
  const onlyCookie = await rig.ask('/hidden', [['Cookie', `jwt=${good}`]]);

  expect(arrived?.target).toBe('/x?a=1&b=%20');
  expect(arrived?.headers['cookie']).toBe('a=1; b=2');
  expect(JSON.stringify(arrived)).not.toContain(good.split('.')[2]);
  expect(shown.arrived?.headers['x-original-authorization']).toBe(`Bearer ${good}`);
  expect(onlyCookie.arrived?.headers).not.toHaveProperty('cookie');
});

it('treats a client without a token as the anonymous consumer, and refuses a bad token', async () => {
  const nothing = await rig.ask('/lenient');
  const missing = await rig.ask('/hidden');

  expect(nothing.arrived?.headers['x-consumer-username']).toBe('guest');
  expect((await rig.ask('/lenient', bearer('x'))).status).toBe(401);
  expect((await rig.ask('/lenient', bearer(''))).status).toBe(401);
  expect([missing.status, missing.detail]).toEqual([401, 'Missing JWT token in request']);
  expect(missing.header('www-authenticate')).toBe('Bearer realm="orders"');
});

it('names the consumer in the log, and writes no token there', async () => {
  await rig.ask('/plain', bearer(good));
  await rig.artefact.logged({ consumer: 'HS256', status: 200 });

  expect(rig.artefact.text()).not.toContain(good.split('.')[2]);
  expect(rig.artefact.text()).not.toContain(hmacSecret);
});

it('a consumer whose public key is replaced is known by the new one only', async () => {
  const [old, next] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
  const put = (publicKey: KeyObject) =>
    rig.artefact.putConsumer('rotated', {
      plugins: {
        'jwt-auth': { key: 'rotated', algorithm: 'EdDSA', public_key: toPem(publicKey) },
      },
    });
  const ask = async (privateKey: KeyObject) => {
    const token = await signWith(privateKey, { key: 'rotated' }, { alg: 'EdDSA' });
    return (await rig.ask('/plain', bearer(token))).status;
  };

  put(old.publicKey);
  await eventually(async () => (await ask(old.privateKey)) === 200);
  expect(await ask(next.privateKey)).toBe(401);

  put(next.publicKey);
  await eventually(async () => (await ask(next.privateKey)) === 200);
  // Another environment may take its time.
  await eventually(async () => (await ask(old.privateKey)) === 401);
});
