/**
 * Apache APISIX's `openid-connect` with `bearer_only`: a client brings an access token, a JWT of the identity provider,
 * which is verified here by the provider's published keys (RFC 9068, RFC 6750).
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { Exchange } from '../../../chain/exchange.ts';
import { documentError, type ParseContext, pointerTo } from '../../../documents/document-error.ts';
import { ProxyError } from '../../../http/errors.ts';
import { parseServiceUri } from '../../../upstream/attributes.ts';
import { definePlugin, type PluginServices } from '../../plugin.ts';
import { unauthenticated } from '../identify.ts';
import { readClaim, readScopes, toClaimHeader, tokenHeaders } from './claims.ts';
import { createProviderSource, type Provider } from './keys.ts';
import { type OpenidConnectConfig, openidConnectSchema } from './schema.ts';

/** Tokens have a few kilobytes; a longer one is refused without parsing. */
const maxTokenCharacters = 16 * 1024;

type Verify = (token: string, deadlineMs: number) => Promise<JWTPayload>;

/**
 * Verifies access tokens of an identity provider; answers `UNAUTHENTICATED` or `FORBIDDEN` otherwise.
 * docs/plugins/openid-connect.md.
 */
export const openidConnect = definePlugin({
  name: 'openid-connect',
  priority: 2599,
  schema: openidConnectSchema,
  refusesClients: ({ unauth_action }) => unauth_action === 'deny',
  identityHeaders: ({ claim_headers }) => [...tokenHeaders, ...claim_headers.map(([name]) => name)],
  create(config, services, context) {
    const verify = createVerify(config, services, context);
    if (config.claim_validator.audience === undefined) {
      services.warn(
        'openid-connect checks no audience: a token that the provider made for any other app is accepted (claim_validator.audience)',
      );
    }
    return async (exchange, next) => {
      const token = readToken(exchange);
      if (token === undefined) {
        if (config.unauth_action === 'pass') return next(withClaims(exchange, undefined, config));
        throw unauthenticated(`Bearer realm="${config.realm}"`, 'Missing bearer token in request');
      }
      const claims = await verify(token, exchange.deadlineMs);
      assertAudience(claims, config);
      assertClaims(claims, config);
      assertScopes(claims, config);
      return next(withClaims(exchange, { token, claims }, config));
    };
  },
});

/** `Authorization: Bearer …`, else `X-Access-Token`, as in APISIX. */
function readToken({ request }: Exchange): string | undefined {
  const { authorization } = request.headers;
  const scheme = /^bearer +/i.exec(authorization ?? '')?.[0];
  const bearer = scheme === undefined ? undefined : authorization?.slice(scheme.length);
  return bearer ?? (authorization === undefined ? request.headers['x-access-token'] : undefined);
}

function createVerify(
  config: OpenidConnectConfig,
  services: PluginServices,
  context: ParseContext,
): Verify {
  const { valid_issuers: issuers } = config.claim_validator.issuer;
  const { allowedHosts, now } = services;
  const { public_key: pem } = config;
  const key = pem === undefined ? undefined : readPublicKey(pem, context);
  const discovery = parseServiceUri(config.discovery, 'discovery', { ...context, allowedHosts });
  const options = (): JWTVerifyOptions => ({
    algorithms: config.token_signing_alg_values_expected,
    clockTolerance: config.iat_slack,
    currentDate: new Date(now()),
    requiredClaims: ['exp'],
  });
  if (key) {
    return (token) =>
      verified(token, config, () => jwtVerify(token, key, { ...options(), issuer: issuers ?? [] }));
  }
  const provider = createProviderSource(
    { discovery, timeoutMs: config.timeout * 1000, maxAgeMs: config.jwk_expires_in * 1000 },
    services,
  );
  const verifyBy = (token: string, { issuer, findKey }: Provider) =>
    jwtVerify(token, findKey, { ...options(), issuer: issuers ?? issuer });
  return (token, deadlineMs) =>
    verified(token, config, async () => {
      const known = await provider.current(deadlineMs);
      try {
        return await verifyBy(token, known);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        const renewed = await provider.renewed(deadlineMs);
        if (renewed === known) throw error;
        return verifyBy(token, renewed);
      }
    });
}

function readPublicKey(pem: string, { pointer }: ParseContext): KeyObject {
  const key = pem.includes('PRIVATE KEY') ? undefined : toPublicKey(pem);
  if (key) return key;
  throw documentError(pointerTo(pointer, 'public_key'), pem, 'a public key in PEM');
}

function toPublicKey(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}

/** @throws ProxyError `UNAUTHENTICATED`, with the reason in the log and no more than its kind in the challenge */
async function verified(
  token: string,
  config: OpenidConnectConfig,
  verify: () => Promise<{ readonly payload: JWTPayload }>,
): Promise<JWTPayload> {
  if (token.length > maxTokenCharacters) throw invalidToken(config, 'the token is too long');
  try {
    return (await verify()).payload;
  } catch (error) {
    if (error instanceof ProxyError) throw error;
    if (error instanceof errors.JOSEError) throw invalidToken(config, error.message);
    throw invalidToken(config, 'no token');
  }
}

function assertAudience(claims: JWTPayload, config: OpenidConnectConfig): void {
  const { audience } = config.claim_validator;
  if (!audience) return;
  const own = config.client_id;
  const accepted = [
    ...(audience.valid_audiences ?? []),
    ...(audience.match_with_client_id ? [own] : []),
  ];
  const value = readClaim(claims, audience.claim);
  if (value === undefined) {
    if (audience.required || accepted.length > 0)
      throw invalidToken(config, `no ${audience.claim}`);
    return;
  }
  const values = Array.isArray(value) ? value : [value];
  if (accepted.length > 0 && !values.some((each) => accepted.includes(String(each)))) {
    throw invalidToken(config, 'the token is for another audience');
  }
}

function assertClaims(claims: JWTPayload, config: OpenidConnectConfig): void {
  for (const [name, expected] of Object.entries(config.required_claims)) {
    const value = readClaim(claims, name);
    const values = Array.isArray(value) ? value : [value];
    const accepted = typeof expected === 'string' ? [expected] : expected;
    if (values.some((each) => each !== undefined && accepted.includes(String(each)))) continue;
    throw new ProxyError('FORBIDDEN', `openid-connect: claim ${name}`, {
      detail: 'The token does not have the claims that are required',
    });
  }
}

/** RFC 6750 §3.1 */
function assertScopes(claims: JWTPayload, { required_scopes, realm }: OpenidConnectConfig): void {
  const scopes = readScopes(claims);
  const missing = required_scopes?.find((scope) => !scopes.includes(scope));
  if (missing === undefined) return;
  const wanted = required_scopes?.join(' ').replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '');
  throw new ProxyError('FORBIDDEN', `openid-connect: scope ${missing} is missing`, {
    detail: 'The token does not have the scopes that are required',
    headers: {
      'www-authenticate': `Bearer realm="${realm}", error="insufficient_scope", scope="${wanted}"`,
    },
  });
}

function invalidToken({ realm }: OpenidConnectConfig, reason: string): ProxyError {
  const challenge = `Bearer realm="${realm}", error="invalid_token"`;
  return new ProxyError('UNAUTHENTICATED', `openid-connect: ${reason}`, {
    headers: { 'www-authenticate': challenge },
    detail: 'The bearer token is not valid',
  });
}

interface Verified {
  readonly token: string;
  readonly claims: JWTPayload;
}

/** Claims travel as headers that only we can set: a client's own of these names are dropped with or without a token. */
function withClaims(
  exchange: Exchange,
  verified: Verified | undefined,
  config: OpenidConnectConfig,
): Exchange {
  const identity = new Map(exchange.identity);
  const claims = verified?.claims;
  const userinfo = claims && Buffer.from(JSON.stringify(claims)).toString('base64');
  identity.set('x-userinfo', config.set_userinfo_header ? userinfo : undefined);
  identity.set('x-access-token', config.set_access_token_header ? verified?.token : undefined);
  // Upstreams that know APISIX trust these as well, and a bearer token comes with neither.
  identity.set('x-id-token', undefined);
  identity.set('x-refresh-token', undefined);
  for (const [header, claim] of config.claim_headers) {
    const value = claims && readClaim(claims, claim);
    identity.set(header, value === undefined ? undefined : toClaimHeader(value));
  }
  return { ...exchange, identity };
}
