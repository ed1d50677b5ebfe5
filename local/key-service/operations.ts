import { randomBytes } from 'node:crypto';
import { type EncryptionContext, readKeyId, unwrap, type WrappingKey, wrap } from './envelope.ts';
import { KmsError } from './kms-error.ts';

/** The state of a key, which decides what it may be used for. */
export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion';

/** A master key; it never leaves the service. */
export interface MasterKey extends WrappingKey {
  readonly arn: string;
  state: KeyState;
}

/** The keys, and the permissions of the caller. */
export interface Keys {
  readonly byId: ReadonlyMap<string, MasterKey>;
  /** Operations that the caller may not call. */
  readonly denied: ReadonlySet<string>;
}

/** An operation's input: parsed JSON with unknown members. */
export type Input = Readonly<Record<string, unknown>>;

/** The operations of KMS that the service knows. */
export const OPERATIONS = { Decrypt: decrypt, GenerateDataKey: generateDataKey } as const;

/** The name of one of {@link OPERATIONS}. */
export type KmsOperation = keyof typeof OPERATIONS;

function generateDataKey(keys: Keys, input: Input): Record<string, unknown> {
  const key = findUsableKey(keys, readKey(input), 'GenerateDataKey');
  const plaintext = randomBytes(readLength(input));
  return {
    CiphertextBlob: wrap(key, plaintext, readContext(input)).toString('base64'),
    KeyId: key.arn,
    Plaintext: plaintext.toString('base64'),
  };
}

function decrypt(keys: Keys, input: Input): Record<string, unknown> {
  const blob = readBlob(input);
  const key = findUsableKey(keys, readKeyId(blob), 'Decrypt');
  const { KeyId: named } = input;
  if (named !== undefined && findKey(keys, readKey(input)) !== key) {
    const message =
      'The key ID in the request does not identify a CMK that can perform this operation.';
    throw new KmsError('IncorrectKeyException', message);
  }
  return {
    EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    KeyId: key.arn,
    Plaintext: unwrap(key, blob, readContext(input)).toString('base64'),
  };
}

/** The ARN that a key of this service has. */
export function toArn(id: string): string {
  return `arn:aws:kms:us-east-1:123456789012:key/${id}`;
}

function findKey({ byId }: Keys, idOrArn: string): MasterKey {
  const id = idOrArn.startsWith(toArn('')) ? idOrArn.slice(toArn('').length) : idOrArn;
  const key = byId.get(id);
  if (key === undefined) {
    const arn = idOrArn.startsWith('arn:') ? idOrArn : toArn(id);
    throw new KmsError('NotFoundException', `Key '${arn}' does not exist`);
  }
  return key;
}

function findUsableKey(keys: Keys, idOrArn: string, operation: KmsOperation): MasterKey {
  const key = findKey(keys, idOrArn);
  if (keys.denied.has(operation)) {
    const caller = 'arn:aws:sts::123456789012:assumed-role/local/local';
    throw new KmsError(
      'AccessDeniedException',
      `User: ${caller} is not authorized to perform: kms:${operation} on resource: ${key.arn} because no identity-based policy allows the kms:${operation} action`,
    );
  }
  if (key.state === 'Disabled') {
    throw new KmsError('DisabledException', `${key.arn} is disabled.`);
  }
  if (key.state === 'PendingDeletion') {
    throw new KmsError('KMSInvalidStateException', `${key.arn} is pending deletion.`);
  }
  return key;
}

function readKey({ KeyId: id }: Input): string {
  if (typeof id !== 'string' || id === '') {
    throw constraintError(id, 'keyId', 'Member must not be null');
  }
  return id;
}

function readLength({ KeySpec: spec, NumberOfBytes: bytes }: Input): number {
  if ((spec === undefined) === (bytes === undefined)) {
    const message = 'Please specify either number of bytes or key spec.';
    throw new KmsError('ValidationException', message);
  }
  if (typeof bytes === 'number' && Number.isInteger(bytes) && bytes >= 1 && bytes <= 1024) {
    return bytes;
  }
  if (spec === 'AES_256' || spec === 'AES_128') {
    return spec === 'AES_256' ? 32 : 16;
  }
  throw constraintError(
    spec ?? bytes,
    spec === undefined ? 'numberOfBytes' : 'keySpec',
    spec === undefined
      ? 'Member must have value less than or equal to 1024'
      : 'Member must satisfy enum value set: [AES_256, AES_128]',
  );
}

function readBlob({ CiphertextBlob: blob }: Input): Buffer {
  if (typeof blob !== 'string' || blob === '') {
    throw constraintError(blob, 'ciphertextBlob', 'Member must not be null');
  }
  return Buffer.from(blob, 'base64');
}

function readContext({ EncryptionContext: context = {} }: Input): EncryptionContext {
  const isContext =
    typeof context === 'object' &&
    context !== null &&
    Object.values(context).every((value) => typeof value === 'string');
  if (!isContext) {
    throw new KmsError('SerializationException', 'EncryptionContext has to be a map of strings.');
  }
  return context as EncryptionContext;
}

function constraintError(value: unknown, member: string, constraint: string): KmsError {
  return new KmsError(
    'ValidationException',
    `1 validation error detected: Value '${String(value ?? 'null')}' at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}
