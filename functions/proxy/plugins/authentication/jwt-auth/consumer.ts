/** The `jwt-auth` credentials of a consumer: its identifier, and the one key and algorithm of its tokens. */
import * as v from 'valibot';
import { integer, refused } from '../../../documents/attributes.ts';
import { strictObject } from '../../../documents/schema.ts';
import { decodeBase64 } from '../../../http/decode.ts';
import {
  type HmacAlgorithm,
  type KeyPairAlgorithm,
  keyPairAlgorithmNames,
  readPublicKey,
  type VerificationKey,
} from './jwt.ts';

const hmacAlgorithmNames = ['HS256', 'HS384', 'HS512'] as const;
const algorithmNames = [...hmacAlgorithmNames, ...keyPairAlgorithmNames] as const;

const notEmpty = v.pipe(v.string(), v.minLength(1, 'a string that is not empty'));

const fields = strictObject({
  key: notEmpty,
  secret: v.optional(notEmpty),
  public_key: v.optional(notEmpty),
  algorithm: v.optional(v.picklist(algorithmNames, `one of ${algorithmNames.join(', ')}`), 'HS256'),
  // Used for signing tokens, which APISIX offers and this proxy does not.
  exp: v.optional(integer(1, Number.MAX_SAFE_INTEGER), 86_400),
  base64_secret: v.optional(v.boolean(), false),
  lifetime_grace_period: v.optional(integer(0, Number.MAX_SAFE_INTEGER), 0),
  private_key: refused('no private_key: tokens are only verified here, and public_key does that'),
});

type Fields = v.InferOutput<typeof fields>;

/** @throws by `addIssue` at the field that is wrong */
export const consumerSettings = v.pipe(
  fields,
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const { key, lifetime_grace_period, algorithm, secret } = dataset.value;
    const read = readKey(dataset.value);
    if ('verification' in read) {
      const { verification } = read;
      const hasUnreadSecret = !isHmac(algorithm) && secret !== undefined;
      return { key, verification, graceMs: lifetime_grace_period * 1000, hasUnreadSecret };
    }
    const { field, expected } = read;
    addIssue({
      message: expected,
      path: [
        {
          type: 'object',
          origin: 'value',
          input: dataset.value,
          key: field,
          value: dataset.value[field],
        },
      ],
    });
    return NEVER;
  }),
);

/** The `jwt-auth` credentials of a consumer with defaults filled in. */
export type JwtAuthSettings = v.InferOutput<typeof consumerSettings>;

/** @returns sentences about attributes that say nothing */
export function toConsumerWarnings({
  hasUnreadSecret,
  verification: { algorithm },
}: JwtAuthSettings): readonly string[] {
  if (!hasUnreadSecret) return [];
  return [`jwt-auth: secret is not read beside ${algorithm}: public_key verifies its tokens`];
}

type KeyRead =
  | { readonly verification: VerificationKey }
  | { readonly field: 'secret' | 'public_key'; readonly expected: string };

function readKey(settings: Fields): KeyRead {
  const { algorithm } = settings;
  return isHmac(algorithm) ? readSecret(settings, algorithm) : readPair(settings, algorithm);
}

function isHmac(algorithm: HmacAlgorithm | KeyPairAlgorithm): algorithm is HmacAlgorithm {
  return algorithm.startsWith('HS');
}

/** A public key must not be the secret of an HMAC: everyone may know it, and could sign with it. */
function readSecret(settings: Fields, algorithm: HmacAlgorithm): KeyRead {
  const { secret, public_key, base64_secret } = settings;
  if (public_key !== undefined) {
    return { field: 'public_key', expected: `no public key beside ${algorithm}, but a secret` };
  }
  if (secret === undefined) return { field: 'secret', expected: `a secret, beside ${algorithm}` };
  const bytes = base64_secret ? decodeBase64(secret) : Buffer.from(secret);
  if (!bytes) return { field: 'secret', expected: 'base64, beside base64_secret' };
  if (bytes.includes('-----BEGIN')) {
    return { field: 'secret', expected: `a secret, and no PEM, beside ${algorithm}` };
  }
  return { verification: { algorithm, key: bytes } };
}

/** A secret beside it is not read, as in APISIX, and belongs to no key. */
function readPair({ public_key }: Fields, algorithm: KeyPairAlgorithm): KeyRead {
  const read = readPublicKey(public_key ?? '', algorithm);
  return 'expected' in read
    ? { field: 'public_key', expected: read.expected }
    : { verification: { algorithm, key: read.publicKey } };
}
