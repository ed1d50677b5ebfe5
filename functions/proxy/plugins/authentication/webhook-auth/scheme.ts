/** How webhook providers sign: which headers hold the signature and the time, and which text is signed. */

/** How a webhook provider signs: header, hash, encoding, and the text that is signed. */
export interface WebhookScheme {
  /** Header with the signature, lower case. */
  readonly header: string;
  readonly algorithm: 'sha1' | 'sha256' | 'sha384' | 'sha512';
  readonly encoding: 'hex' | 'base64';
  /** Stands before each signature. */
  readonly prefix: string;
  /** Between several signatures, of which one has to be right; undefined where there is only one. */
  readonly separator?: string;
  /** What is signed, with `{…}` for parts of the request. */
  readonly signed: string;
  /**
   * Where the time is, in seconds since 1970: in a header of its own, or among the elements of the signature's header, where a
   * prefix marks it. Undefined if the scheme signs no time.
   */
  readonly timestamp?: { readonly header: string } | { readonly prefix: string };
  /** The secret is base64; it may begin with this prefix. */
  readonly base64SecretPrefix?: string;
}

const standard = (prefix: string): WebhookScheme => ({
  header: `${prefix}-signature`,
  algorithm: 'sha256',
  encoding: 'base64',
  prefix: 'v1,',
  separator: ' ',
  signed: `{header:${prefix}-id}.{timestamp}.{body}`,
  timestamp: { header: `${prefix}-timestamp` },
  base64SecretPrefix: 'whsec_',
});

/** Providers whose scheme is built in. */
export type PresetName = 'github' | 'stripe' | 'slack' | 'svix' | 'standard-webhooks';

/** As each provider documents it. */
export const presets: Readonly<Record<PresetName, WebhookScheme>> = {
  github: {
    header: 'x-hub-signature-256',
    algorithm: 'sha256',
    encoding: 'hex',
    prefix: 'sha256=',
    signed: '{body}',
  },
  stripe: {
    header: 'stripe-signature',
    algorithm: 'sha256',
    encoding: 'hex',
    prefix: 'v1=',
    separator: ',',
    signed: '{timestamp}.{body}',
    timestamp: { prefix: 't=' },
  },
  slack: {
    header: 'x-slack-signature',
    algorithm: 'sha256',
    encoding: 'hex',
    prefix: 'v0=',
    signed: 'v0:{timestamp}:{body}',
    timestamp: { header: 'x-slack-request-timestamp' },
  },
  svix: standard('svix'),
  'standard-webhooks': standard('webhook'),
};

/** Names of all presets, for the schema. */
export const presetNames = Object.keys(presets) as PresetName[];
