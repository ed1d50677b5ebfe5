import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { KmsError } from './kms-error.ts';

/** Name and value pairs that are bound to a ciphertext, and not in it. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** What wraps a data key. */
export interface WrappingKey {
  readonly id: string;
  /** 32 bytes. */
  readonly material: Buffer;
}

const ALGORITHM = 'aes-256-gcm';
const FORMAT = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Format, length of the key's id, id, IV, tag, ciphertext: a blob names its key, as KMS's own does. */
export function wrap(key: WrappingKey, plaintext: Buffer, context: EncryptionContext): Buffer {
  const head = toHead(key.id);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key.material, iv);
  cipher.setAAD(Buffer.concat([head, toContextBytes(context)]));
  const encrypted = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([head, iv, cipher.getAuthTag(), encrypted]);
}

/** The id of the key that a blob names; throws for what is no blob of this service. */
export function readKeyId(blob: Buffer): string {
  const length = blob[1] ?? 0;
  if (blob[0] !== FORMAT || blob.length <= 2 + length + IV_BYTES + TAG_BYTES) {
    throw new KmsError('InvalidCiphertextException');
  }
  return blob.subarray(2, 2 + length).toString('utf8');
}

/** The data key; throws for a blob that was changed, or made with another context. */
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

/** Sorted, since the order of a context's pairs does not count; JSON keeps names and values apart. */
function toContextBytes(context: EncryptionContext): Buffer {
  return Buffer.from(JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))));
}
