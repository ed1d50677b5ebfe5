/** What a list shows of a document, valid or not. */
import { findJson } from '../terminal/json.ts';
import { toPlain } from '../terminal/table.ts';
import type { Kind } from './kinds.ts';

/** What `list` shows of a document, or of one item of an array. */
export interface Summary {
  /** Id of an array's item; undefined for a single document. */
  readonly item: string | undefined;
  readonly state: 'on' | 'off';
  readonly methods: readonly string[];
  /** With the host, where there is one. */
  readonly paths: readonly string[];
  readonly plugins: readonly string[];
}

/** One summary a route or consumer in the document; an unreadable document has one, empty. */
export function describeDocument(kind: Kind, text: string): readonly Summary[] {
  const document = findJson(text)?.value;
  if (!Array.isArray(document)) return [describeItem(document, undefined)];
  const nameKey = kind.name === 'routes' ? 'id' : 'username';
  return document.map((item: unknown, index) =>
    describeItem(item, toPlain(String(toRecord(item)[nameKey] ?? index))),
  );
}

function describeItem(value: unknown, item: string | undefined): Summary {
  const document = toRecord(value);
  const hosts = toStrings(document['hosts'] ?? document['host']);
  const paths = toStrings(document['uris'] ?? document['uri']);
  return {
    item,
    state: document['status'] === 0 ? 'off' : 'on',
    methods: toStrings(document['methods']),
    paths: hosts.length === 0 ? paths : hosts.flatMap((host) => paths.map((path) => host + path)),
    plugins: toStrings(Object.keys(toRecord(document['plugins']))),
  };
}

function toRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function toStrings(value: unknown): string[] {
  const list = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return list.map((item) => toPlain(String(item)));
}
