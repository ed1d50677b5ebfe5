import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { KmsError } from './kms-error.ts';

/** Pairs of names and values that are bound to a ciphertext without being stored in it. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** The key that wraps data keys. */
export interface WrappingKey {
  readonly id: string;
  /** 32 bytes. */
  readonly material: Buffer;
}

const ALGORITHM = 'aes-256-gcm';
const FORMAT = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Wraps a data key. The blob consists of format, length of the key's id, id, IV, tag and ciphertext. It names its key,
 * as KMS's blobs do.
 */
export function wrap(key: WrappingKey, plaintext: Buffer, context: EncryptionContext): Buffer {
  const head = toHead(key.id);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key.material, iv);
  cipher.setAAD(Buffer.concat([head, toContextBytes(context)]));
  const encrypted = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([head, iv, cipher.getAuthTag(), encrypted]);
}

/** Reads the id of the key from a blob. Throws for other bytes. */
export function readKeyId(blob: Buffer): string {
  const length = blob[1] ?? 0;
  if (blob[0] !== FORMAT || blob.length <= 2 + length + IV_BYTES + TAG_BYTES) {
    throw new KmsError('InvalidCiphertextException');
  }
  return blob.subarray(2, 2 + length).toString('utf8');
}

/** Unwraps a data key. Throws for a blob that was changed, or wrapped with another context. */
export function unwrap(key: WrappingKey, blob: Buffer, context: EncryptionContext): Buffer {
  const head = toHead(key.id);
  const rest = blob.subarray(head.length);
  const decipher = createDecipheriv(ALGORITHM, key.material, rest.subarray(0, IV_BYTES));
  decipher.setAAD(Buffer.concat([head, toContextBytes(context)]));
  decipher.setAuthTag(rest.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(rest.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
  } catch (error) {
    throw Object.assign(new KmsError('InvalidCiphertextException'), { cause: error });
  }
}

function toHead(id: string): Buffer {
  const bytes = Buffer.from(id);
  return Buffer.concat([Buffer.from([FORMAT, bytes.length]), bytes]);
}

/** Encodes a context as sorted JSON, because the order of its pairs does not matter. */
function toContextBytes(context: EncryptionContext): Buffer {
  return Buffer.from(JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))));
}
