/** Apache APISIX's `csrf`: what changes something has to bring the token of a cookie in a header as well. */
import { createHash, randomInt } from 'node:crypto';
import * as v from 'valibot';
import { answerWith } from '../../chain/answer-headers.ts';
import type { Handle } from '../../chain/exchange.ts';
import { integer } from '../../documents/attributes.ts';
import { strictObject } from '../../documents/schema.ts';
import { readCookie } from '../../http/cookies.ts';
import { decodeBase64 } from '../../http/decode.ts';
import type { ProxyRequest } from '../../http/message.ts';
import { isSameSecret } from '../../http/secret.ts';
import { token } from '../../http/token.ts';
import { maxCredentialCharacters, unauthenticated } from '../authentication/identify.ts';
import { definePlugin } from '../plugin.ts';

const schema = strictObject({
  key: v.pipe(v.string(), v.minLength(1, 'a key that is not empty')),
  expires: v.optional(integer(0, Number.MAX_SAFE_INTEGER), 7200),
  name: v.optional(
    v.pipe(v.string(), v.regex(token, 'a name for cookie and header')),
    'apisix-csrf-token',
  ),
});

type CsrfConfig = v.InferOutput<typeof schema>;

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Requires a signed token in a header that equals the one in a cookie; answers `UNAUTHENTICATED` otherwise.
 * docs/plugins/csrf.md.
 */
export const csrf = definePlugin({
  name: 'csrf',
  priority: 2980,
  schema,
  create(config, { now }) {
    const check = (request: ProxyRequest) => {
      const fault = safeMethods.has(request.method) ? undefined : findFault(request, config, now());
      if (fault !== undefined) throw unauthenticated('csrf', fault);
    };
    return (exchange, next) => {
      const offered = { 'set-cookie': toCookie(config, now()) };
      const checked: Handle = async (own) => {
        check(own.request);
        return next(own);
      };
      return answerWith(exchange, checked, { offered });
    };
  },
});

/** @returns undefined if header and cookie hold the same valid token that has not expired */
function findFault(
  { headers }: ProxyRequest,
  config: CsrfConfig,
  nowMs: number,
): string | undefined {
  const header = headers[config.name.toLowerCase()];
  if (!header) return 'no csrf token in headers';
  const [cookie, ...others] = readCookie(headers['cookie'], config.name);
  if (cookie === undefined) return 'no csrf cookie';
  // Two cookies of one name come from two places, and one of them is not ours.
  if (others.length > 0 || !isSameSecret(header, cookie)) return 'csrf token mismatch';
  return isOwnToken(cookie, config, nowMs)
    ? undefined
    : 'Failed to verify the csrf token signature';
}

function isOwnToken(token: string, { key, expires }: CsrfConfig, nowMs: number): boolean {
  if (token.length > maxCredentialCharacters) return false;
  const text = decodeBase64(token)?.toString('utf8') ?? '';
  const random = readField(text, /"random":(\d[\d.e+-]*)/);
  const seconds = readField(text, /"expires":(\d+)/);
  const isFresh = expires === 0 || nowMs / 1000 - Number(seconds) <= expires;
  const sign = readField(text, /"sign":"([0-9a-f]{64})"/);
  return isSameSecret(sign, toSign(random, seconds, key)) && isFresh;
}

/** Numbers are taken as they are written: APISIX signs the text of its own, which JavaScript would write otherwise. */
function readField(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[1] ?? '';
}

/** APISIX's own: base64 of a JSON object with the time of making, a random number and the digest over both. */
function toCookie({ key, name, expires }: CsrfConfig, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000);
  // 14 digits and no 0 at the end: what Lua makes of the number is the same text.
  const random = `0.${randomInt(1e12, 1e13)}${randomInt(1, 10)}`;
  const sign = toSign(random, String(seconds), key);
  const text = `{"random":${random},"sign":"${sign}","expires":${seconds}}`;
  const token = Buffer.from(text).toString('base64');
  const until = new Date((seconds + expires) * 1000).toUTCString();
  const limit = expires === 0 ? '' : `;Expires=${until}`;
  return `${name}=${token};path=/;SameSite=Lax;Secure${limit}`;
}

function toSign(random: string, seconds: string, key: string): string {
  const text = `{expires:${seconds},random:${random},key:${key}}`;
  return createHash('sha256').update(text).digest('hex');
}
