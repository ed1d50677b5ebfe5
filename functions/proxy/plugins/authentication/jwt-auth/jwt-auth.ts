/** Apache APISIX's `jwt-auth`: a consumer is known by a token that is signed with its key. */
import type { JWTPayload } from 'jose';
import * as v from 'valibot';
import type { Exchange } from '../../../chain/exchange.ts';
import { withHeader, withoutHeader } from '../../../chain/with-header.ts';
import { headerName } from '../../../documents/attributes.ts';
import { strictObject } from '../../../documents/schema.ts';
import { readCookie, withoutCookie } from '../../../http/cookies.ts';
import type { ProxyError } from '../../../http/errors.ts';
import type { ProxyRequest } from '../../../http/message.ts';
import { readParameter, withoutParameter } from '../../../http/query.ts';
import type { Clock } from '../../../http/time.ts';
import { definePlugin } from '../../plugin.ts';
import {
  anonymousAccess,
  anonymousConsumer,
  identify,
  identifyAnonymous,
  maxCredentialCharacters,
  realm,
  unauthenticated,
} from '../identify.ts';
import { consumerSettings, type JwtAuthSettings, toConsumerWarnings } from './consumer.ts';
import { isSignedBy, readUnverified } from './jwt.ts';

const name = v.pipe(v.string(), v.minLength(1, 'a name that is not empty'));

const schema = strictObject({
  header: v.optional(headerName, 'authorization'),
  query: v.optional(name, 'jwt'),
  cookie: v.optional(name, 'jwt'),
  hide_credentials: v.optional(v.boolean(), false),
  key_claim_name: v.optional(name, 'key'),
  store_in_ctx: v.optional(
    v.literal(false, 'false: there is no context; openid-connect sends claims upstream as headers'),
    false,
  ),
  anonymous_consumer: v.optional(anonymousConsumer),
  realm: v.optional(realm, 'jwt'),
  claims_to_verify: v.optional(v.array(v.picklist(['exp', 'nbf'], 'exp or nbf')), []),
});

type JwtAuthConfig = v.InferOutput<typeof schema>;

/**
 * Authenticates consumers by JSON Web Tokens (RFC 7519); answers `UNAUTHENTICATED` otherwise.
 * docs/plugins/jwt-auth.md.
 */
export const jwtAuth = definePlugin({
  name: 'jwt-auth',
  priority: 2510,
  schema,
  consumer: {
    schema: consumerSettings,
    toKey: ({ key }) => key,
    toWarnings: toConsumerWarnings,
  },
  ...anonymousAccess,
  secretParameters: ({ query }) => [query],
  create(config, { now }) {
    const refusal = (detail: string) => unauthenticated(`Bearer realm="${config.realm}"`, detail);
    return async (exchange, next) => {
      const token = readToken(exchange.request, config);
      const hidden = config.hide_credentials ? withoutToken(exchange, config) : exchange;
      if (token === undefined) {
        const missing = refusal('Missing JWT token in request');
        return next(identifyAnonymous(hidden, config.anonymous_consumer, missing));
      }
      return next(await identifyBearer(hidden, token, { config, refusal, now }));
    };
  },
});

interface Verification {
  readonly config: JwtAuthConfig;
  readonly refusal: (detail: string) => ProxyError;
  readonly now: Clock;
}

/** @throws ProxyError `UNAUTHENTICATED` */
async function identifyBearer(
  exchange: Exchange,
  token: string,
  { config, refusal, now }: Verification,
): Promise<Exchange> {
  const claims = token.length > maxCredentialCharacters ? undefined : readUnverified(token);
  if (!claims) throw refusal('JWT token invalid');
  // What claims inherit, such as `constructor`, is no string.
  const key = claims[config.key_claim_name];
  if (typeof key !== 'string') throw refusal('missing user key in JWT token');
  const holders = exchange.consumers.findAll<JwtAuthSettings>('jwt-auth', key);
  if (holders.length === 0) throw refusal('Invalid user key in JWT token');
  for (const found of holders) {
    const { verification, graceMs } = found.settings;
    if (!(await isSignedBy(token, verification))) continue;
    if (isTimely(claims, config, { nowMs: now(), graceMs })) return identify(exchange, found);
  }
  throw refusal('failed to verify jwt');
}

interface Times {
  readonly nowMs: number;
  readonly graceMs: number;
}

/** As in APISIX: a claim that the document lists has to be there. Without a list, those of `exp` and `nbf` that are there count. */
function isTimely(
  claims: JWTPayload,
  { claims_to_verify: listed }: JwtAuthConfig,
  times: Times,
): boolean {
  if (listed.length > 0) return listed.every((claim) => isInTime(claims, claim, times));
  return (['exp', 'nbf'] as const).every(
    (claim) => claims[claim] === undefined || isInTime(claims, claim, times),
  );
}

/** RFC 7519 §4.1.4 and §4.1.5 */
function isInTime(claims: JWTPayload, claim: 'exp' | 'nbf', { nowMs, graceMs }: Times): boolean {
  const seconds = claims[claim];
  if (typeof seconds !== 'number') return false;
  return claim === 'exp' ? seconds * 1000 > nowMs - graceMs : seconds * 1000 <= nowMs + graceMs;
}

/** Header, then query, then cookie, as in APISIX. What is there twice is joined, and no token. */
function readToken({ headers, query }: ProxyRequest, config: JwtAuthConfig): string | undefined {
  const header = headers[config.header];
  if (header !== undefined) return header.replace(/^Bearer +/i, '');
  const parameters = readParameter(query, config.query);
  const values = parameters.length > 0 ? parameters : readCookie(headers['cookie'], config.cookie);
  return values.length > 0 ? values.join('&') : undefined;
}

/** Removes the token from every place that may carry one, not only from where this one was found. */
function withoutToken(exchange: Exchange, config: JwtAuthConfig): Exchange {
  const { request } = withoutHeader(exchange, config.header);
  const query = withoutParameter(request.query, config.query);
  const cookie = withoutCookie(request.headers['cookie'], config.cookie);
  return withHeader({ ...exchange, request: { ...request, query } }, 'cookie', cookie);
}
