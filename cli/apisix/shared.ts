/** Converts the objects of APISIX that routes and consumers share, each to a document of its own. */

import type { KindName } from '../documents/kinds.ts';
import { type Converted, takeId, toPlainId } from '../import/conversion.ts';
import { convertFields } from './fields.ts';
import { type ConvertOptions, convertPlugins } from './plugins.ts';
import { isResource, type Resource, toRecord } from './read.ts';
import { convertSplit, convertUpstream, isCalling, type Links } from './upstreams.ts';

/** A shared object of APISIX and what became of it. */
export interface SharedDocument {
  readonly converted: Converted;
  readonly written: Resource;
  /** Why it is left out: it would let requests through that it refused in APISIX. */
  readonly lost: readonly string[];
}

/** The kinds of shared objects, those first that others name. */
const sharedKinds = [
  ...(['upstreams', 'services', 'plugin_configs', 'consumer_groups', 'global_rules'] as const),
];

/** A kind of shared objects. */
export type SharedName = (typeof sharedKinds)[number];

const knownFields: Readonly<Record<SharedName, readonly string[]>> = {
  upstreams: [],
  services: ['name', 'desc', 'labels', 'hosts'],
  plugin_configs: ['name', 'desc', 'labels'],
  consumer_groups: ['name', 'desc', 'labels'],
  global_rules: [],
};

/** The shared objects of a file. */
export interface SharedDocuments extends Links {
  readonly all: readonly SharedDocument[];
  /** Finds the object that a field of APISIX names. */
  readonly find: (kind: SharedName, id: unknown) => SharedDocument | undefined;
}

/** Converts all shared objects of a file. */
export function convertShared(
  list: (type: string) => readonly Resource[],
  options: ConvertOptions,
): SharedDocuments {
  const byKey = new Map<string, SharedDocument>();
  const taken = new Set<string>();
  const find = (kind: KindName, id: unknown) => byKey.get(`${kind}/${id}`);
  const links: Links = {
    findUpstreamId: (id) => find('upstreams', id)?.converted.id,
    findUpstream: (id) => find('upstreams', id)?.written,
  };
  const all = sharedKinds.flatMap((kind) =>
    list(kind).map((written, index) => {
      const id = String(written['id'] ?? written['name'] ?? index + 1);
      const key = takeId(taken, `${kind}/${toPlainId(id)}`).slice(kind.length + 1);
      const own = convertOne(kind, written, { ...options, ...links });
      const document = { ...own, converted: { ...own.converted, id: key } };
      if (!byKey.has(`${kind}/${id}`)) byKey.set(`${kind}/${id}`, document);
      return document;
    }),
  );
  return { ...links, all, find };
}

function convertOne(
  kind: SharedName,
  written: Resource,
  context: ConvertOptions & Links,
): SharedDocument {
  if (kind === 'upstreams') {
    const { upstream, remarks } = convertUpstream(written);
    return { converted: { kind, id: '', document: upstream, remarks }, written, lost: [] };
  }
  const split = convertSplit(toRecord(written['plugins']), context);
  const { plugins, remarks, lost } = convertPlugins(split.plugins, context);
  const fields = convertFields(written, knownFields[kind]);
  const own =
    kind === 'services' && !isCalling(plugins) ? toOwnUpstream(written, context) : nothing;
  const document = { ...fields.fields, plugins, ...own.fields };
  const said = [...split.remarks, ...remarks, ...fields.remarks, ...own.remarks];
  return {
    converted: { kind, id: '', document, remarks: said },
    ...{ written, lost: [...lost, ...fields.lost] },
  };
}

const nothing = { fields: {}, remarks: [] };

/** @returns the fields `upstream` or `upstream_id` of a route or service; without nodes if its upstream is not in the file */
export function toOwnUpstream(
  { upstream, upstream_id: id }: Resource,
  { findUpstreamId }: Links,
): { readonly fields: Resource; readonly remarks: readonly string[] } {
  if (isResource(upstream)) {
    const converted = convertUpstream(upstream);
    return { fields: { upstream: converted.upstream }, remarks: converted.remarks };
  }
  if (id === undefined) return nothing;
  const own = findUpstreamId(id);
  if (own !== undefined) return { fields: { upstream_id: own }, remarks: [] };
  const remark = `upstream ${id} is not in the file: its requests are 503 NO_UPSTREAM until you write its nodes`;
  return { fields: { upstream: { nodes: {} } }, remarks: [remark] };
}
