/** Data keys of AWS KMS (https://docs.aws.amazon.com/kms/latest/developerguide/data-keys.html). */
import { ProxyError } from '../http/errors.ts';
import { createAwsCall } from './aws-json.ts';
import type { SignedClientOptions } from './signed-post.ts';

/** Names and values that a data key is bound to; it is decrypted with the same ones only. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** A key for AES-256. */
export interface DataKey {
  readonly plaintext: Buffer;
  /** What {@link KeyService.decrypt} makes the key of again, base64. */
  readonly encrypted: string;
}

/** Both calls throw AwsServiceError, or ProxyError when KMS can't be reached. */
export interface KeyService {
  /** @param keyId id, ARN or alias of a KMS key */
  generateDataKey(keyId: string, context: EncryptionContext): Promise<DataKey>;
  /** @param encrypted base64 */
  decrypt(encrypted: string, keyId: string, context: EncryptionContext): Promise<Buffer>;
}

const timeoutMs = 3000;
const keyBytes = 32;

/** @param options.endpoint of KMS in the key's Region */
export function createKeyService(
  options: Omit<SignedClientOptions, 'service' | 'poolSize'>,
): KeyService {
  const call = createAwsCall({
    ...options,
    ...{ service: 'kms', poolSize: 1, target: 'TrentService', version: '1.1' },
  });
  return {
    async generateDataKey(keyId, context) {
      const input = { KeyId: keyId, KeySpec: 'AES_256', EncryptionContext: context };
      const answer = await call('GenerateDataKey', input, timeoutMs);
      return {
        plaintext: toKey(answer['Plaintext']),
        encrypted: String(answer['CiphertextBlob']),
      };
    },
    async decrypt(encrypted, keyId, context) {
      const input = { CiphertextBlob: encrypted, KeyId: keyId, EncryptionContext: context };
      const answer = await call('Decrypt', input, timeoutMs);
      return toKey(answer['Plaintext']);
    },
  };
}

function toKey(plaintext: unknown): Buffer {
  const key = typeof plaintext === 'string' ? Buffer.from(plaintext, 'base64') : Buffer.alloc(0);
  if (key.length === keyBytes) return key;
  throw new ProxyError('ROUTES_UNAVAILABLE', 'an answer of KMS without a key of 32 bytes');
}
