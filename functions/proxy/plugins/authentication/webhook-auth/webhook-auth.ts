/** `webhook-auth`, which APISIX has not: lets in what a webhook provider has signed. */
import * as v from 'valibot';
import { headerName, integer } from '../../../documents/attributes.ts';
import { documentError, type ParseContext, pointerTo } from '../../../documents/document-error.ts';
import { strictObject } from '../../../documents/schema.ts';
import { decodeBase64 } from '../../../http/decode.ts';
import { definePlugin } from '../../plugin.ts';
import { unauthenticated } from '../identify.ts';
import { presetNames, presets, type WebhookScheme } from './scheme.ts';
import { createWebhookVerifier } from './signature.ts';
import { findUnboundedPart, findUnknownVariable } from './template.ts';

const defaultToleranceSeconds = 300;
const ofOwnScheme = ['header', 'algorithm', 'encoding', 'prefix', 'signed', 'timestamp_header'];

const schema = v.pipe(
  strictObject({
    preset: v.optional(v.picklist(presetNames, `one of ${presetNames.join(', ')}`)),
    secrets: v.pipe(
      v.array(v.pipe(v.string(), v.minLength(1, 'a secret that is not empty'))),
      v.minLength(1, 'one secret, or two while one replaces the other'),
      v.maxLength(2, 'one secret, or two while one replaces the other'),
    ),
    tolerance: v.optional(integer(1, Number.MAX_SAFE_INTEGER)),
    header: v.optional(headerName),
    algorithm: v.optional(
      v.picklist(['sha1', 'sha256', 'sha384', 'sha512'], 'sha1, sha256, sha384 or sha512'),
    ),
    encoding: v.optional(v.picklist(['hex', 'base64'], 'hex or base64')),
    prefix: v.optional(v.string()),
    signed: v.optional(v.string()),
    timestamp_header: v.optional(headerName),
  }),
  v.check(
    (config) => (config.preset === undefined) === (config.header !== undefined),
    'a preset, or the header that carries the signature',
  ),
  v.check(
    (config) => config.preset === undefined || !ofOwnScheme.some((name) => name in config),
    `no ${ofOwnScheme.join(', ')} beside a preset, which says them all`,
  ),
);

type WebhookAuthConfig = v.InferOutput<typeof schema>;

/** Verifies signatures of webhook providers; answers `UNAUTHENTICATED` otherwise. docs/plugins/webhook-auth.md. */
export const webhookAuth = definePlugin({
  name: 'webhook-auth',
  priority: 2550,
  schema,
  refusesClients: () => true,
  create(config, { now }, context) {
    const scheme = config.preset ? presets[config.preset] : toScheme(config, context);
    if (config.tolerance !== undefined && !scheme.timestamp) {
      throw documentError(
        pointerTo(context.pointer, 'tolerance'),
        config.tolerance,
        'no tolerance, since these signatures say no time',
      );
    }
    const verifier = createWebhookVerifier({
      scheme,
      secrets: config.secrets.map((secret, index) =>
        toBytes(secret, scheme, pointerTo(pointerTo(context.pointer, 'secrets'), index)),
      ),
      toleranceMs: (config.tolerance ?? defaultToleranceSeconds) * 1000,
    });
    return async (exchange, next) => {
      const fault = verifier.findFault(exchange.request, now());
      if (fault !== undefined) throw unauthenticated('Webhook-Signature', fault);
      return next(exchange);
    };
  },
});

/** @throws DocumentError for a scheme that would accept unsigned requests */
function toScheme(config: WebhookAuthConfig, { pointer }: ParseContext): WebhookScheme {
  const { header = '', algorithm = 'sha256', encoding = 'hex', prefix = '' } = config;
  const { signed = '{body}', timestamp_header: timestampHeader } = config;
  const at = pointerTo(pointer, 'signed');
  const unknown = findUnknownVariable(signed);
  if (unknown !== undefined) {
    const known = '{body}, {timestamp}, {method}, {host}, {target} and {header:<name>}';
    throw documentError(at, `{${unknown}}`, known);
  }
  if (!signed.includes('{body}')) {
    throw documentError(at, signed, '{body} among what is signed');
  }
  if (signed.includes('{timestamp}') !== (timestampHeader !== undefined)) {
    throw documentError(at, signed, '{timestamp} and a timestamp_header, or neither');
  }
  const unbounded = findUnboundedPart(signed);
  if (unbounded !== undefined) {
    const remedy =
      unbounded === 'body'
        ? '{timestamp} in front of {body}, or behind everything else'
        : `a text between {${unbounded}} and {timestamp}, which ends the value`;
    throw documentError(at, signed, remedy);
  }
  return {
    header,
    algorithm,
    encoding,
    prefix,
    signed,
    ...(timestampHeader === undefined ? {} : { timestamp: { header: timestampHeader } }),
  };
}

/** @throws DocumentError for a secret that is not base64, if the provider's secrets are base64 */
function toBytes(
  secret: string,
  { base64SecretPrefix: prefix }: WebhookScheme,
  pointer: string,
): Buffer {
  if (prefix === undefined) return Buffer.from(secret);
  const bytes = decodeBase64(secret.startsWith(prefix) ? secret.slice(prefix.length) : secret);
  if (bytes && bytes.length > 0) return bytes;
  throw documentError(pointer, secret, `base64, with or without ${prefix} before it`);
}
