/** Converts APISIX's resources to documents, and reports each difference. */

import {
  type Conversion,
  type Converted,
  toPlainId,
  toRefusal,
  toRefusing,
  withOwnId,
} from '../import/conversion.ts';
import {
  findClientCertificates,
  findParents,
  findReplaced,
  findScripts,
  mergePlugins,
} from './parents.ts';
import { type ConvertOptions, convertPlugins } from './plugins.ts';
import { type Resource, type Resources, toRecord } from './read.ts';
import { convertRouteUpstream, convertSplit, findUnnamed } from './upstreams.ts';

const routeFields = [
  ...['name', 'desc', 'labels', 'uri', 'uris', 'host', 'hosts'],
  ...['methods', 'priority', 'status', 'plugins', 'vars', 'remote_addr', 'remote_addrs'],
];

/**
 * Fields that restrict which requests a route handles. Without them the route would handle more requests than intended.
 */
const conditions: Readonly<Record<string, string>> = {
  filter_func: 'there is no Lua here',
  script: 'there is no Lua here',
  script_id: 'there is no Lua here',
};

const otherFields: Readonly<Record<string, string>> = {
  timeout: 'it is the attribute timeout of aws-lambda here, in milliseconds',
  enable_websocket: 'there are no WebSockets behind a function URL',
};

/** A field that the import does not know may be a restriction, too. */
const unknownField = 'there is no such field here';

/** Fields that are read elsewhere, or have no effect. */
const silentFields = [
  'id',
  'create_time',
  'update_time',
  'service_id',
  'plugin_config_id',
  'service_protocol',
  'upstream',
  'upstream_id',
];

/** Converts the routes and consumers of APISIX to documents. The documents are not checked yet. */
export function convertApisix(resources: Resources, options: ConvertOptions): Conversion {
  const list = (type: string) => resources.get(type) ?? [];
  const routes = list('routes').map((route, index) =>
    convertRoute(route, { ...options, index, list }),
  );
  const consumers = list('consumers').map((consumer) =>
    convertConsumer(consumer, { ...options, list }),
  );
  const safe = consumers.filter(({ wider }) => wider.length === 0);
  const documents = [...routes, ...safe.map(({ converted }) => converted)].map(
    withOwnId(new Set()),
  );
  const used = [
    ...['routes', 'consumers', 'services', 'plugin_configs', 'credentials', 'global_rules'],
    'upstreams',
  ];
  const dropped = [
    ...[...resources].flatMap(([type, { length }]) =>
      used.includes(type) ? [] : [`${length} of ${type}: ${toReason(type)}`],
    ),
    ...findUnnamed(resources),
  ];
  const unsafe = consumers.flatMap(({ converted, wider }) =>
    wider.length === 0
      ? []
      : [`consumer ${converted.id}: it would be let through more than it was; ${wider.join('; ')}`],
  );
  return { documents, dropped: [...dropped, ...unsafe] };
}

function toReason(type: string): string {
  return type === 'consumer_groups'
    ? 'the import does not write them'
    : 'there is no such thing here';
}

interface ConvertContext extends ConvertOptions {
  readonly list: (type: string) => readonly Resource[];
}

function convertRoute(
  route: Resource,
  context: ConvertContext & { readonly index: number },
): Converted {
  const parents = findParents(route, context);
  const merged = mergePlugins(route, parents, context);
  const split = convertSplit(toRecord(merged['traffic-split']), context);
  const { plugins, remarks, lost } = convertPlugins(
    { ...merged, ...('traffic-split' in merged ? { 'traffic-split': split.config } : {}) },
    context,
  );
  const caller = ['aws-lambda', 'azure-functions'].find((name) => isOn(plugins[name]));
  const { upstream, remarks: ofUpstream } = caller
    ? { upstream: undefined, remarks: [] }
    : convertRouteUpstream(route, parents, context);
  const [fields, notes, broadened] = convertFields(upstream ? { ...route, timeout: false } : route);
  const inherited = parents.service?.['hosts'];
  const hasHosts = 'host' in fields || 'hosts' in fields || inherited === undefined;
  const wider = [
    ...lost,
    ...broadened,
    ...parents.missing,
    ...findScripts(parents),
    ...findReplaced(route, parents, context),
    ...findClientCertificates(hasHosts ? fields : { hosts: inherited }, context),
  ];
  const isRefusing = wider.length > 0 && fields['status'] !== 0;
  const document = {
    ...fields,
    ...(hasHosts ? {} : { hosts: inherited }),
    plugins,
    ...(upstream && { upstream }),
  };
  return {
    kind: 'routes',
    id: toId(route, context.index),
    document: isRefusing ? toRefusing(document) : document,
    remarks: [
      ...[...remarks, ...split.remarks, ...notes, ...ofUpstream, ...parents.missing],
      ...(isRefusing ? [toRefusal(wider)] : []),
      ...(isRefusing || caller || upstream || answersAll(plugins)
        ? []
        : ['it calls no upstream: requests that no plugin answers are 503 NO_UPSTREAM']),
    ],
  };
}

/** Whether a plugin answers each request by itself. */
function answersAll({ mocking, redirect }: Resource): boolean {
  return isOn(mocking) || (isOn(redirect) && 'uri' in toRecord(redirect));
}

function isOn(settings: unknown): boolean {
  const meta = toRecord(toRecord(settings)['_meta']);
  return settings !== undefined && meta['disable'] !== true;
}

type Fields = readonly [fields: Resource, remarks: readonly string[], broadened: readonly string[]];

function convertFields(route: Resource): Fields {
  const fields: Record<string, unknown> = {};
  const remarks: string[] = [];
  const broadened: string[] = [];
  for (const [name, value] of Object.entries(route)) {
    if (routeFields.includes(name)) fields[name] = value;
    else if (!silentFields.includes(name) && value !== false) {
      const harmless = otherFields[name];
      remarks.push(`${name} is left out: ${harmless ?? conditions[name] ?? unknownField}`);
      if (harmless === undefined) broadened.push(`${name} is gone`);
    }
  }
  return [fields, remarks, broadened];
}

interface ConvertedConsumer {
  readonly converted: Converted;
  /** Restrictions that the consumer would lose, as sentences. */
  readonly wider: readonly string[];
}

/** Converts a consumer. Its credentials, which newer versions of APISIX keep separately, become its plugins. */
function convertConsumer(consumer: Resource, context: ConvertContext): ConvertedConsumer {
  const { username, desc, labels, plugins: own, ...others } = consumer;
  const id = String(username);
  const credentials = context.list('credentials').filter((item) => item['username'] === username);
  const merged = Object.assign(
    {},
    ...credentials.map((item) => toRecord(item['plugins'])),
    toRecord(own),
  );
  const { plugins, remarks, lost } = convertPlugins(merged, context);
  const left = Object.keys(others).filter((name) => !silentFields.includes(name));
  const surplus =
    credentials.length > 1 ? ['of several credentials for one plugin the last one stays'] : [];
  const converted: Converted = {
    kind: 'consumers',
    id,
    document: { username: id, ...(desc ? { desc } : {}), ...(labels ? { labels } : {}), plugins },
    remarks: [
      ...remarks,
      ...surplus,
      ...left.map((name) => `${name} is left out: ${unknownField}`),
    ],
  };
  const group = left.includes('group_id') ? ['the plugins of its group are gone'] : [];
  return { converted, wider: [...lost, ...group] };
}

function toId({ id, name }: Resource, index: number): string {
  return toPlainId(String(id ?? name ?? `route-${index + 1}`));
}
