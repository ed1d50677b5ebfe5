/** The bytes of a snapshot → a view of it. Documents are parsed one by one, when they are asked for. */
import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { nextTurn, type Turn } from '../../http/background.ts';
import { findRow } from '../match.ts';
import { hashName, type MatchIndex } from '../match-index.ts';
import {
  type DocumentRecord,
  entryNumbers,
  routeNumbers,
  type SectionName,
  type SnapshotHeader,
  sectionNames,
  snapshotFormat,
} from './format.ts';
import { inSlices, type Sliced } from './slices.ts';
import { createTexts } from './texts.ts';

/** A snapshot that was verified. Places count from 0. */
export interface Snapshot {
  readonly header: SnapshotHeader;
  readonly index: MatchIndex;
  /** @returns where the route of this place is */
  routeAt(place: number): RoutePosition;
  /** Parses the document of this place. */
  documentAt(place: number): DocumentRecord;
  /** 64 bits of the digest of the document of this place, as text. */
  digestAt(place: number): string;
  /** @returns the place of a parameter's document; undefined where it has none in force */
  findDocument(parameter: string): number | undefined;
  readonly notes: unknown;
}

/** Where a route is inside the snapshot. */
export interface RoutePosition {
  readonly document: number;
  /** Place among the document's routes. */
  readonly place: number;
  readonly isAvailable: boolean;
}

/** Why bytes are no snapshot that may be served from. The message never holds any of them. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
}

const newline = 0x0a;
const numberSections: readonly SectionName[] = ['index', 'routes', 'entries', 'blocks'];

/**
 * @param bytes decrypted and decompressed
 * @param root path of the documents
 * @param turn awaited between slices of the work
 * @throws SnapshotError for bytes that are damaged, of another format or for another root
 */
export async function readSnapshot(
  bytes: Buffer,
  root: string,
  turn: Turn = nextTurn,
): Promise<Snapshot> {
  const headerEnd = bytes.indexOf(newline);
  const header = parseHeader(bytes.subarray(0, Math.max(0, headerEnd)), root);
  const body = bytes.subarray(headerEnd + 1);
  const lengths = sectionNames.map((name) => header.sections[name]);
  // A negative length would let sections overlap, although the sum fits.
  if (!lengths.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    throw new SnapshotError('the header of the snapshot does not have the length of each section');
  }
  if (numberSections.some((name) => header.sections[name] % Int32Array.BYTES_PER_ELEMENT !== 0)) {
    throw new SnapshotError('a section of numbers in the snapshot ends in the middle of a number');
  }
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total !== body.length) {
    throw new SnapshotError(`the snapshot has ${body.length} bytes after its header, not ${total}`);
  }
  if ((await toDigest({ bytes: body, turn })) !== header.digest) {
    throw new SnapshotError('the digest of the snapshot is not that of its bytes');
  }
  await turn();
  return toView(header, body);
}

async function toDigest(sliced: Sliced): Promise<string> {
  const digest = createHash('sha256');
  await inSlices(sliced, (slice) => void digest.update(slice));
  return digest.digest('base64');
}

function parseHeader(line: Buffer, root: string): SnapshotHeader {
  const header = parseObject(line.toString('utf8'));
  if (!header) throw new SnapshotError('the object does not begin as a snapshot does');
  if (header.format !== snapshotFormat) {
    const found = JSON.stringify(header.format ?? null);
    throw new SnapshotError(`the snapshot has format ${found}, expected ${snapshotFormat}`);
  }
  if (header.root !== root) {
    throw new SnapshotError(`the snapshot is of ${JSON.stringify(header.root)}, expected ${root}`);
  }
  return header;
}

function parseObject(text: string): SnapshotHeader | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const { sections, summary } = Object(value);
    return sections && summary ? (value as SnapshotHeader) : undefined;
  } catch {
    return undefined;
  }
}

function toView(header: SnapshotHeader, body: Buffer): Snapshot {
  const section = (name: SectionName): Buffer => {
    const before = sectionNames.slice(0, sectionNames.indexOf(name));
    const start = before.reduce((sum, other) => sum + header.sections[other], 0);
    return body.subarray(start, start + header.sections[name]);
  };
  const routes = toNumbers(section('routes'));
  const entries = toNumbers(section('entries'));
  const readText = createTexts(toNumbers(section('blocks')), section('texts'));
  const index = {
    words: toNumbers(section('index')),
    names: section('names').toString('latin1'),
  };
  const entryAt = (place: number) => entries.subarray(place * entryNumbers);
  return {
    header,
    index,
    routeAt(place) {
      const [document = 0, inside = 0, isAvailable] = routes.subarray(place * routeNumbers);
      return { document, place: inside, isAvailable: isAvailable === 1 };
    },
    documentAt(place) {
      const [block = 0, start = 0, length = 0] = entryAt(place);
      return JSON.parse(readText({ block, start, length })) as DocumentRecord;
    },
    digestAt(place) {
      const [, , , high = 0, low = 0] = entryAt(place);
      return `${high}:${low}`;
    },
    findDocument(parameter) {
      const table = index.words[2] ?? 0;
      const found = findRow(index, table, { name: parameter, hash: hashName(parameter) });
      return found === 0 ? undefined : found - 1;
    },
    get notes(): unknown {
      return JSON.parse(inflateRawSync(section('notes')).toString('utf8'));
    },
  };
}

/** An array of numbers has to begin at a multiple of their size, as the publisher sees to. Other bytes are copied. */
function toNumbers(bytes: Buffer): Int32Array {
  const size = Int32Array.BYTES_PER_ELEMENT;
  const isAligned = bytes.byteOffset % size === 0;
  const { buffer, byteOffset, length } = isAligned ? bytes : new Uint8Array(bytes);
  return new Int32Array(buffer, byteOffset, length / size);
}
