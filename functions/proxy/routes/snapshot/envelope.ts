/**
 * What is around a snapshot: gzip, and AES-256-GCM where a key is configured.
 *
 *     plain      the snapshot, compressed (RFC 1952)
 *     encrypted  one line of JSON, Envelope; then the same bytes, encrypted; then 16 bytes of authentication tag
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { nextTurn, type Turn } from '../../http/background.ts';
import type { DataKey, EncryptionContext, KeyService } from '../../send/key-service.ts';
import { SnapshotError } from './read.ts';
import { inSlices, type Sliced } from './slices.ts';

/** What has to be known before the snapshot can be decrypted. It is authenticated with it. */
export interface Envelope {
  readonly encryption: 'AES-256-GCM';
  readonly root: string;
  readonly sequence: number;
  /** The data key, encrypted by KMS, base64. */
  readonly key: string;
  /** 12 bytes, base64. Each publication has a data key of its own. */
  readonly iv: string;
}

/** What is expected of a stored snapshot. */
export interface Expected {
  /** Root path of the documents. */
  readonly root: string;
  /** Undefined where snapshots are not encrypted. */
  readonly key: SnapshotKey | undefined;
}

/** The KMS key that snapshots are encrypted under. */
export interface SnapshotKey {
  readonly id: string;
  readonly service: KeyService;
}

/** Level of compression. It takes half of the time of zlib's default, and makes 3 % more bytes. */
const level = 3;
const algorithm = 'aes-256-gcm';
const tagBytes = 16;
const ivBytes = 12;
const newline = 0x0a;
const gzipMagic = 0x1f;
/**
 * Most bytes of a snapshot before gzip. 10,000 routes with 80,000 pairs of host and path take 22 MB, and 78 MB if their texts
 * of 8 KB are random. docs/snapshot.md says what memory it takes to read so many.
 */
export const maxSnapshotBytes = 80 * 1024 * 1024;
const minChunkBytes = 16 * 1024;
/** A line that is longer is no envelope. */
const maxEnvelopeBytes = 16_384;

/**
 * @param turn awaited between slices of the work
 * @returns the snapshot's bytes
 * @throws SnapshotError when they cannot be had from what was read; AwsServiceError of KMS
 */
export async function unpackSnapshot(
  bytes: Buffer,
  { root, key }: Expected,
  turn: Turn = nextTurn,
): Promise<Buffer> {
  const isPlain = bytes[0] === gzipMagic;
  if (isPlain && key) {
    throw new SnapshotError('the snapshot is not encrypted, and COUNTERSIGN_SNAPSHOT_KEY is set');
  }
  const compressed = isPlain ? bytes : await decrypt({ bytes, turn }, { root, key });
  try {
    const chunkSize = toOutputBytes(compressed);
    return await promisify(gunzip)(compressed, { maxOutputLength: maxSnapshotBytes, chunkSize });
  } catch (cause) {
    if (Object(cause).code === 'ERR_BUFFER_TOO_LARGE') throw toSizeError('more bytes');
    throw new SnapshotError('the snapshot cannot be decompressed: it is damaged', { cause });
  }
}

/**
 * gzip ends with the length of what was compressed (RFC 1952, ISIZE). With room for all of it zlib works in its own thread
 * from beginning to end. In chunks of 16 KB, the default, it would come back to the event loop for each, and the chunks would
 * have to be joined: most of the CPU of a refresh.
 */
function toOutputBytes(compressed: Buffer): number {
  const length = compressed.length < 4 ? 0 : compressed.readUInt32LE(compressed.length - 4);
  // One byte more, or zlib would begin another chunk. What is damaged must not reserve memory for nothing.
  return Math.max(minChunkBytes, Math.min(length, maxSnapshotBytes) + 1);
}

function toSizeError(found: string): SnapshotError {
  return new SnapshotError(
    `the snapshot has ${found} before gzip, expected at most ${maxSnapshotBytes} bytes`,
  );
}

/**
 * @returns what is stored of a snapshot's bytes; encrypted where `key` is given
 * @throws SnapshotError for more bytes than a proxy reads; AwsServiceError of KMS
 */
export async function packSnapshot(
  snapshot: Buffer,
  publication: { readonly root: string; readonly sequence: number },
  key: SnapshotKey | undefined,
): Promise<Buffer> {
  if (snapshot.length > maxSnapshotBytes) throw toSizeError(`${snapshot.length} bytes`);
  const compressed = await promisify(gzip)(snapshot, { level });
  if (!key) return compressed;
  const dataKey = await key.service.generateDataKey(key.id, toContext(publication));
  return encrypt(compressed, publication, dataKey);
}

function encrypt(
  compressed: Buffer,
  { root, sequence }: { readonly root: string; readonly sequence: number },
  { plaintext, encrypted: key }: DataKey,
): Buffer {
  const iv = randomBytes(ivBytes);
  const envelope: Envelope = {
    ...{ encryption: 'AES-256-GCM', root, sequence, key },
    iv: iv.toString('base64'),
  };
  const line = Buffer.from(`${JSON.stringify(envelope)}\n`);
  const cipher = createCipheriv(algorithm, plaintext, iv).setAAD(line);
  const parts = [line, cipher.update(compressed), cipher.final()];
  return Buffer.concat([...parts, cipher.getAuthTag()]);
}

async function decrypt({ bytes, turn }: Sliced, { root, key }: Expected): Promise<Buffer> {
  const { envelope, line } = readEnvelope(bytes);
  if (!key) throw new SnapshotError('the snapshot is encrypted, and no key is configured');
  if (envelope.root !== root) {
    const found = JSON.stringify(envelope.root);
    throw new SnapshotError(`the snapshot is of ${found}, expected ${root}`);
  }
  const dataKey = await key.service.decrypt(envelope.key, key.id, toContext(envelope));
  const end = bytes.length - tagBytes;
  try {
    const decipher = createDecipheriv(algorithm, dataKey, Buffer.from(envelope.iv, 'base64'));
    decipher.setAAD(line).setAuthTag(bytes.subarray(Math.max(line.length, end)));
    const parts: Buffer[] = [];
    await inSlices({ bytes: bytes.subarray(line.length, end), turn }, (slice) => {
      parts.push(decipher.update(slice));
    });
    return Buffer.concat([...parts, decipher.final()]);
  } catch (cause) {
    throw new SnapshotError('the snapshot cannot be decrypted: it is damaged', { cause });
  }
}

function readEnvelope(bytes: Buffer): { readonly envelope: Envelope; readonly line: Buffer } {
  const length = bytes.subarray(0, maxEnvelopeBytes).indexOf(newline) + 1;
  const line = bytes.subarray(0, length);
  try {
    const envelope = JSON.parse(line.toString('utf8')) as Envelope;
    if (envelope.encryption === 'AES-256-GCM') return { envelope, line };
  } catch {
    // Said below.
  }
  throw new SnapshotError('the object is neither gzip nor an encrypted snapshot');
}

/** KMS writes this context to CloudTrail, and decrypts only with the same one. */
function toContext({ root, sequence }: Pick<Envelope, 'root' | 'sequence'>): EncryptionContext {
  return { 'countersign:root': root, 'countersign:sequence': String(sequence) };
}
