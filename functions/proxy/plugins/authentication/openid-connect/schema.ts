/** The attributes of `openid-connect`: APISIX's, as far as they are about bearer tokens. */
import * as v from 'valibot';
import { integer, listOf, refused } from '../../../documents/attributes.ts';
import { recordOf, strictObject } from '../../../documents/schema.ts';
import { isOpenTo } from '../../../http/header-names.ts';
import { realm } from '../identify.ts';

/** What a public key can verify: with `none` or a shared secret anyone who can read the document could sign. */
export const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

const text = v.pipe(v.string(), v.minLength(1, 'a string that is not empty'));
const texts = listOf(text);
const seconds = integer(1, Number.MAX_SAFE_INTEGER);
const onlyFalse = (words: string) => v.optional(v.literal(false, words), false);
const headerName = v.pipe(
  v.string(),
  v.toLowerCase(),
  v.check(
    (name) => isOpenTo('identity', name),
    'a header name of its own: not one that the proxy or the request itself uses',
  ),
);

const signIn =
  'nothing: signing in with redirects and sessions is for the app; here it is bearer_only, and clients bring a token';
const introspection =
  'nothing: tokens are verified here by the provider’s keys (use_jwks), and not asked about one by one';

/** Schema of `openid-connect`'s settings. Times are in seconds. */
export const openidConnectSchema = v.pipe(
  strictObject({
    discovery: v.string(),
    client_id: text,
    client_secret: v.optional(text),
    bearer_only: v.literal(
      true,
      'true: clients bring a token; signing in with redirects is not for a proxy without state',
    ),
    scope: v.optional(text, 'openid'),
    required_scopes: v.optional(texts),
    realm: v.optional(realm, 'apisix'),
    timeout: v.optional(seconds, 3),
    ssl_verify: v.optional(
      v.literal(true, 'true: without it, another host could act as the provider'),
      true,
    ),
    unauth_action: v.optional(
      v.picklist(['deny', 'pass'], 'deny or pass: there is no signing in (auth) under bearer_only'),
      'deny',
    ),
    use_jwks: v.optional(v.literal(true, 'true: the keys of the provider, or public_key'), true),
    public_key: v.optional(text),
    token_signing_alg_values_expected: v.optional(
      v.pipe(
        v.union([v.string(), v.array(v.string())]),
        v.transform((value) => (typeof value === 'string' ? value.split(/[\s,]+/) : value)),
        v.array(v.picklist(algorithms, `some of ${algorithms.join(', ')}`)),
        v.minLength(1, 'at least one algorithm'),
      ),
      [...algorithms],
    ),
    jwk_expires_in: v.optional(seconds, 86_400),
    iat_slack: v.optional(v.pipe(v.number(), v.minValue(0, 'a number of seconds from 0')), 120),
    claim_validator: v.optional(
      strictObject({
        issuer: v.optional(strictObject({ valid_issuers: v.optional(texts) }), {}),
        audience: v.optional(
          strictObject({
            claim: v.optional(text, 'aud'),
            required: v.optional(v.boolean(), false),
            match_with_client_id: v.optional(v.boolean(), false),
            valid_audiences: v.optional(texts),
          }),
        ),
      }),
      {},
    ),
    required_claims: v.optional(
      recordOf(v.union([text, texts], 'a string, or an array of them')),
      {},
    ),
    claim_headers: v.optional(
      v.pipe(
        recordOf(text),
        v.transform(Object.entries),
        v.array(v.tuple([headerName, v.string()])),
      ),
      {},
    ),
    set_access_token_header: v.optional(v.boolean(), true),
    access_token_in_authorization_header: onlyFalse(
      'false: a signature needs that header; the token goes as x-access-token',
    ),
    set_userinfo_header: v.optional(v.boolean(), true),
    set_id_token_header: v.optional(v.boolean()),
    set_refresh_token_header: onlyFalse('false: a bearer token comes without a refresh token'),
    accept_none_alg: onlyFalse('false: a token without a signature proves nothing'),
    accept_unsupported_alg: onlyFalse('false: an unknown signature proves nothing'),
    introspection_endpoint: refused(introspection),
    redirect_uri: refused(signIn),
    post_logout_redirect_uri: refused(signIn),
    logout_path: refused(signIn),
    session: refused(signIn),
    use_pkce: onlyFalse(signIn),
    proxy_opts: refused(
      'nothing: keys are fetched directly (through the NAT gateway of a VPC), or given in public_key',
    ),
    claim_schema: refused('required_claims in its place: claims and the values that they may have'),
  }),
  v.check(
    ({ public_key, claim_validator }) =>
      public_key === undefined || claim_validator.issuer.valid_issuers !== undefined,
    'claim_validator.issuer.valid_issuers beside public_key: whose tokens they are',
  ),
);

/** Settings of `openid-connect` with defaults filled in. */
export type OpenidConnectConfig = v.InferOutput<typeof openidConnectSchema>;
