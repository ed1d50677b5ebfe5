/**
 * The snapshot: all documents in force in one object, ready to be served from. `docs/snapshot.md` describes it.
 *
 *     header   one line of JSON: SnapshotHeader
 *     index    numbers of the match index (../match-index.ts), 32 bits each, little-endian, like all numbers here
 *     routes   for each route: place of its document · place inside the document · 1 when it is available
 *     entries  for each document: block of its text, start and length inside the block · 64 bits of its digest and
 *              of its refused consumers
 *     blocks   for each block of texts: its start and length
 *     names    names of the match index, one byte a character
 *     texts    blocks of texts, each compressed by itself (RFC 1951); a text is a DocumentRecord, as JSON
 *     notes    what only the publisher reads, as JSON, compressed (RFC 1951)
 */

import type { TableSummary } from '../served-table.ts';

/** The format that this code writes and reads; the object's key names it as well (`v1/…`). */
export const snapshotFormat = 1;

/** Names of the sections, in order. */
export const sectionNames = [
  'index',
  'routes',
  'entries',
  'blocks',
  'names',
  'texts',
  'notes',
] as const;

/** A part of the snapshot after its header. */
export type SectionName = (typeof sectionNames)[number];

/** The first line of a snapshot. */
export interface SnapshotHeader {
  readonly format: typeof snapshotFormat;
  /** Root path of the documents. */
  readonly root: string;
  /** Grows with each publication, also after the object was deleted. */
  readonly sequence: number;
  /** When it was published, ISO 8601. */
  readonly time: string;
  /** SHA-256 of everything after the header, base64. */
  readonly digest: string;
  /** Length of each section in bytes. */
  readonly sections: Readonly<Record<SectionName, number>>;
  /** Version of the table: digest of the documents in force and their resolved references. */
  readonly table: string;
  /** How many documents there are whose newest version is not in force, or not all of it. */
  readonly invalid: number;
  /** Query parameters that plugins of any route read credentials from. */
  readonly secretParameters: readonly string[];
  /** Value of the origin secret: null where it could not be read, undefined where none is configured. */
  readonly origin?: string | null | undefined;
  /** Places of the documents that hold consumers or a credential. */
  readonly consumers: readonly number[];
  /** Places of the documents that hold global rules; undefined without any. */
  readonly globalRules?: readonly number[] | undefined;
  /** Whether any route has a condition. */
  readonly hasConditions?: boolean | undefined;
  readonly summary: TableSummary;
}

/** One document in force. */
export interface DocumentRecord {
  /** Absolute name of the parameter. */
  readonly parameter: string;
  /** Version of the parameter that is in force, not always the newest one. 0 if only places or headers of a malformed version are known. */
  readonly version: number;
  /** Digest of the parameter, the text, its resolved secrets and what is unavailable; hexadecimal. */
  readonly digest: string;
  /** The parameter's value, references unresolved. */
  readonly text: string;
  /** Values of the secrets that the text refers to, by absolute name. */
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  /** Enabled routes, sorted by id. */
  readonly routes: readonly RouteRecord[];
  /** Names of consumers, where the document holds consumers or a credential. */
  readonly consumers?: readonly ConsumerRecord[] | undefined;
  /** Parameters of the shared objects that it names, by key (`service/orders`); null for an object that is not there. */
  readonly links?: Readonly<Record<string, string | null>> | undefined;
  /** Shared objects, where the document holds such. */
  readonly objects?: readonly ObjectRecord[] | undefined;
}

/** One shared object of a document. */
export interface ObjectRecord {
  /** Kind and id: `service/orders`. */
  readonly key: string;
  /** False for an object that makes what names it unavailable. */
  readonly isAvailable: boolean;
  /** Why it is not available. */
  readonly reason?: string | undefined;
  /** Query parameters that the plugins of a global rule read credentials from. */
  readonly secretParameters?: readonly string[] | undefined;
}

/** One route, with what the match index is made of. */
export interface RouteRecord {
  readonly id: string;
  /** As written. */
  readonly uris: readonly string[];
  /** `['']` for any host. */
  readonly hosts: readonly string[];
  /** Undefined for every method. */
  readonly methods?: readonly string[] | undefined;
  readonly priority: number;
  /** `vars`, `remote_addr` and `remote_addrs` as JSON. */
  readonly condition?: string | undefined;
  readonly isOpen: boolean;
  /** False for a route that answers 503. */
  readonly isAvailable: boolean;
  /** Why it is not available. */
  readonly reason?: string | undefined;
  readonly secretParameters: readonly string[];
}

/** One consumer of a document. */
export interface ConsumerRecord {
  readonly username: string;
  /** Id of a credential document; undefined for a consumer. */
  readonly credential?: string | undefined;
  /** False for a consumer whose credentials are refused. */
  readonly isAvailable: boolean;
  /** Headers that only plugins may set for it; they stay reserved where its document cannot be compiled. */
  readonly identityHeaders?: readonly string[] | undefined;
  /**
   * Digests of its keys by plugin, by which the publisher finds two consumers with the same one. No proxy reads them. Undefined
   * where they are not known.
   */
  readonly keys?: Readonly<Record<string, string>> | undefined;
}

/** Numbers of one route in the section `routes`. */
export const routeNumbers = 3;
/** Numbers of one document in the section `entries`. */
export const entryNumbers = 5;
/** Numbers of one block in the section `blocks`. */
export const blockNumbers = 2;
