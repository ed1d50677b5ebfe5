/** APISIX's resources → documents of ours, and a word on everything that does not come along as it is. */
import type { KindName } from '../documents/kinds.ts';
import { convertPlugins } from './plugins.ts';
import { isResource, type Resource, type Resources } from './read.ts';

export interface Converted {
  readonly kind: KindName;
  readonly id: string;
  readonly document: Resource;
  /** What is different, as sentences. */
  readonly remarks: readonly string[];
}

export interface Conversion {
  readonly documents: readonly Converted[];
  /** What has no place here at all. */
  readonly dropped: readonly string[];
}

export interface ConvertOptions {
  /** Static keys stay in the documents. */
  readonly keepKeys: boolean;
}

const routeFields = [
  ...['name', 'desc', 'labels', 'uri', 'uris', 'host', 'hosts'],
  ...['methods', 'priority', 'status', 'plugins'],
];

/** Fields of a route that choose requests: without them it would answer more than it was meant to. */
const conditions: Readonly<Record<string, string>> = {
  vars: 'conditions on variables are not known here',
  filter_func: 'there is no Lua here',
  remote_addr: 'clients are chosen by the plugin ip-restriction here',
  remote_addrs: 'clients are chosen by the plugin ip-restriction here',
};

const otherFields: Readonly<Record<string, string>> = {
  script: 'there is no Lua here',
  upstream: 'only aws-lambda calls an upstream here',
  upstream_id: 'only aws-lambda calls an upstream here',
  timeout: 'it is the attribute timeout of aws-lambda here, in milliseconds',
  enable_websocket: 'there are no WebSockets behind a function URL',
};

/** Read from elsewhere, or of no consequence. */
const silentFields = [
  'id',
  'create_time',
  'update_time',
  'service_id',
  'plugin_config_id',
  'service_protocol',
];

export function convertApisix(resources: Resources, options: ConvertOptions): Conversion {
  const list = (type: string) => resources.get(type) ?? [];
  const routes = list('routes').map((route, index) =>
    convertRoute(route, { ...options, index, list }),
  );
  const consumers = list('consumers').map((consumer) =>
    convertConsumer(consumer, { ...options, list }),
  );
  const documents = [...routes, ...consumers].map(withOwnId(new Set()));
  const used = ['routes', 'consumers', 'services', 'plugin_configs', 'credentials', 'global_rules'];
  const dropped = [...resources].flatMap(([type, { length }]) =>
    used.includes(type) ? [] : [`${length} of ${type}: there is no such thing here`],
  );
  return { documents, dropped };
}

interface ConvertContext extends ConvertOptions {
  readonly list: (type: string) => readonly Resource[];
}

/** In APISIX a route's own plugins go before its plugin config's, those before its service's; global rules run always. */
function convertRoute(
  route: Resource,
  context: ConvertContext & { readonly index: number },
): Converted {
  const find = (type: string, id: unknown) =>
    id === undefined
      ? undefined
      : context.list(type).find((other) => String(other['id']) === String(id));
  const service = find('services', route['service_id']);
  const config = find('plugin_configs', route['plugin_config_id']);
  const global = context.list('global_rules').map((rule) => toRecord(rule['plugins']));
  const merged = {
    ...Object.assign({}, ...global),
    ...toRecord(service?.['plugins']),
    ...toRecord(config?.['plugins']),
    ...toRecord(route['plugins']),
  };
  const { plugins, remarks, lost } = convertPlugins(merged, context);
  const [fields, notes, broadened] = convertFields(route);
  const missing = [
    ...(route['service_id'] !== undefined && !service ? [`service ${route['service_id']}`] : []),
    ...(route['plugin_config_id'] !== undefined && !config
      ? [`plugin_config ${route['plugin_config_id']}`]
      : []),
  ].map((name) => `${name} is not in the file`);
  const hosts =
    'host' in fields || 'hosts' in fields || !service?.['hosts'] ? {} : { hosts: service['hosts'] };
  const open = [...lost, ...broadened, ...missing];
  const off = open.length > 0 && fields['status'] !== 0;
  return {
    kind: 'routes',
    id: toId(route, context.index),
    document: { ...fields, ...hosts, plugins, ...(off ? { status: 0 } : {}) },
    remarks: [
      ...remarks,
      ...notes,
      ...missing,
      ...(off
        ? [
            `switched off (status 0), since it would let through more than it did: ${open.join('; ')}`,
          ]
        : []),
      ...('aws-lambda' in plugins ? [] : ['it has no aws-lambda, and answers 503 NO_UPSTREAM']),
    ],
  };
}

type Fields = readonly [fields: Resource, remarks: readonly string[], broadened: readonly string[]];

function convertFields(route: Resource): Fields {
  const fields: Record<string, unknown> = {};
  const remarks: string[] = [];
  const broadened: string[] = [];
  for (const [name, value] of Object.entries(route)) {
    if (routeFields.includes(name)) fields[name] = value;
    else if (conditions[name] !== undefined) {
      remarks.push(`${name} is left out: ${conditions[name]}`);
      broadened.push(`${name} is gone`);
    } else if (!silentFields.includes(name) && value !== false) {
      remarks.push(`${name} is left out: ${otherFields[name] ?? 'there is no such field here'}`);
    }
  }
  return [fields, remarks, broadened];
}

/** Credentials, which newer versions keep beside the consumer, are its plugins here. */
function convertConsumer(consumer: Resource, context: ConvertContext): Converted {
  const { username, desc, labels, plugins: own, ...others } = consumer;
  const id = String(username);
  const credentials = context.list('credentials').filter((item) => item['username'] === username);
  const merged = Object.assign(
    {},
    ...credentials.map((item) => toRecord(item['plugins'])),
    toRecord(own),
  );
  const { plugins, remarks } = convertPlugins(merged, context);
  const left = Object.keys(others).filter((name) => !silentFields.includes(name));
  const surplus =
    credentials.length > 1 ? ['of several credentials for one plugin the last one stays'] : [];
  return {
    kind: 'consumers',
    id,
    document: { username: id, ...(desc ? { desc } : {}), ...(labels ? { labels } : {}), plugins },
    remarks: [
      ...remarks,
      ...surplus,
      ...left.map((name) => `${name} is left out: there is no such field here`),
    ],
  };
}

function toId({ id, name }: Resource, index: number): string {
  const text = String(id ?? name ?? `route-${index + 1}`);
  return text.replaceAll(/[^\w.-]+/g, '-').slice(0, 64);
}

/** Two ids may have become the same. */
function withOwnId(taken: Set<string>): (converted: Converted) => Converted {
  return (converted) => {
    const { kind, id } = converted;
    let own = id;
    for (let n = 2; taken.has(`${kind}/${own}`); n += 1) own = `${id}-${n}`;
    taken.add(`${kind}/${own}`);
    return { ...converted, id: own };
  };
}

function toRecord(value: unknown): Resource {
  return isResource(value) ? value : {};
}
