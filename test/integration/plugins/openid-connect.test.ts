/** openid-connect: which tokens are let in, which are not, and what becomes of the provider's silence. */
import { type Artefact, startArtefact } from '../../support/artefact.ts';
import { type ClientRequest, send } from '../../support/client.ts';
import { eventually } from '../../support/eventually.ts';
import {
  createKey,
  createToken,
  type IdentityProvider,
  type ProviderAlgorithm,
  startIdentityProvider,
} from '../../support/identity-provider.ts';
import { sample } from '../../support/sample.ts';
import { createVerifier, startUpstream, type Upstream } from '../../support/upstream.ts';

const algorithms: readonly ProviderAlgorithm[] = ['RS256', 'PS256', 'ES256', 'EdDSA'];
const keys = algorithms.map((algorithm) => createKey(`key-${algorithm}`, algorithm));
const [key = createKey('never')] = keys;
const stranger = createKey(key.kid);
const nowSeconds = () => Math.floor(Date.now() / 1000);

describe('openid-connect', () => {
  let provider: IdentityProvider;
  let upstream: Upstream;
  let artefact: Artefact;
  let routes = 0;

  beforeAll(async () => {
    provider = await startIdentityProvider(keys);
    upstream = await startUpstream({ verifier: createVerifier() });
    artefact = await startArtefact({ reloads: true, maxEnvironments: 1 });
  });

  afterAll(() => Promise.all([artefact.close(), provider.close(), upstream.close()]));

  beforeEach(() => {
    upstream.received.length = 0;
    provider.faults.clear();
    provider.keys = keys;
  });

  const claimsOf = (claims: object = {}) => ({
    iss: provider.issuer,
    sub: 'user-7',
    aud: 'orders',
    exp: nowSeconds() + 300,
    ...claims,
  });
  /** Puts a route in place of the one before: the longer the table, the longer a refresh takes to read it. */
  const put = async (settings: object = {}): Promise<string> => {
    if (routes > 0) artefact.remove(`case-${routes}`);
    routes += 1;
    const path = `/case-${routes}`;
    artefact.putRoute(`case-${routes}`, {
      uri: path,
      plugins: {
        'openid-connect': {
          client_id: 'orders',
          discovery: provider.discovery,
          bearer_only: true,
          ...settings,
        },
        'aws-lambda': { function_uri: `${upstream.url}/`, authorization: { iam: {} } },
      },
    });
    await eventually(async () => (await send(artefact.url, { target: path })).status !== 404);
    upstream.received.length = 0;
    return path;
  };
  const ask = (target: string, token: string, headers: ClientRequest['headers'] = []) =>
    send(artefact.url, { target, headers: [['authorization', `Bearer ${token}`], ...headers] });
  const statusOf = async (target: string, token: string) => (await ask(target, token)).status;

  it.each(sample(keys))('lets a token in that is signed with $algorithm', async (each) => {
    const path = await put();

    expect(await statusOf(path, createToken(each, claimsOf()))).toBe(200);
    expect(provider.asked('/.well-known/openid-configuration')).toBeGreaterThan(0);
  });

  it('takes X-Access-Token where there is no Authorization, and only then', async () => {
    const path = await put();
    const token = createToken(key, claimsOf());
    const viaHeader = (headers: ClientRequest['headers'] = []) =>
      send(artefact.url, { target: path, headers: [['x-access-token', token], ...headers] });

    expect((await viaHeader()).status).toBe(200);
    expect((await viaHeader([['authorization', 'Basic eDp5']])).status).toBe(401);
  });

  const refusals: readonly (readonly [string, () => string])[] = [
    ['of a stranger who uses a known key id', () => createToken(stranger, claimsOf())],
    ['without a signature (alg none)', () => createToken(key, claimsOf(), { alg: 'none' })],
    [
      'signed with the public key as a shared secret',
      () => createToken(key, claimsOf(), { alg: 'HS256' }),
    ],
    [
      'signed with one algorithm and named by another',
      () => createToken(key, claimsOf(), { alg: 'ES256' }),
    ],
    [
      'whose header brings its own key',
      () =>
        createToken(stranger, claimsOf(), {
          kid: undefined,
          jwk: stranger.publicKey.export({ format: 'jwk' }),
        }),
    ],
    [
      'whose header points to keys elsewhere',
      () => createToken(stranger, claimsOf(), { jku: 'https://evil.example/keys' }),
    ],
    [
      'with an extension that must be understood',
      () => createToken(key, claimsOf(), { crit: ['x'], x: 1 }),
    ],
    ['whose key id is a path', () => createToken(key, claimsOf(), { kid: '../../etc/passwd' })],
    ['whose key id is no string', () => createToken(key, claimsOf(), { kid: { $ne: 1 } })],
    ['of another issuer', () => createToken(key, claimsOf({ iss: 'https://evil.example' }))],
    ['of no issuer', () => createToken(key, claimsOf({ iss: undefined }))],
    ['that has expired', () => createToken(key, claimsOf({ exp: nowSeconds() - 600 }))],
    ['that never expires', () => createToken(key, claimsOf({ exp: undefined }))],
    ['whose expiry is no number', () => createToken(key, claimsOf({ exp: 'tomorrow' }))],
    ['that is not valid yet', () => createToken(key, claimsOf({ nbf: nowSeconds() + 600 }))],
    [
      'that was changed on its way',
      () => {
        const [head, , signature] = createToken(key, claimsOf()).split('.');
        return [head, createToken(key, claimsOf({ sub: 'root' })).split('.')[1], signature].join(
          '.',
        );
      },
    ],
    ['that is too long', () => createToken(key, claimsOf({ pad: 'x'.repeat(20_000) }))],
    ['that is no token', () => 'abc.def'],
    ['that is empty', () => ''],
    [
      'beside another one',
      () => `${createToken(key, claimsOf())}, Bearer ${createToken(key, claimsOf())}`,
    ],
  ];

  it.each(sample(refusals))('refuses a token %s', async (_, create) => {
    const path = await put();
    const token = create();

    const response = await ask(path, token);

    expect(response.status).toBe(401);
    expect(response.header('countersign-error')).toBe('UNAUTHENTICATED');
    expect(response.header('www-authenticate')).toMatch(/^Bearer realm="apisix"/);
    expect(upstream.received).toHaveLength(0);
    if (token.length > 10) expect(artefact.text()).not.toContain(token.slice(0, 200));
  });

  it('gives the error in the challenge, and no details', async () => {
    const path = await put({ realm: 'orders' });

    const without = await send(artefact.url, { target: path });
    expect(without.header('www-authenticate')).toBe('Bearer realm="orders"');
    const invalid = await ask(path, createToken(stranger, claimsOf()));
    expect(invalid.header('www-authenticate')).toBe('Bearer realm="orders", error="invalid_token"');
    expect(invalid.json()).toMatchObject({ detail: 'The bearer token is not valid' });
  });

  it.each([
    ['match_with_client_id', { match_with_client_id: true }, {}, 200],
    [
      'match_with_client_id, one of several',
      { match_with_client_id: true },
      { aud: ['a', 'orders'] },
      200,
    ],
    ['match_with_client_id, another one', { match_with_client_id: true }, { aud: 'others' }, 401],
    ['match_with_client_id, none', { match_with_client_id: true }, { aud: undefined }, 401],
    ['required and there', { required: true }, { aud: 'any' }, 200],
    ['required and missing', { required: true }, { aud: undefined }, 401],
    ['valid_audiences', { valid_audiences: ['api://x'] }, { aud: 'api://x' }, 200],
    ['valid_audiences, another one', { valid_audiences: ['api://x'] }, { aud: 'api://y' }, 401],
    [
      'a claim of Cognito',
      { claim: 'client_id', match_with_client_id: true },
      { client_id: 'orders' },
      200,
    ],
    [
      'a claim of Cognito, another app',
      { claim: 'client_id', match_with_client_id: true },
      { client_id: 'x' },
      401,
    ],
  ])('checks the audience: %s', async (_, audience, claims, status) => {
    const path = await put({ claim_validator: { audience } });

    expect(await statusOf(path, createToken(key, claimsOf(claims)))).toBe(status);
  });

  it.each([
    ['scope', { scope: 'read write' }, 200],
    ['scope as a list', { scope: ['write', 'read'] }, 200],
    ['scp', { scp: 'read write' }, 200],
    ['one that is missing', { scope: 'read' }, 403],
    ['one that is a part of another', { scope: 'read writers' }, 403],
    ['none', {}, 403],
  ])('demands scopes: %s', async (_, claims, status) => {
    const path = await put({ required_scopes: ['read', 'write'] });

    const response = await ask(path, createToken(key, claimsOf(claims)));

    expect(response.status).toBe(status);
    if (status === 403) {
      expect(response.header('www-authenticate')).toBe(
        'Bearer realm="apisix", error="insufficient_scope", scope="read write"',
      );
    }
  });

  it.each([
    ['one value', { tenant: 'blue' }, 200],
    ['one of a list', { tenant: ['green', 'blue'] }, 200],
    ['another value', { tenant: 'red' }, 403],
    ['no value', {}, 403],
    ['an inherited name', { tenant: undefined }, 403],
  ])('demands claims: %s', async (_, claims, status) => {
    const path = await put({ required_claims: { tenant: ['blue', 'green'] } });

    expect(await statusOf(path, createToken(key, claimsOf(claims)))).toBe(status);
  });

  it('sends claims upstream in signed headers that no client can set', async () => {
    const path = await put({
      claim_headers: { 'X-User-ID': 'sub', 'X-Roles': 'realm.roles', 'X-Tenant': 'tenant' },
      set_access_token_header: false,
    });
    const token = createToken(key, claimsOf({ realm: { roles: ['a', 'b'] } }));

    await ask(path, token, [
      ['x-tenant', 'spoofed'],
      ['x_user_id', 'spoofed'],
      ['x-userinfo', 'spoofed'],
      ['x-access-token', 'spoofed'],
      ['x-id-token', 'spoofed'],
      ['x_refresh_token', 'spoofed'],
    ]);

    const { header, verification } = upstream.only();
    expect(header('x-user-id')).toBe('user-7');
    expect(header('x-roles')).toBe('a,b');
    expect([header('x-tenant'), header('x_user_id'), header('x-access-token')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([header('x-id-token'), header('x_refresh_token')]).toEqual([undefined, undefined]);
    const userinfo = Buffer.from(header('x-userinfo') ?? '', 'base64').toString();
    expect(JSON.parse(userinfo)).toMatchObject({ sub: 'user-7' });
    expect(header('authorization')).toMatch(/SignedHeaders=[^,]*x-user-id/);
    expect(verification?.ok).toBe(true);
  });

  it('passes a client without a token on with unauth_action pass, without any claims', async () => {
    const path = await put({ unauth_action: 'pass', claim_headers: { 'x-user-id': 'sub' } });

    const response = await send(artefact.url, {
      target: path,
      headers: [
        ['x-user-id', 'spoofed'],
        ['x-userinfo', 'spoofed'],
      ],
    });

    expect(response.status).toBe(200);
    expect(upstream.only().header('x-user-id')).toBeUndefined();
    expect(upstream.only().header('x-userinfo')).toBeUndefined();
    expect(await statusOf(path, createToken(stranger, claimsOf()))).toBe(401);
  });
});
