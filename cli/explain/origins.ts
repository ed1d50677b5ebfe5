/** Which document each plugin of an explanation comes from. */
import type { Consumer, PreparedPlugin } from '../../functions/proxy/chain/exchange.ts';
import {
  findLinks,
  type LinkFields,
  type SharedObject,
} from '../../functions/proxy/routes/shared/shared-object.ts';
import type { RehearsedTable, WrittenRoute } from '../rehearsal/load-table.ts';
import { listRules } from '../rehearsal/upstreams.ts';
import { findJson } from '../terminal/json.ts';

/** The documents of a table, for the plugins that run. */
export type OriginTable = Pick<RehearsedTable, 'table' | 'shared' | 'root'>;

/** A document that a plugin is in. */
export interface Origin {
  /** Its name below the root: `services/shop`; of an object of an array `services/all#shop`. */
  readonly name: string;
  /** The plugin's settings as written there. */
  readonly settings: unknown;
}

/** @returns the global rule that has the plugin; undefined for a plugin of another object */
export function findRule(loaded: OriginTable, plugin: PreparedPlugin): Origin | undefined {
  const rule = listRules(loaded).find(({ plugins }) => plugins.includes(plugin));
  return rule && toOrigin(loaded, rule, plugin.name);
}

/** @returns the object that a route has the plugin from; undefined for a plugin of its own */
export function findInherited(
  loaded: OriginTable,
  { written }: WrittenRoute,
  name: string,
): Origin | undefined {
  if (Object.hasOwn(Object(written['plugins']), name)) return undefined;
  return findNamed(loaded, written, name);
}

/** @returns the consumer or its group, for a plugin of the consumer; undefined for one of the route */
export function findOfConsumer(
  loaded: OriginTable,
  consumer: Consumer | undefined,
  plugin: PreparedPlugin,
): Origin | undefined {
  if (!consumer?.plugins.includes(plugin)) return undefined;
  const { username, parameter } = consumer;
  const document = findJson(loaded.table.documents.get(parameter)?.text ?? '')?.value;
  const items = (Array.isArray(document) ? document : [document]).map(Object);
  const written = items.find((item) => item.username === username) ?? items[0];
  const settings = Object(written.plugins)[plugin.name];
  const own = { name: toName(loaded, parameter, username), settings };
  return settings === undefined ? (findNamed(loaded, written, plugin.name) ?? own) : own;
}

/** @returns the nearest object that an item of a document names and that has the plugin */
function findNamed(loaded: OriginTable, written: object, name: string): Origin | undefined {
  const objects = findLinks(written as LinkFields).map(({ kind, id }) =>
    loaded.shared.find(kind, id),
  );
  const owner = objects.find((object) => object && Object.hasOwn(object.document.plugins, name));
  return owner && toOrigin(loaded, owner, name);
}

function toOrigin(loaded: OriginTable, { parameter, id, document }: SharedObject, name: string) {
  return { name: toName(loaded, parameter, id), settings: document.plugins[name] };
}

/** @returns a parameter's name below the root, with the id of an array's item */
function toName({ root }: OriginTable, parameter: string, id: string): string {
  const name = parameter.slice(root.length + 1);
  return name.endsWith(`/${id}`) ? name : `${name}#${id}`;
}
