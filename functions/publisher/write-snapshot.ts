/** Documents in force → the bytes of a snapshot. `functions/proxy/routes/snapshot/format.ts` says what they are. */
import { hash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { buildMatchIndex } from '../proxy/routes/build-match-index.ts';
import type { RoutePlace } from '../proxy/routes/route.ts';
import { summarize } from '../proxy/routes/served-table.ts';
import { isGlobalRule } from '../proxy/routes/shared/shared-object.ts';
import {
  type DocumentRecord,
  type SectionName,
  type SnapshotHeader,
  sectionNames,
  snapshotFormat,
} from '../proxy/routes/snapshot/format.ts';
import type { TextPlace } from '../proxy/routes/snapshot/texts.ts';
import { parseUri } from '../proxy/routes/uri.ts';
import { writeTexts } from './write-texts.ts';

/** What a snapshot is made of. */
export interface SnapshotContent {
  readonly root: string;
  /** In order of their parameters. */
  readonly documents: readonly DocumentRecord[];
  readonly invalid: number;
  readonly origin: string | null | undefined;
  readonly notes: unknown;
}

/** A snapshot before it is published. */
export interface WrittenSnapshot {
  /** Digest of everything but the time and the sequence: two snapshots with the same one are the same. */
  readonly digest: string;
  readonly table: string;
  readonly conflicts: readonly RouteConflict[];
  /** @returns the bytes, neither compressed nor encrypted */
  finish(publication: { readonly sequence: number; readonly time: string }): Buffer;
}

/** Two routes with the same host, path and method, as `<parameter>#<id>`; the first one wins. */
export interface RouteConflict {
  readonly winner: string;
  readonly loser: string;
}

/** Makes the sections of a snapshot, and their digest. */
export function writeSnapshot(content: SnapshotContent): WrittenSnapshot {
  const { documents, root, invalid, origin } = content;
  const routes = documents.flatMap(toIndexedRoutes);
  const { index, conflicts } = buildMatchIndex(
    routes,
    documents.map(({ parameter }) => parameter),
  );
  const texts = writeTexts(documents.map((record) => Buffer.from(JSON.stringify(record))));
  const sections: Readonly<Record<SectionName, Buffer>> = {
    index: toBytes(index.words),
    routes: toBytes(
      routes.flatMap(({ document, place, isAvailable }) => [document, place, Number(isAvailable)]),
    ),
    entries: toBytes(toEntries(documents, texts.places)),
    blocks: toBytes(toBlocks(texts.blocks)),
    names: Buffer.from(index.names, 'latin1'),
    texts: Buffer.concat(texts.blocks),
    notes: deflateRawSync(JSON.stringify(content.notes), { level: 3 }),
  };
  const body = Buffer.concat(sectionNames.map((name) => sections[name]));
  const known = {
    format: snapshotFormat,
    root,
    digest: hash('sha256', body, 'base64'),
    sections: toLengths(sections),
    table: toTableVersion(documents),
    invalid,
    secretParameters: toUnique(
      [...routes, ...documents.flatMap(({ objects = [] }) => objects)].flatMap(
        ({ secretParameters = [] }) => secretParameters,
      ),
    ),
    ...(origin === undefined ? {} : { origin }),
    ...toGlobalRules(documents),
    ...(routes.some(({ condition }) => condition !== undefined) ? { hasConditions: true } : {}),
    consumers: documents.flatMap(({ consumers }, place) => (consumers ? [place] : [])),
    summary: summarize(documents.map((document) => document.routes)),
  } satisfies Partial<SnapshotHeader>;
  return {
    digest: hash('sha256', JSON.stringify(known), 'base64'),
    table: known.table,
    conflicts: conflicts.map(([winner, loser]) => ({ winner: winner.name, loser: loser.name })),
    finish(publication) {
      const header: SnapshotHeader = { ...known, ...publication };
      return Buffer.concat([toLine(header), body]);
    },
  };
}

/** Spaces before its end let the body begin at a multiple of four bytes: a proxy reads the numbers where they are. */
function toLine(header: SnapshotHeader): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const size = Int32Array.BYTES_PER_ELEMENT;
  const padding = size - 1 - (text.length % size);
  return Buffer.concat([text, Buffer.from(`${' '.repeat(padding)}\n`)]);
}

function toGlobalRules(documents: readonly DocumentRecord[]): Pick<SnapshotHeader, 'globalRules'> {
  const globalRules = documents.flatMap(({ objects = [] }, place) =>
    objects.some(({ key }) => isGlobalRule(key)) ? [place] : [],
  );
  return globalRules.length > 0 ? { globalRules } : {};
}

/** @returns digest of the documents in force: the same that a proxy computes that reads Parameter Store itself */
function toTableVersion(documents: readonly Pick<DocumentRecord, 'digest'>[]): string {
  return hash('sha256', documents.map(({ digest }) => digest).join(''), 'hex').slice(0, 12);
}

interface IndexedRoute extends RoutePlace {
  /** The route's name in messages. */
  readonly name: string;
  readonly document: number;
  readonly place: number;
  readonly isAvailable: boolean;
  readonly secretParameters: readonly string[];
}

function toIndexedRoutes({ parameter, routes }: DocumentRecord, document: number): IndexedRoute[] {
  return routes.map((route, place) => ({
    name: `${parameter}#${route.id}`,
    ...{ document, place, isAvailable: route.isAvailable },
    uris: route.uris.map(parseUri),
    hosts: route.hosts,
    methods: route.methods && new Set(route.methods),
    priority: route.priority,
    condition: route.condition,
    secretParameters: route.secretParameters,
  }));
}

function toEntries(documents: readonly DocumentRecord[], places: readonly TextPlace[]): number[] {
  return documents.flatMap((record, index) => {
    const bytes = Buffer.from(hash('sha256', toStateDigest(record), 'hex'), 'hex');
    const { block = 0, start = 0, length = 0 } = places[index] ?? {};
    return [block, start, length, bytes.readInt32BE(0), bytes.readInt32BE(4)];
  });
}

/**
 * A digest may be any text; hashed again, it gives bits that are spread evenly. A proxy keeps the consumers of a document with
 * the same bits, so another set of refused consumers needs other bits, whichever way they came to be refused.
 */
function toStateDigest({ digest, consumers = [] }: DocumentRecord): string {
  const refused = consumers.flatMap(({ username, isAvailable }) => (isAvailable ? [] : [username]));
  return refused.length === 0 ? digest : JSON.stringify([digest, refused]);
}

function toBlocks(blocks: readonly Buffer[]): number[] {
  let start = 0;
  return blocks.flatMap(({ length }) => {
    start += length;
    return [start - length, length];
  });
}

function toBytes(numbers: ArrayLike<number>): Buffer {
  return Buffer.from(Int32Array.from(numbers).buffer);
}

function toLengths(sections: Readonly<Record<SectionName, Buffer>>): SnapshotHeader['sections'] {
  const entries = sectionNames.map((name) => [name, sections[name].length] as const);
  return Object.fromEntries(entries) as Record<SectionName, number>;
}

function toUnique(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
