/** What is published: the documents in force, and what is known of the newest version of each document. */
import { hash } from 'node:crypto';
import type { InvalidDocument } from '../proxy/routes/findings.ts';
import type { IndexRoom } from '../proxy/routes/index-room.ts';
import type { DocumentRecord } from '../proxy/routes/snapshot/format.ts';
import type { Snapshot } from '../proxy/routes/snapshot/read.ts';
import type { Finding } from './finding.ts';

/** The snapshot as the publisher knows it. */
export interface PublishedState {
  /** ETag of the object that was read; undefined when there is none. */
  readonly etag: string | undefined;
  readonly sequence: number;
  /** {@link toContentDigest}; empty when there is nothing that is worth keeping. */
  readonly contentDigest: string;
  /** Value of the origin secret; null where it could not be read, undefined where none is configured. */
  readonly origin: string | null | undefined;
  /** Documents in force by parameter. */
  readonly records: ReadonlyMap<string, DocumentRecord>;
  /** Every document that there is, by parameter. */
  readonly notes: ReadonlyMap<string, DocumentNote>;
  /** Findings that the operators could not be told of yet. */
  readonly untold: readonly Finding[];
}

/** The newest version of a document, in force or not. */
export interface DocumentNote {
  readonly version: number;
  /** When it was written, in epoch ms. */
  readonly modifiedMs?: number | undefined;
  /** Digest of its text; undefined where it could not be decrypted. */
  readonly textDigest?: string | undefined;
  /** Absolute names of the secrets that it refers to. */
  readonly secrets: readonly string[];
  /** Its secrets outside of the root are not read, because it refers to too many of them, or all documents together do. */
  readonly isOverLimit?: boolean | undefined;
  /** What it needs in the index of all paths, where there is no room for it. */
  readonly overRoom?: IndexRoom | undefined;
  /** Why it is not in force, or not all of it. */
  readonly refused?: InvalidDocument | undefined;
}

/** Nothing is published. */
export const emptyState: PublishedState = {
  etag: undefined,
  sequence: 0,
  contentDigest: '',
  origin: undefined,
  records: new Map(),
  notes: new Map(),
  untold: [],
};

/** The section `notes` of a snapshot: a note for each document, whose name begins with a slash, and what is untold. */
type StoredNotes = Readonly<Record<string, DocumentNote>> & {
  readonly [untoldKey]?: readonly Finding[];
};

const untoldKey = 'untold';

/** Makes the section `notes` of a snapshot. */
export function toStoredNotes({ notes, untold }: Pick<PublishedState, 'notes' | 'untold'>): object {
  return { ...Object.fromEntries(notes), ...(untold.length > 0 ? { [untoldKey]: untold } : {}) };
}

/** Reads everything out of a snapshot. */
export function toState(snapshot: Snapshot, etag: string): PublishedState {
  const { header } = snapshot;
  const places = Array.from({ length: header.summary.documents }, (_, place) => place);
  const records = places.map((place) => snapshot.documentAt(place));
  const { [untoldKey]: untold = [], ...notes } = snapshot.notes as StoredNotes;
  return {
    etag,
    sequence: header.sequence,
    contentDigest: toContentDigest(header),
    origin: header.origin,
    records: new Map(records.map((record) => [record.parameter, record])),
    notes: new Map(Object.entries(notes)),
    untold,
  };
}

/** @returns digest of everything but when it was published: two snapshots with the same one are the same */
function toContentDigest(header: object): string {
  const { sequence, time, ...content } = header as Readonly<Record<string, unknown>>;
  return hash('sha256', JSON.stringify(content), 'base64');
}

/** SHA-256, base64. */
export function toTextDigest(text: string): string {
  return hash('sha256', text, 'base64');
}
