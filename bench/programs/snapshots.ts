/** Snapshots of many routes, as the publisher writes them. */
import { hash } from 'node:crypto';
import { constants, crc32, deflateRawSync } from 'node:zlib';
import type { DocumentRecord } from '../../functions/proxy/routes/snapshot/format.ts';
import { type WrittenSnapshot, writeSnapshot } from '../../functions/publisher/write-snapshot.ts';
import { toShape } from './route-mix.ts';

export const snapshotRoot = '/countersign/bench';

export interface SnapshotShape {
  readonly routes: number;
  /** Upstream of the route that matches the bench's requests: `/bytes/*`. */
  readonly upstream: string;
  /**
   * A number that changes one of the routes.
   * @default 0
   */
  readonly edition?: number;
}

/** @returns the bytes of a snapshot, neither compressed nor encrypted */
export function toSnapshotBytes(shape: SnapshotShape): Buffer {
  return toBytes(toSnapshot(shape), (shape.edition ?? 0) + 1);
}

/** @returns the bytes of a snapshot as publication number `sequence` */
export function toBytes(snapshot: WrittenSnapshot, sequence: number): Buffer {
  return snapshot.finish({ sequence, time: '2026-11-27T00:00:00.000Z' });
}

/** Makes a snapshot that can be published several times. */
export function toSnapshot({ routes, upstream, edition = 0 }: SnapshotShape): WrittenSnapshot {
  const others = Array.from({ length: routes - 1 }, (_, index) => toShape(index));
  const documents = [
    toDocument('bytes', { uri: '/bytes/*' }, `${upstream}/bytes/`),
    ...others.map(({ id, uri, host }, index) => {
      const isChanged = index === 0 && edition > 0;
      const url = `https://up${index % 10}.lambda-url.us-east-1.on.aws/base/`;
      return toDocument(id, { uri, host }, isChanged ? `${url}${edition}/` : url);
    }),
  ];
  documents.sort((a, b) => (a.parameter < b.parameter ? -1 : 1));
  return writeSnapshot({
    ...{ root: snapshotRoot, documents, invalid: 0, origin: undefined },
    notes: Object.fromEntries(
      documents.map(({ parameter, version, digest }) => [
        parameter,
        { version, modifiedMs: 1_780_000_000_000, textDigest: digest.slice(0, 44), secrets: [] },
      ]),
    ),
  });
}

/**
 * Compresses a snapshot once, and makes stored objects of it with any number of publication: each costs a few milliseconds. So
 * they can be made while something is measured on the same machine.
 */
export function createStorer(snapshot: WrittenSnapshot): (sequence: number) => Buffer {
  const split = (bytes: Buffer) => bytes.indexOf('\n') + 1;
  const first = toBytes(snapshot, 1);
  const body = first.subarray(split(first));
  const deflated = deflateRawSync(body, { level: 3 });
  return (sequence) => {
    const bytes = toBytes(snapshot, sequence);
    const header = bytes.subarray(0, split(bytes));
    const tail = Buffer.alloc(8);
    tail.writeUInt32LE(crc32(bytes), 0);
    tail.writeUInt32LE(bytes.length, 4);
    const open = { finishFlush: constants.Z_SYNC_FLUSH };
    return Buffer.concat([gzipHeader, deflateRawSync(header, open), deflated, tail]);
  };
}

/** RFC 1952: magic, method, no flags, no time, no hint, unknown system. */
const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

interface Place {
  readonly uri: string;
  readonly host?: string | undefined;
}

function toDocument(id: string, place: Place, functionUri: string): DocumentRecord {
  const parameter = `${snapshotRoot}/routes/${id}`;
  const plugins = { 'aws-lambda': { function_uri: functionUri, authorization: { iam: {} } } };
  const text = JSON.stringify({ id, name: `route ${id}`, ...place, plugins });
  return {
    ...{ parameter, version: 1, digest: hash('sha256', text, 'hex'), text },
    routes: [
      {
        ...{ id, uris: [place.uri], hosts: [place.host ?? ''], priority: 0 },
        ...{ isOpen: true, isAvailable: true, secretParameters: [] },
      },
    ],
  };
}
