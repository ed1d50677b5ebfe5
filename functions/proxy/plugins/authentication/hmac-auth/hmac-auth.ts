/** Apache APISIX's `hmac-auth` (3.11 and later): a consumer signs its requests (draft-cavage-http-signatures-12). */
import { createHash, createHmac } from 'node:crypto';
import * as v from 'valibot';
import { withoutHeader } from '../../../chain/with-header.ts';
import { integer, listOf, refused } from '../../../documents/attributes.ts';
import { strictObject } from '../../../documents/schema.ts';
import { decodeBase64 } from '../../../http/decode.ts';
import { ProxyError } from '../../../http/errors.ts';
import type { ProxyRequest } from '../../../http/message.ts';
import { isSameSecret } from '../../../http/secret.ts';
import { definePlugin } from '../../plugin.ts';
import {
  anonymousAccess,
  anonymousConsumer,
  identify,
  identifyAnonymous,
  realm,
  unauthenticated,
} from '../identify.ts';
import { parseSignature, type SignatureFields } from './signature.ts';

const algorithms = ['hmac-sha1', 'hmac-sha256', 'hmac-sha512'] as const;
const algorithm = v.picklist(algorithms, `one of ${algorithms.join(', ')}`);

const schema = strictObject({
  allowed_algorithms: v.optional(listOf(algorithm), [...algorithms]),
  clock_skew: v.optional(integer(1, Number.MAX_SAFE_INTEGER), 300),
  signed_headers: v.optional(
    v.array(
      v.pipe(
        v.string(),
        v.minLength(1, 'a header name'),
        v.maxLength(50, 'a header name of at most 50 characters'),
        v.toLowerCase(),
      ),
    ),
    [],
  ),
  validate_request_body: v.optional(v.boolean(), false),
  max_req_body_size: v.optional(integer(1, Number.MAX_SAFE_INTEGER), 67_108_864),
  hide_credentials: v.optional(v.boolean(), false),
  anonymous_consumer: v.optional(anonymousConsumer),
  realm: v.optional(realm, 'hmac'),
});

const keyPart = v.pipe(
  v.string(),
  v.minLength(1, 'a string that is not empty'),
  v.maxLength(256, 'at most 256 characters'),
);
const ofTheRoute = (name: string) => refused(`no ${name}: since APISIX 3.11 it is the route's`);

const consumerSettings = strictObject({
  key_id: keyPart,
  secret_key: keyPart,
  access_key: refused('key_id, as it is called since APISIX 3.11'),
  algorithm: refused('no algorithm: since APISIX 3.11 the route has allowed_algorithms'),
  clock_skew: ofTheRoute('clock_skew'),
  signed_headers: ofTheRoute('signed_headers'),
  validate_request_body: ofTheRoute('validate_request_body'),
});

type HmacAuthConfig = v.InferOutput<typeof schema>;
type HmacAuthSettings = v.InferOutput<typeof consumerSettings>;

/**
 * Authenticates consumers by the HMAC of the request; answers `UNAUTHENTICATED` otherwise. docs/plugins/hmac-auth.md.
 */
export const hmacAuth = definePlugin({
  name: 'hmac-auth',
  priority: 2530,
  schema,
  consumer: { schema: consumerSettings, toKey: ({ key_id }) => key_id },
  ...anonymousAccess,
  create(config, { now, warn }) {
    if (config.validate_request_body && !config.signed_headers.includes('digest')) {
      warn('hmac-auth: validate_request_body proves nothing unless signed_headers has digest');
    }
    const refusal = (detail: string) => unauthenticated(`hmac realm="${config.realm}"`, detail);
    return async (exchange, next) => {
      const { request, consumers } = exchange;
      const { authorization } = request.headers;
      const hidden = config.hide_credentials ? withoutHeader(exchange, 'authorization') : exchange;
      if (authorization === undefined) {
        const missing = refusal("client request can't be validated: missing Authorization header");
        return next(identifyAnonymous(hidden, config.anonymous_consumer, missing));
      }
      assertBodySize(request, config);
      const fields = parseSignature(authorization);
      const isAccepted = fields && isAcceptable(fields, request, { config, nowMs: now() });
      if (!isAccepted) throw refusal("client request can't be validated");
      const signers = consumers.findAll<HmacAuthSettings>('hmac-auth', fields.keyId);
      const isSigned = (secret: string) => isSignedWith(secret, fields, request);
      const found = signers.find(({ settings }) => isSigned(settings.secret_key));
      // Computes a signature for unknown keys too, so that the time does not tell which keys exist.
      if (signers.length === 0) isSigned('nobody');
      if (!found) throw refusal("client request can't be validated");
      return next(identify(hidden, found));
    };
  },
});

/** @throws ProxyError `BODY_TOO_LARGE` for a body whose digest would be compared */
function assertBodySize(
  { body }: ProxyRequest,
  { validate_request_body, max_req_body_size: max }: HmacAuthConfig,
): void {
  if (!validate_request_body || body.length <= max) return;
  throw new ProxyError('BODY_TOO_LARGE', `hmac-auth: at most ${max} bytes`);
}

interface Demands {
  readonly config: HmacAuthConfig;
  readonly nowMs: number;
}

/** Everything but the signature itself: algorithm, time, what has to be signed, and the body's digest. */
function isAcceptable(
  { algorithm: name, headers: signed }: SignatureFields,
  request: ProxyRequest,
  { config, nowMs }: Demands,
): boolean {
  const { allowed_algorithms, signed_headers, validate_request_body, clock_skew } = config;
  // Without a signed date a request could be replayed at any time; without a signed target, to any path.
  const dateHeader = ['date', 'x-date'].find((header) => signed.includes(header));
  const dateMs = dateHeader ? parseHttpDate(request.headers[dateHeader]) : Number.NaN;
  const isRecent = Math.abs(nowMs - dateMs) <= clock_skew * 1000;
  return (
    allowed_algorithms.some((allowed) => allowed === name) &&
    isRecent &&
    ['@request-target', ...signed_headers].every((header) => signed.includes(header)) &&
    (!validate_request_body || hasDigestOf(request))
  );
}

/** The key id, then a line for each header that the client names, in its order. */
function isSignedWith(
  secret: string,
  { keyId, algorithm: name, headers, written, signature }: SignatureFields,
  { method, target, headers: received }: ProxyRequest,
): boolean {
  const given = decodeBase64(signature);
  const lines = [keyId];
  for (const [index, header] of headers.entries()) {
    const value = received[header];
    if (header === '@request-target') lines.push(`${method} ${target}`);
    else if (value === undefined) return false;
    else lines.push(`${written[index]}: ${value}`);
  }
  const expected = createHmac(name.replace('hmac-', ''), secret)
    .update(`${lines.join('\n')}\n`)
    .digest();
  return given !== undefined && isSameSecret(given, expected);
}

function hasDigestOf({ headers, body }: ProxyRequest): boolean {
  const digest = createHash('sha256').update(body).digest('base64');
  return isSameSecret(headers['digest'] ?? '', `SHA-256=${digest}`);
}

/** IMF-fixdate (RFC 9110 §5.6.7), the form that is sent; NaN for anything else. */
function parseHttpDate(text = ''): number {
  const isFixdate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text);
  return isFixdate ? Date.parse(text) : Number.NaN;
}
