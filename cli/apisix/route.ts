/** Converts a route of APISIX to a document. */
import { type Converted, toPlainId, toRefusal, toRefusing } from '../import/conversion.ts';
import { findClientCertificates } from './client-certificates.ts';
import { convertFields } from './fields.ts';
import { type ConvertOptions, convertPlugins } from './plugins.ts';
import { type Resource, toRecord } from './read.ts';
import { type SharedDocument, type SharedDocuments, toOwnUpstream } from './shared.ts';
import { convertSplit, isCalling, isOn } from './upstreams.ts';

const knownFields = [
  ...['name', 'desc', 'labels', 'uri', 'uris', 'host', 'hosts'],
  ...['methods', 'priority', 'status', 'vars', 'remote_addr', 'remote_addrs'],
];

/** What a route is converted with. */
export interface RouteContext extends ConvertOptions {
  readonly list: (type: string) => readonly Resource[];
  readonly shared: SharedDocuments;
  /** Its place in the file, for a route without an id. */
  readonly index: number;
}

/** Converts a route. If it would let through more than it did, it refuses every request in its place. */
export function convertRoute(route: Resource, context: RouteContext): Converted {
  const { shared, list } = context;
  const split = convertSplit(toRecord(route['plugins']), shared);
  const { plugins, remarks, lost } = convertPlugins(split.plugins, context);
  const parents = findParents(route, shared);
  const inheritedPlugins = parents.found.map(({ converted }) => converted.document['plugins']);
  const merged: Resource = Object.assign({}, ...[...inheritedPlugins].reverse(), plugins);
  const isCaller = isCalling(merged);
  const own = isCaller ? { fields: {}, remarks: [] } : toOwnUpstream(route, shared);
  const names = isCaller ? knownFields : [...knownFields, 'timeout'];
  const { fields, ...others } = convertFields(route, names);
  const service = parents.found.find(({ converted }) => converted.kind === 'services');
  const hosts = service?.written['hosts'];
  const inherited = 'host' in fields || 'hosts' in fields || hosts === undefined ? {} : { hosts };
  const wider = [
    ...[...lost, ...others.lost, ...parents.missing, ...findLeftOut(parents.found, shared)],
    ...findClientCertificates({ ...fields, ...inherited }, list),
  ];
  const document = { ...fields, plugins, ...parents.links, ...own.fields };
  const isRefusing = wider.length > 0 && fields['status'] !== 0;
  const hasUpstream = isCaller || Object.keys(own.fields).length > 0 || hasOwn(service);
  return {
    kind: 'routes',
    id: toPlainId(String(route['id'] ?? route['name'] ?? `route-${context.index + 1}`)),
    document: isRefusing ? toRefusing({ ...document, ...inherited }) : document,
    inheritedPlace: inherited,
    remarks: [
      ...[...split.remarks, ...remarks, ...others.remarks, ...own.remarks],
      ...(isRefusing ? [toRefusal(wider)] : wider),
      ...(isRefusing || hasUpstream || answersAll(merged)
        ? []
        : ['it calls no upstream: requests that no plugin answers are 503 NO_UPSTREAM']),
    ],
  };
}

interface Parents {
  /** Nearest first. */
  readonly found: readonly SharedDocument[];
  readonly links: Resource;
  /** Names of objects that are not in the file, as sentences. */
  readonly missing: readonly string[];
}

function findParents(route: Resource, { find }: SharedDocuments): Parents {
  const found: SharedDocument[] = [];
  const links: Record<string, string> = {};
  const missing: string[] = [];
  for (const [field, kind] of [
    ['plugin_config_id', 'plugin_configs'],
    ['service_id', 'services'],
  ] as const) {
    const id = route[field];
    if (id === undefined) continue;
    const object = find(kind, id);
    if (object) {
      found.push(object);
      links[field] = object.converted.id;
    } else missing.push(`${kind}/${id} is not in the file`);
  }
  return { found, links, missing };
}

/** @returns the objects above a route that are left out, because they would let through more, as sentences */
function findLeftOut(parents: readonly SharedDocument[], { all }: SharedDocuments): string[] {
  const rules = all.filter(({ converted }) => converted.kind === 'global_rules');
  return [...parents, ...rules].flatMap(({ converted: { kind, id }, lost }) =>
    lost.length > 0 ? [`${kind}/${id} is left out`] : [],
  );
}

function hasOwn(service: SharedDocument | undefined): boolean {
  const { upstream, upstream_id: id } = service?.converted.document ?? {};
  return upstream !== undefined || id !== undefined;
}

/** Whether a plugin answers each request by itself. */
function answersAll({ mocking, redirect }: Resource): boolean {
  return isOn(mocking) || (isOn(redirect) && 'uri' in toRecord(redirect));
}
