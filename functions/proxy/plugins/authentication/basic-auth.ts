/** Apache APISIX's `basic-auth`: a consumer is known by user name and password (RFC 7617). */
import * as v from 'valibot';
import { withoutHeader } from '../../chain/with-header.ts';
import { strictObject } from '../../documents/schema.ts';
import { decodeBase64 } from '../../http/decode.ts';
import { isSameSecret } from '../../http/secret.ts';
import { definePlugin } from '../plugin.ts';
import {
  anonymousAccess,
  anonymousConsumer,
  identify,
  identifyAnonymous,
  maxCredentialCharacters,
  realm,
  unauthenticated,
} from './identify.ts';

const schema = strictObject({
  hide_credentials: v.optional(v.boolean(), false),
  anonymous_consumer: v.optional(anonymousConsumer),
  realm: v.optional(realm, 'basic'),
});

/** RFC 7617 §2; what no client could send is refused in a document. */
const userId = v.pipe(
  v.string(),
  v.minLength(1, 'a user name that is not empty'),
  v.regex(/^[^\p{Cc}:]*$/u, 'a user name without `:` and control characters'),
  v.normalize('NFC'),
);
const password = v.pipe(
  v.string(),
  v.minLength(1, 'a password that is not empty'),
  v.regex(/^\P{Cc}*$/u, 'a password without control characters'),
  v.normalize('NFC'),
);

const consumerSettings = strictObject({ username: userId, password });

type BasicAuthSettings = v.InferOutput<typeof consumerSettings>;

/**
 * Authenticates consumers by user name and password (RFC 7617); answers `UNAUTHENTICATED` otherwise.
 * docs/plugins/basic-auth.md.
 */
export const basicAuth = definePlugin({
  name: 'basic-auth',
  priority: 2520,
  schema,
  consumer: { schema: consumerSettings, toKey: ({ username }) => username },
  ...anonymousAccess,
  create(config) {
    const refusal = (detail: string) => unauthenticated(`Basic realm="${config.realm}"`, detail);
    return async (exchange, next) => {
      const { authorization } = exchange.request.headers;
      const hidden = config.hide_credentials ? withoutHeader(exchange, 'authorization') : exchange;
      if (authorization === undefined) {
        const missing = refusal('Missing authorization in request');
        return next(identifyAnonymous(hidden, config.anonymous_consumer, missing));
      }
      const given = readBasic(authorization);
      if (!given) throw refusal('Invalid authorization in request');
      const { consumers } = exchange;
      const users = consumers.findAll<BasicAuthSettings>('basic-auth', given.username);
      const isRight = (password: string) => isSameSecret(given.password, password);
      const found = users.find(({ settings }) => isRight(settings.password));
      // Compares a digest for unknown users too, so that the time does not tell which users exist.
      if (users.length === 0) isRight('');
      if (!found) throw refusal('Invalid user authorization');
      return next(identify(hidden, found));
    };
  },
});

const scheme = /^Basic +([A-Za-z0-9+/]+=*)$/i;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The first `:` ends the user name; the others are the password's. Both are compared in NFC (RFC 7617 §2.1). */
function readBasic(authorization: string): BasicAuthSettings | undefined {
  if (authorization.length > maxCredentialCharacters) return undefined;
  const [, encoded] = scheme.exec(authorization) ?? [];
  if (encoded === undefined) return undefined;
  const bytes = decodeBase64(encoded);
  const text = bytes && decodeUtf8(bytes);
  if (text === undefined || /\p{Cc}/u.test(text)) return undefined;
  const colon = text.indexOf(':');
  if (colon === -1) return undefined;
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes).normalize('NFC');
  } catch {
    return undefined;
  }
}
