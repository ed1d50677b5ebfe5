/** openid-connect: keys of the provider that rotate, that are asked for by many at once, or that cannot be had. */
import {
  createProviderSource,
  type Provider,
  type ProviderSource,
} from '../../../functions/proxy/plugins/authentication/openid-connect/keys.ts';
import { createPools } from '../../../functions/proxy/send/connections.ts';
import { parseTarget } from '../../../functions/proxy/upstream/target.ts';
import { type Artefact, root, startArtefact } from '../../support/artefact.ts';
import {
  rejectionOf,
  toAllowedHosts,
  toExchange,
  toRequest,
  toServices,
} from '../../support/builders.ts';
import { send } from '../../support/client.ts';
import { compileAnyway } from '../../support/documents.ts';
import {
  createKey,
  createToken,
  type IdentityProvider,
  startIdentityProvider,
} from '../../support/identity-provider.ts';

const [first, second] = [createKey('first', 'EdDSA'), createKey('second', 'EdDSA')];
const configuration = '/.well-known/openid-configuration';

describe('the keys of a provider', () => {
  let provider: IdentityProvider;
  let nowMs = 0;

  beforeEach(async () => {
    nowMs = Date.UTC(2026, 0, 1);
    provider = await startIdentityProvider([first]);
  });

  afterEach(() => provider.close());

  const createSource = (): ProviderSource => {
    const allowedHosts = toAllowedHosts('127.0.0.1');
    const now = () => nowMs;
    const { get: connect } = createPools({ allowedHosts, now });
    const services = { ...toServices({ allowedHosts: '127.0.0.1' }), now, connect };
    const discovery = parseTarget(provider.discovery, allowedHosts);
    return createProviderSource({ discovery, timeoutMs: 5000, maxAgeMs: 3_600_000 }, services);
  };
  const far = Number.MAX_SAFE_INTEGER;
  const idsOf = async (promise: Promise<Provider>) =>
    (await promise).findKey.jwks().keys.map(({ kid }) => kid);

  it('are asked for once, however many requests wait for them', async () => {
    const source = createSource();

    const all = await Promise.all(Array.from({ length: 50 }, () => source.current(far)));

    expect(new Set(all).size).toBe(1);
    expect([provider.asked(configuration), provider.asked('/keys')]).toEqual([1, 1]);
  });

  it('are asked for again after a token names an unknown one, and not for each such token', async () => {
    const source = createSource();
    await source.current(far);
    provider.keys = [first, second];

    nowMs += 31_000;
    expect(await idsOf(source.renewed(far))).toEqual(['first', 'second']);
    for (let flood = 0; flood < 100; flood += 1) await source.renewed(far);

    expect(provider.asked('/keys')).toBe(2);
  });

  it('are the old ones while the provider has more than a hundred', async () => {
    const source = createSource();
    await source.current(far);
    nowMs += 31_000;
    provider.faults.set('/keys', JSON.stringify({ keys: Array(101).fill({ kty: 'OKP' }) }));

    expect(await idsOf(source.renewed(far))).toEqual(['first']);
  });

  it('are renewed when they are old, and the old ones serve while new ones cannot be had', async () => {
    const source = createSource();
    await source.current(far);
    provider.keys = [second];
    nowMs += 3_601_000;
    provider.faults.set('/keys', 503);

    expect(await idsOf(source.current(far))).toEqual(['first']);
    expect(await idsOf(source.current(far))).toEqual(['first']);
    expect(provider.asked('/keys')).toBe(2);
    nowMs += 31_000;
    provider.faults.clear();
    expect(await idsOf(source.current(far))).toEqual(['second']);
  });

  it.each([
    ['no answer of 200', configuration, 500],
    ['a redirect', configuration, 302],
    ['no JSON', configuration, 'gateway'],
    ['no object', configuration, '7'],
    ['a discovery document without keys', configuration, '{"issuer":"x"}'],
    [
      'keys at an address of the metadata service',
      configuration,
      '{"issuer":"x","jwks_uri":"http://169.254.169.254/"}',
    ],
    ['keys that are none', '/keys', '{"keys":1}'],
    ['keys that are numbers', '/keys', '{"keys":[1]}'],
    ['more than a hundred keys', '/keys', JSON.stringify({ keys: Array(101).fill({}) })],
    ['more than any keys need', '/keys', `"${'x'.repeat(600_000)}"`],
  ])(
    'are not found in %s, and are asked for again a second later, not by each request',
    async (_, path, fault) => {
      const source = createSource();
      provider.faults.set(path, fault);

      for (let flood = 0; flood < 100; flood += 1) {
        expect(await rejectionOf(source.current(far))).toMatchObject({ code: 'ACCESS_UNDECIDED' });
      }
      expect(provider.asked(path)).toBe(1);
      provider.faults.clear();
      nowMs += 1001;

      expect(await idsOf(source.current(far))).toEqual(['first']);
    },
  );
});

const settingsOf = (provider: IdentityProvider, settings: object = {}) => ({
  client_id: 'orders',
  discovery: provider.discovery,
  bearer_only: true,
  ...settings,
});

it('a silent provider is a 503 within its timeout, and its clients are refused', async () => {
  const provider = await startIdentityProvider([first]);
  provider.faults.set(configuration, 'silence');
  const artefact = await startArtefact({
    routes: {
      a: { uri: '/a', plugins: { 'openid-connect': settingsOf(provider, { timeout: 1 }) } },
    },
  });
  const headers = [['authorization', `Bearer ${createToken(first, {})}`]] as const;

  const response = await send(artefact.url, { target: '/a', headers });

  expect([response.status, response.header('countersign-error')]).toEqual([
    503,
    'ACCESS_UNDECIDED',
  ]);
  await artefact.logged({ type: 'access', error: 'ACCESS_UNDECIDED' });
  await Promise.all([artefact.close(), provider.close()]);
});

it('however many tokens name an unknown key, the keys are copied and checked once', async () => {
  const provider = await startIdentityProvider([first, second]);
  const allowedHosts = toAllowedHosts('127.0.0.1');
  const { get: connect } = createPools({ allowedHosts, now: Date.now });
  const services = { ...toServices({ allowedHosts: '127.0.0.1' }), connect };
  const plugins = { 'openid-connect': settingsOf(provider) };
  const { routes } = await compileAnyway({ uri: '/*', plugins }, { services });
  const authorization = `Bearer ${createToken(createKey('third', 'EdDSA'), {})}`;
  const exchange = toExchange({ request: toRequest({ headers: { authorization } }) });
  const copies = jest.spyOn(globalThis, 'structuredClone');

  for (let flood = 0; flood < 100; flood += 1) {
    expect(await rejectionOf(Promise.resolve(routes[0]?.handle(exchange)))).toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  }

  expect(copies).toHaveBeenCalledTimes(1);
  copies.mockRestore();
  await provider.close();
});

it('a public key of the document verifies without any provider', async () => {
  const provider = await startIdentityProvider([]);
  const artefact = await startArtefact({
    routes: {
      a: {
        uri: '/a',
        plugins: {
          'openid-connect': settingsOf(provider, {
            public_key: first.publicKey.export({ format: 'pem', type: 'spki' }),
            claim_validator: { issuer: { valid_issuers: ['https://issuer.example'] } },
          }),
        },
      },
    },
  });
  const exp = Math.floor(Date.now() / 1000) + 300;
  const statusFor = async (key: typeof first, iss: string) => {
    const headers = [['authorization', `Bearer ${createToken(key, { iss, exp })}`]] as const;
    return (await send(artefact.url, { target: '/a', headers })).header('countersign-error');
  };

  expect(await statusFor(first, 'https://issuer.example')).toBe('NO_UPSTREAM');
  expect(await statusFor(second, 'https://issuer.example')).toBe('UNAUTHENTICATED');
  expect(await statusFor(first, 'https://other.example')).toBe('UNAUTHENTICATED');
  expect(provider.asked(configuration)).toBe(0);
  await Promise.all([artefact.close(), provider.close()]);
});

const wrong = [
  ['bearer_only', { bearer_only: false }, /true/],
  ['bearer_only', { bearer_only: undefined }, /required|true/],
  ['ssl_verify', { ssl_verify: false }, /true/],
  ['accept_none_alg', { accept_none_alg: true }, /signature/],
  ['introspection_endpoint', { introspection_endpoint: 'https://x.example/' }, /keys/],
  ['session', { session: { secret: 'x'.repeat(16) } }, /bring a token/],
  ['unauth_action', { unauth_action: 'auth' }, /deny or pass/],
  ['discovery', { discovery: 'http://issuer.example/' }, /https/],
  ['discovery', { discovery: 'https://169.254.169.254/' }, /listed/],
  [
    'public_key',
    { public_key: 'no key', claim_validator: { issuer: { valid_issuers: ['x'] } } },
    /PEM/,
  ],
  ['token_signing_alg_values_expected', { token_signing_alg_values_expected: 'HS256' }, /RS256/],
  ['token_signing_alg_values_expected', { token_signing_alg_values_expected: 'none' }, /RS256/],
  ['claim_headers', { claim_headers: { 'x-amz-user': 'sub' } }, /header name/],
] as const;

describe('a document', () => {
  let provider: IdentityProvider;
  let artefact: Artefact;

  beforeAll(async () => {
    provider = await startIdentityProvider([]);
    const routes = wrong.map(([, settings], index) => [
      `r${index}`,
      { uri: `/r${index}`, plugins: { 'openid-connect': settingsOf(provider, settings) } },
    ]);
    artefact = await startArtefact({ routes: Object.fromEntries(routes) });
  });

  afterAll(() => Promise.all([artefact.close(), provider.close()]));

  it.each(wrong.map((one, index) => [...one, index] as const))(
    'with a wrong %s is refused: %j',
    async (name, _, expected, index) => {
      const parameter = `${root}/routes/r${index}`;
      const line = await artefact.logged({ event: 'invalid-document', parameter });

      expect(line['issues']).toMatchObject([
        {
          pointer: expect.stringContaining(`/plugins/openid-connect/${name}`),
          expected: expect.stringMatching(expected),
        },
      ]);
    },
  );
});
