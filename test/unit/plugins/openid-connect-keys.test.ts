/** The keys of an identity provider: when they are asked for, and what is no answer; settings that are refused. */

import { toClaimHeader } from '../../../functions/proxy/plugins/authentication/openid-connect/claims.ts';
import { createProviderSource } from '../../../functions/proxy/plugins/authentication/openid-connect/keys.ts';
import { openidConnect } from '../../../functions/proxy/plugins/authentication/openid-connect/openid-connect.ts';
import { findForbiddenService } from '../../../functions/proxy/send/hosts.ts';
import { parseTarget } from '../../../functions/proxy/upstream/target.ts';
import {
  rejectionOf,
  thrownBy,
  toExchange,
  toRequest,
  toResponse,
  toServices,
} from '../../support/builders.ts';
import { createFakePool } from '../../support/fake-pool.ts';
import { createKey, createToken, toKeySet } from '../../support/identity-provider.ts';
import { toPem } from '../../support/jwt-signers.ts';
import { preparePlugin } from '../../support/plugin-rig.ts';

const issuer = 'https://id.example.com/';
const discovery = `${issuer}.well-known/openid-configuration`;
const [first, second] = [createKey('first', 'EdDSA'), createKey('second', 'EdDSA')];
const toHttp = (value: unknown, status = 200) => {
  const body = typeof value === 'string' ? value : JSON.stringify(value);
  return `HTTP/1.1 ${status} x\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
};
const metadata = toHttp({ issuer, jwks_uri: `${issuer}keys` });
const good = [metadata, toHttp(toKeySet([first]))];
const broken = toHttp('', 500);
const far = Number.MAX_SAFE_INTEGER;

/** Plays the answers in turn, and the last one for ever. */
function createSource(...answers: readonly string[]) {
  let asked = 0;
  const clock = { ms: 1_000_000 };
  const pool = createFakePool(() => {
    asked += 1;
    return answers[Math.min(asked, answers.length) - 1] ?? '';
  });
  const services = { ...toServices({ pool }), now: () => clock.ms };
  const target = parseTarget(discovery, [], findForbiddenService);
  const options = { discovery: target, timeoutMs: 3000, maxAgeMs: 100_000 };
  const source = createProviderSource(options, services);
  const idsOf = async (call: 'current' | 'renewed' = 'current') =>
    (await source[call](far)).findKey.jwks().keys.map(({ kid }) => kid);
  return { source, clock, services, idsOf, asked: () => asked };
}

test('all who wait are answered by one question', async () => {
  const { source, asked } = createSource(...good);
  const all = await Promise.all([source.current(far), source.current(far), source.renewed(far)]);

  expect(new Set(all).size).toBe(1);
  expect(all[0]?.issuer).toBe(issuer);
  expect(asked()).toBe(2);
});

test('keys are asked for again when they are old, and not before', async () => {
  const { idsOf, clock, asked } = createSource(...good, metadata, toHttp(toKeySet([second])));
  await idsOf();
  clock.ms += 100_000;
  expect([await idsOf(), asked()]).toEqual([['first'], 2]);
  clock.ms += 1;

  expect([await idsOf(), asked()]).toEqual([['second'], 4]);
});

test('an unknown key is looked for once in half a minute', async () => {
  const { idsOf, clock, asked } = createSource(...good, metadata, toHttp(toKeySet([second])));
  await idsOf();
  clock.ms += 29_999;
  expect([await idsOf('renewed'), asked()]).toEqual([['first'], 2]);
  clock.ms += 1;

  expect([await idsOf('renewed'), asked()]).toEqual([['second'], 4]);
});

test('old keys serve while new ones cannot be had, which the log tells', async () => {
  const { idsOf, clock, asked, services } = createSource(...good, broken);
  await idsOf();
  clock.ms += 100_001;

  expect([await idsOf(), await idsOf('renewed')]).toEqual([['first'], ['first']]);
  expect(asked()).toBe(3);
  expect(services.logged).toEqual([
    {
      message: expect.stringContaining('the old ones are used'),
      fields: { error: `id.example.com/.well-known/openid-configuration answered 500` },
    },
  ]);
  clock.ms += 30_000;
  await idsOf();
  expect(asked()).toBe(4);
});

test('without any keys the provider is asked once a second', async () => {
  const { source, idsOf, clock, asked } = createSource(broken, broken, ...good);
  const ask = async () => (await rejectionOf(source.current(far))) as Error;

  await ask();
  clock.ms += 999;
  expect((await ask()).message).toBe('no keys from id.example.com');
  expect(asked()).toBe(1);
  clock.ms += 1;
  await ask();
  expect(asked()).toBe(2);
  expect(((await rejectionOf(source.renewed(far))) as Error).message).toContain('no keys');
  clock.ms += 1000;
  expect(await idsOf()).toEqual(['first']);
});

test.each<[string, string[], string]>([
  ['an error', [broken], 'answered 500'],
  ['no JSON', [toHttp('<html>')], 'answered no JSON'],
  ['a number', [toHttp('7')], 'answered no object'],
  ['null', [toHttp('null')], 'answered no object'],
  ['no issuer', [toHttp({ jwks_uri: `${issuer}keys` })], 'without issuer and jwks_uri'],
  ['no address of keys', [toHttp({ issuer })], 'without issuer and jwks_uri'],
  ['a refused address', [toHttp({ issuer, jwks_uri: 'https://10.0.0.1/' })], 'that is refused'],
  ['no keys', [metadata, toHttp({ keys: 1 })], 'keys without keys'],
  ['101 keys', [metadata, toHttp({ keys: Array(101).fill({}) })], '101 keys, expected at most 100'],
  ['keys that are none', [metadata, toHttp({ keys: [1] })], 'no set of JSON Web Keys'],
])('a provider that answers %s leaves it undecided', async (_, answers, message) => {
  const { source } = createSource(...answers);

  expect(await rejectionOf(source.current(far))).toMatchObject({
    code: 'ACCESS_UNDECIDED',
    headers: { 'retry-after': '1' },
    message: expect.stringContaining(message),
  });
});

test('a hundred keys are not too many', async () => {
  const keys = Array(100).fill(toKeySet([first]).keys[0]);

  expect(await createSource(metadata, toHttp({ keys })).idsOf()).toHaveLength(100);
});

describe('tokens', () => {
  const nowMs = 1_767_323_045_000;
  const base = { discovery, client_id: 'orders', bearer_only: true };
  const tokenOf = (signer: typeof first, claims: object = {}) =>
    createToken(signer, { iss: issuer, exp: nowMs / 1000 + 300, ...claims });

  function prepare(config: object, ...answers: readonly string[]) {
    let asked = 0;
    const clock = { ms: nowMs };
    const pool = createFakePool(() => {
      asked += 1;
      return answers[Math.min(asked, answers.length) - 1] ?? '';
    });
    const services = { ...toServices({ pool }), now: () => clock.ms };
    const written = { ...base, ...config };
    const { middleware } = openidConnect.prepare(written, services, { pointer: '', written });
    const ask = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` };
      const exchange = toExchange({ request: toRequest({ headers }) });
      return middleware(exchange, async () => toResponse())
        .then(() => 'passes')
        .catch((error: { code: string }) => error.code);
    };
    return { ask, clock, asked: () => asked };
  }

  test('a token with a key that is unknown is tried once more with new keys', async () => {
    const renewed = toHttp(toKeySet([second]));
    const { ask, clock, asked } = prepare({}, ...good, metadata, renewed);

    expect(await ask(tokenOf(second))).toBe('UNAUTHENTICATED');
    expect(asked()).toBe(2);
    clock.ms += 30_000;
    expect(await ask(tokenOf(second))).toBe('passes');
  });

  test('a wrong signature is no reason to ask for keys', async () => {
    const { ask, clock, asked } = prepare({}, ...good);
    const { privateKey } = second;
    await ask(tokenOf(first));
    clock.ms += 30_000;

    expect(await ask(tokenOf({ ...first, privateKey }))).toBe('UNAUTHENTICATED');
    expect(asked()).toBe(2);
  });

  test('keys that cannot be had leave it undecided', async () => {
    expect(await prepare({}, broken).ask(tokenOf(first))).toBe('ACCESS_UNDECIDED');
  });

  test('the issuers of the document count in place of the discovered one', async () => {
    const claim_validator = { issuer: { valid_issuers: ['https://other/'] } };
    const { ask } = prepare({ claim_validator }, ...good);

    expect(await ask(tokenOf(first, { iss: 'https://other/' }))).toBe('passes');
    expect(await ask(tokenOf(first))).toBe('UNAUTHENTICATED');
  });

  test('a public key of the document verifies tokens without any provider', async () => {
    const claim_validator = { issuer: { valid_issuers: [issuer] } };
    const config = { public_key: toPem(first.publicKey), claim_validator };
    const { ask, asked } = prepare(config, broken);

    expect(await ask(tokenOf(first))).toBe('passes');
    expect(await ask(tokenOf(second))).toBe('UNAUTHENTICATED');
    expect(await ask(tokenOf(first, { iss: 'https://other/' }))).toBe('UNAUTHENTICATED');
    expect(await ask(tokenOf(first, { exp: nowMs / 1000 - 121 }))).toBe('UNAUTHENTICATED');
    expect(asked()).toBe(0);
  });

  const privatePem = first.privateKey.export({ type: 'pkcs8', format: 'pem' });
  const issuers = { claim_validator: { issuer: { valid_issuers: [issuer] } } };

  test.each<[object, string, string]>([
    [{ public_key: toPem(first.publicKey) }, '', 'valid_issuers beside public_key'],
    [{ public_key: 'x', ...issuers }, '/public_key', 'a public key in PEM'],
    [{ public_key: privatePem, ...issuers }, '/public_key', 'a public key in PEM'],
    [{ discovery: 'http://id.example.com/' }, '/discovery', 'https:'],
    [{ discovery: 'x' }, '/discovery', 'an absolute URL'],
    [
      { token_signing_alg_values_expected: 'none' },
      '/token_signing_alg_values_expected',
      'some of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA',
    ],
    [
      { token_signing_alg_values_expected: [] },
      '/token_signing_alg_values_expected',
      'at least one',
    ],
    [{ bearer_only: false }, '/bearer_only', 'true: clients bring a token'],
    [{ ssl_verify: false }, '/ssl_verify', 'true: without it'],
    [{ use_jwks: false }, '/use_jwks', 'the keys of the provider'],
    [{ unauth_action: 'auth' }, '/unauth_action', 'deny or pass'],
    [{ iat_slack: -1 }, '/iat_slack', 'a number of seconds from 0'],
    [{ claim_headers: { host: 'sub' } }, '/claim_headers', 'a header name of its own'],
    [{ set_refresh_token_header: true }, '/set_refresh_token_header', 'false: a bearer token'],
    [{ accept_none_alg: true }, '/accept_none_alg', 'false: a token without a signature'],
  ])('the settings %j are refused at %s', (config, at, expected) => {
    const { issues } = thrownBy(() => preparePlugin(openidConnect, { ...base, ...config })) as {
      issues: { pointer: string; expected: string }[];
    };

    expect(issues[0]?.pointer).toContain(`/plugins/it${at}`);
    expect(issues[0]?.expected).toContain(expected);
  });
});

test.each<[unknown, string | undefined]>([
  ['bob', 'bob'],
  ['', ''],
  [7, '7'],
  [true, 'true'],
  ['a  b', 'a  b'],
  ['\u4e2d', Buffer.from('\u4e2d').toString('latin1')],
  [{ a: 'x\ny' }, '{"a":"x\\ny"}'],
  [['a', 7], 'a,7'],
  [['a', 'b,admin', ' c', 'd\n', 'e'], 'a,e'],
  [['a', { b: 1 }], '["a",{"b":1}]'],
  [[null, 'a'], '[null,"a"]'],
  [' admin', undefined],
  ['admin ', undefined],
  ['ad\u0001min', undefined],
  ['a\u007f', undefined],
  ['a\ud800', undefined],
])('the claim %j goes upstream as %j', (value, expected) => {
  expect(toClaimHeader(value)).toBe(expected);
});
