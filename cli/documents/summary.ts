/** Summarises a document for `list`, whether it is valid or not. */
import { findJson } from '../terminal/json.ts';
import { toPlain } from '../terminal/table.ts';
import type { Kind } from './kinds.ts';

/** What `list` shows of a document, or of one item of an array. */
export interface Summary {
  /** Id of an array's item; undefined for a single document. */
  readonly item: string | undefined;
  readonly state: 'on' | 'off';
  readonly methods: readonly string[];
  /** Paths, with the host if there is one. */
  readonly paths: readonly string[];
  readonly plugins: readonly string[];
  /** Host of the upstream, or the reference that names it; undefined without an upstream. */
  readonly upstream: string | undefined;
}

/** Makes one summary for each object of the document. An unreadable document has one empty summary. */
export function describeDocument(kind: Kind, text: string): readonly Summary[] {
  const document = findJson(text)?.value;
  if (!Array.isArray(document)) return [describeItem(document, undefined)];
  const nameKey = kind.name === 'consumers' ? 'username' : 'id';
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
    upstream:
      findUpstream(toRecord(document['plugins'])) ??
      findNodes(document['upstream'] ?? document) ??
      findNamed(document),
  };
}

/** A URL may contain credentials and keys, so only its host is shown. */
function findUpstream(plugins: Record<string, unknown>): string | undefined {
  const [uri] = Object.values(plugins).flatMap(
    (settings) => toRecord(settings)['function_uri'] ?? [],
  );
  if (typeof uri !== 'string') return undefined;
  if (/^\$(env|secret):\/\//i.test(uri)) return toPlain(uri);
  return URL.canParse(uri) ? toPlain(new URL(uri).host) : undefined;
}

/** The upstream or service that is named in place of an own one. */
function findNamed({ upstream_id: upstream, service_id: service }: Record<string, unknown>) {
  if (upstream !== undefined) return toPlain(`upstreams/${upstream}`);
  return service === undefined ? undefined : toPlain(`services/${service}`);
}

/** The first node, and how many there are besides. */
function findNodes(upstream: unknown): string | undefined {
  const { nodes } = toRecord(upstream);
  const names = Array.isArray(nodes)
    ? nodes.map((node) => toRecord(node)['host'])
    : Object.keys(toRecord(nodes));
  const [first, ...others] = toStrings(names);
  return others.length === 0 ? first : `${first} +${others.length}`;
}

function toRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function toStrings(value: unknown): string[] {
  const list = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return list.map((item) => toPlain(String(item)));
}
