import type { ProxyError } from '../../../functions/proxy/http/errors.ts';
import { openidConnect } from '../../../functions/proxy/plugins/authentication/openid-connect/openid-connect.ts';
import { toExchange, toRequest, toResponse, toServices } from '../../support/builders.ts';
import { createFakePool, parseRequest } from '../../support/fake-pool.ts';
import {
  createKey,
  createToken,
  type SigningKey,
  toKeySet,
} from '../../support/identity-provider.ts';

const nowSeconds = 1_767_323_045;
const issuer = 'https://id.example.com/';
const discovery = `${issuer}.well-known/openid-configuration?v=1`;
const base = { discovery, client_id: 'orders', bearer_only: true };
const key = createKey('first', 'EdDSA');
const stranger = createKey('first', 'EdDSA');
const toHttp = (value: unknown, status = 200) => {
  const body = typeof value === 'string' ? value : JSON.stringify(value);
  return `HTTP/1.1 ${status} x\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
};
const metadata = { issuer, jwks_uri: `${issuer}keys` };

/** A provider that plays answers in turn, and then begins again. */
function prepare(config: object = {}, answers: readonly string[] = answersOf([key])) {
  let asked = 0;
  const clock = { ms: nowSeconds * 1000 };
  const pool = createFakePool(() => {
    asked += 1;
    return answers[(asked - 1) % answers.length] ?? '';
  });
  const services = {
    ...toServices({ pool, allowedHosts: 'listed.example.com' }),
    now: () => clock.ms,
  };
  const written = { ...base, ...config };
  const prepared = openidConnect.prepare(written, services, { pointer: '/it', written });
  const send = async (headers: Record<string, string>) => {
    let handed: ReadonlyMap<string, string | undefined> | undefined;
    const exchange = toExchange({ request: toRequest({ headers }) });
    try {
      await prepared.middleware(exchange, async ({ identity }) => {
        handed = identity;
        return toResponse();
      });
      return { identity: handed, error: undefined };
    } catch (error) {
      return { identity: handed, error: error as ProxyError };
    }
  };
  const ask = async (claims: object = {}, signer: SigningKey = key, header: object = {}) =>
    send({ authorization: `Bearer ${tokenOf(claims, signer, header)}` });
  return {
    send,
    ask,
    prepared,
    services,
    clock,
    requests: () => pool.requests().map(parseRequest),
  };
}

const answersOf = (keys: readonly SigningKey[]) => [toHttp(metadata), toHttp(toKeySet(keys))];

function tokenOf(claims: object = {}, signer: SigningKey = key, header: object = {}): string {
  const usual = { iss: issuer, sub: 'user-7', aud: 'orders', exp: nowSeconds + 300 };
  return createToken(signer, { ...usual, ...claims }, { ...header });
}

type Prepared = ReturnType<typeof prepare>;
const codeOf = async (attempt: ReturnType<Prepared['ask']>) =>
  (await attempt).error?.code ?? 'passes';
const unauthenticated = 'UNAUTHENTICATED';
const forbidden = 'FORBIDDEN';

test('the provider is asked for its issuer, and there for its keys, once for all tokens', async () => {
  const { ask, requests, services } = prepare();

  expect([await codeOf(ask()), await codeOf(ask())]).toEqual(['passes', 'passes']);
  const asked = requests().map(({ line, header }) => [line, header('host'), header('accept')]);
  const [host, accept] = [['id.example.com'], ['application/json']];
  expect(asked).toEqual([
    ['GET /.well-known/openid-configuration?v=1 HTTP/1.1', host, accept],
    ['GET /keys HTTP/1.1', host, accept],
  ]);
  const settings = { keepalive: true, poolSize: 1, idleTimeoutMs: 20_000, verifyTls: true };
  expect(services.connections).toEqual([{ hostname: 'id.example.com', settings }]);
});

test('keys of another host are asked for over its own connections', async () => {
  const elsewhere = toHttp({ issuer, jwks_uri: 'https://keys.example.com/k' });
  const { ask, services } = prepare({}, [elsewhere, toHttp(toKeySet([key]))]);

  expect(await codeOf(ask())).toBe('passes');
  expect(services.connections.map(({ hostname }) => hostname)).toEqual([
    'id.example.com',
    'keys.example.com',
  ]);
});

test.each<[string, object, SigningKey, object, string]>([
  ['of a stranger', {}, stranger, {}, unauthenticated],
  ['of another issuer', { iss: 'https://x/' }, key, {}, unauthenticated],
  ['without a signature', {}, key, { alg: 'none' }, unauthenticated],
  ['with the published key as a secret', {}, key, { alg: 'HS256' }, unauthenticated],
  ['that has no end', { exp: undefined }, key, {}, unauthenticated],
  ['that ended just now', { exp: nowSeconds - 119 }, key, {}, 'passes'],
  ['that ended two minutes ago', { exp: nowSeconds - 120 }, key, {}, unauthenticated],
  ['that begins in two minutes', { nbf: nowSeconds + 120 }, key, {}, 'passes'],
  ['that begins later', { nbf: nowSeconds + 121 }, key, {}, unauthenticated],
  ['for another audience, which is not checked', { aud: 'x' }, key, {}, 'passes'],
])('a token %s', async (_, claims, signer, header, expected) => {
  expect(await codeOf(prepare().ask(claims, signer, header))).toBe(expected);
});

test('slack and algorithms are those of the document', async () => {
  const exact = prepare({ iat_slack: 0 });
  const others = prepare({ token_signing_alg_values_expected: 'RS256, ES256' });

  expect(await codeOf(exact.ask({ exp: nowSeconds }))).toBe(unauthenticated);
  expect(await codeOf(others.ask())).toBe(unauthenticated);
});

test.each<[string, Record<string, string>, string]>([
  ['in Authorization', { authorization: `bEARER  ${tokenOf()}` }, 'passes'],
  ['in X-Access-Token', { 'x-access-token': tokenOf() }, 'passes'],
  [
    'beside another Authorization',
    { authorization: 'Basic x', 'x-access-token': tokenOf() },
    'missing',
  ],
  ['after other text', { authorization: `x Bearer ${tokenOf()}` }, 'missing'],
  ['nowhere', {}, 'missing'],
  ['that is none', { authorization: 'Bearer x' }, 'invalid'],
  ['that is empty', { authorization: 'Bearer ' }, 'invalid'],
])('a token %s', async (_, headers, expected) => {
  const { error } = await prepare().send(headers);

  const kind = /Missing/.test(error?.detail ?? '') ? 'missing' : 'invalid';
  expect(error === undefined ? 'passes' : kind).toBe(expected);
});

test.each([
  [16 * 1024, false],
  [16 * 1024 + 1, true],
])('a token of %i characters is too long: %s', async (length, isTooLong) => {
  const { error } = await prepare().send({ authorization: `Bearer ${'x'.repeat(length)}` });

  expect(error?.message.includes('too long')).toBe(isTooLong);
});

test('a challenge tells the realm, and the kind of the error only', async () => {
  const [plain, own] = [prepare(), prepare({ realm: 'shop' })];
  const challenge = async (attempt: ReturnType<Prepared['send']>) =>
    (await attempt).error?.headers['www-authenticate'];

  expect(await challenge(plain.send({}))).toBe('Bearer realm="apisix"');
  expect(await challenge(own.send({}))).toBe('Bearer realm="shop"');
  expect(await challenge(own.ask({}, stranger))).toBe('Bearer realm="shop", error="invalid_token"');
  expect((await own.ask({}, stranger)).error).toMatchObject({
    detail: 'The bearer token is not valid',
    message: 'openid-connect: signature verification failed',
  });
});

const validator = (audience: object) => ({ claim_validator: { audience } });

test.each<[object, object, string]>([
  [{ match_with_client_id: true }, { aud: 'orders' }, 'passes'],
  [{ match_with_client_id: true }, { aud: ['x', 'orders'] }, 'passes'],
  [{ match_with_client_id: true }, { aud: 'x' }, unauthenticated],
  [{ match_with_client_id: true }, { aud: undefined }, unauthenticated],
  [{ valid_audiences: ['a', '7'] }, { aud: 'a' }, 'passes'],
  [{ valid_audiences: ['a', '7'] }, { aud: 7 }, 'passes'],
  [{ valid_audiences: ['a'] }, { aud: 'orders' }, unauthenticated],
  [{ valid_audiences: ['a'], match_with_client_id: true }, { aud: 'orders' }, 'passes'],
  [{ valid_audiences: ['a'], claim: 'azp' }, { azp: 'a' }, 'passes'],
  [{ valid_audiences: ['a'], claim: 'azp' }, { aud: 'a' }, unauthenticated],
  [{ required: true }, { aud: 'x' }, 'passes'],
  [{ required: true }, { aud: undefined }, unauthenticated],
  [{}, { aud: undefined }, 'passes'],
])('under the audience %j a token with %j: %s', async (audience, claims, expected) => {
  expect(await codeOf(prepare(validator(audience)).ask(claims))).toBe(expected);
});

test('a document that checks no audience is warned of', () => {
  const [{ services }, checked] = [prepare(), prepare(validator({ required: true }))];

  expect(services.warnings).toEqual([expect.stringContaining('checks no audience')]);
  expect(checked.services.warnings).toEqual([]);
});

test.each<[object, object, string]>([
  [{ role: 'admin' }, { role: 'admin' }, 'passes'],
  [{ role: ['admin', 'ops'] }, { role: 'ops' }, 'passes'],
  [{ role: 'admin' }, { role: ['x', 'admin'] }, 'passes'],
  [{ role: '7' }, { role: 7 }, 'passes'],
  [{ 'realm.role': 'a' }, { realm: { role: 'a' } }, 'passes'],
  [{ 'realm.role': 'a' }, { 'realm.role': 'a' }, 'passes'],
  [{ 'realm.role': 'a' }, { 'realm.role': null, realm: { role: 'a' } }, forbidden],
  [{ 'realm.role': 'a' }, { realm: 'role' }, forbidden],
  [{ 'realm.role': 'null' }, { realm: { role: null } }, forbidden],
  [{ role: 'admin' }, { role: 'x' }, forbidden],
  [{ role: 'undefined' }, {}, forbidden],
  [{ role: 'a', team: 'b' }, { role: 'a' }, forbidden],
  [{ 'realm.constructor.name': 'Object' }, { realm: {} }, forbidden],
  [{ 'realm.length': '4' }, { realm: 'role' }, forbidden],
  [{ 'realm.role': 'a' }, { realm: null }, forbidden],
])('with required claims %j a token with %j: %s', async (required_claims, claims, expected) => {
  const { error } = await prepare({ required_claims }).ask(claims);

  expect(error?.code ?? 'passes').toBe(expected);
  expect(error?.detail ?? '').toMatch(/^$|claims that are required/);
});

test.each<[string[], object, string]>([
  [['a'], { scope: 'a b' }, 'passes'],
  [['read', 'write'], { scope: 'write  read' }, 'passes'],
  [['a'], { scp: ['a'] }, 'passes'],
  [['7'], { scp: [7] }, 'passes'],
  [['a'], { scope: 'b', scp: 'a' }, forbidden],
  [['a', 'b'], { scope: 'a' }, forbidden],
  [['a'], { scope: 7 }, forbidden],
  [['a'], {}, forbidden],
])('with required scopes %j a token with %j: %s', async (required_scopes, claims, expected) => {
  const { error } = await prepare({ required_scopes, realm: 'shop' }).ask(claims);

  expect(error?.code ?? 'passes').toBe(expected);
  if (error) {
    const scope = required_scopes.join(' ');
    expect(error.detail).toMatch(/scopes that are required/);
    expect(error.headers['www-authenticate']).toBe(
      `Bearer realm="shop", error="insufficient_scope", scope="${scope}"`,
    );
  }
});

test('scopes that a header cannot quote are left out of the challenge', async () => {
  const { error } = await prepare({ required_scopes: ['a"b\\é'] }).ask();

  expect(error?.headers['www-authenticate']).toContain('scope="ab"');
});

test('the claims of a token go upstream as headers that only the plugin sets', async () => {
  const token = tokenOf({ roles: ['a', 'b'] });
  const config = { claim_headers: { 'X-Roles': 'roles', 'x-none': 'none' } };
  const { identity } = await prepare(config).send({ authorization: `Bearer ${token}` });

  const userinfo = JSON.parse(Buffer.from(identity?.get('x-userinfo') ?? '', 'base64').toString());
  expect(userinfo).toMatchObject({ sub: 'user-7', roles: ['a', 'b'] });
  expect([...(identity ?? [])].slice(1)).toEqual([
    ['x-access-token', token],
    ['x-id-token', undefined],
    ['x-refresh-token', undefined],
    ['x-roles', 'a,b'],
    ['x-none', undefined],
  ]);
});

test('userinfo and token go upstream only where the document says so', async () => {
  const config = { set_userinfo_header: false, set_access_token_header: false };
  const { identity } = await prepare(config).ask();

  expect([identity?.get('x-userinfo'), identity?.get('x-access-token')]).toEqual([
    undefined,
    undefined,
  ]);
});

test('a client without a token passes where the document says so, and claims nothing', async () => {
  const config = { unauth_action: 'pass', claim_headers: { 'x-sub': 'sub' } };
  const { send, ask, prepared } = prepare(config);
  const { identity } = await send({});

  const names = ['x-userinfo', 'x-access-token', 'x-id-token', 'x-refresh-token', 'x-sub'];
  expect([...(identity ?? [])]).toEqual(names.map((name) => [name, undefined]));
  expect(await codeOf(ask({}, stranger))).toBe(unauthenticated);
  expect(prepared.identityHeaders).toEqual(names);
  expect([prepared.isAccessPlugin, prepare().prepared.isAccessPlugin]).toEqual([false, true]);
});
