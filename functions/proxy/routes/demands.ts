/**
 * Reads which access plugins the text of a document asks for, though the document may be malformed. The version that stays
 * in force in its place must have the same access plugins; routes without them answer 503.
 */

import { createHash } from 'node:crypto';
import { getNodeValue, type Node, type ParseError, parseTree } from 'jsonc-parser';
import type { PreparedPlugin } from '../chain/exchange.ts';
import { isTooDeep } from '../documents/depth.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import type { Demand, Demands, DocumentInForce, Withheld } from './in-force.ts';
import { findMeantPlugin, toPlainName } from './meant-plugin.ts';
import type { Parameter } from './parameters.ts';
import { findLinks, linkFields, type SharedObject, toSharedKey } from './shared/shared-object.ts';
import { toUnavailable, toUnavailableObject } from './unavailable.ts';

/**
 * How the text of a malformed document is read. A credential is read as a consumer: neither guards anything by its keys. Shared objects
 * are read as routes.
 */
export interface Reading {
  readonly kind: 'route' | 'consumer';
  readonly registry: PluginRegistry;
}

/** @returns undefined if the text shows no plugins. Text that is not valid JSON is read as far as possible */
export async function readDemands(
  { name, value, version }: Parameter,
  reading: Reading,
): Promise<Demands | undefined> {
  const { root, isWhole } = parseNodes(value);
  if (!root) return undefined;
  const isList = root.type === 'array';
  const ownId = isList ? undefined : name.split('/').at(-1);
  const list: Demand[] = [];
  const ids = new Set<string | undefined>();
  for (const item of isList ? (root.children ?? []) : [root]) {
    const id = readId(item, reading) ?? ownId;
    ids.add(id);
    const demand = await readDemand(item, reading);
    if (demand) list.push({ ...demand, id });
  }
  return list.length > 0 ? { version, isWhole, isList, list, ids } : undefined;
}

/**
 * @param asked what the newest completely readable version asks for, and what newer, partly readable versions ask for
 * @returns the document. Its routes that lack an access plugin answer 503, and its consumers that lack one are refused
 */
export function withhold(document: DocumentInForce, asked: readonly Demands[]): DocumentInForce {
  const withheld: Withheld[] = [];
  const findWithheld = (id: string, item: Guarded) => {
    for (const demands of asked) {
      const lacks = findLackingOf({ id, item, document }, demands);
      if (lacks.length === 0) continue;
      const found = { id, lacks: [...new Set(lacks)], askedBy: demands.version };
      withheld.push(found);
      return found;
    }
    return undefined;
  };
  const routes = document.routes.map((route) => {
    const found = route.isAvailable ? findWithheld(route.id, route) : undefined;
    return found ? toUnavailable(route, toReason(found, document)) : route;
  });
  const consumers = document.consumers.map((consumer) =>
    consumer.isAvailable && findWithheld(consumer.username, consumer)
      ? { ...consumer, isAvailable: false }
      : consumer,
  );
  const shared = document.shared?.map((object) => {
    const found = object.isAvailable ? findWithheld(object.id, toGuarded(object)) : undefined;
    return found ? toUnavailableObject(object, toReason(found, document)) : object;
  });
  if (withheld.length === 0) return document;
  const pools = routes.some(({ isAvailable }) => isAvailable) ? document.pools : [];
  const digest = createHash('sha256')
    .update(JSON.stringify([document.digest, withheld]))
    .digest('hex');
  return { ...document, routes, consumers, shared, pools, withheld, digest, whole: document };
}

function toReason({ lacks, askedBy }: Withheld, { version }: DocumentInForce): string {
  return `version ${version} lacks ${lacks.join(', ')}, which version ${askedBy} asks for`;
}

/** A route, consumer or shared object of a version. */
interface Guarded {
  readonly plugins: readonly PreparedPlugin[];
  readonly links?: readonly string[] | undefined;
}

/** A service may name its upstream. */
function toGuarded({ plugins, document: { upstream_id } }: SharedObject): Guarded {
  return { plugins, links: findLinks({ upstream_id }).map(toSharedKey) };
}

interface Subject {
  readonly id: string;
  readonly item: Guarded;
  readonly document: DocumentInForce;
}

function findLackingOf(
  { id, item, document: { text } }: Subject,
  { isList, list, ids }: Demands,
): string[] {
  const isSingle = !isList && !text.trimStart().startsWith('[');
  // An item without an id, or one that cannot be read, may be meant: in doubt it is removed.
  if (!isSingle && !ids.has(id)) return ['removal'];
  const own = isSingle ? list : findDemands(list, id);
  return own.flatMap((demand) => findLacking(item, demand));
}

/** Finds the demands with the same id. If there are none, each demand without an id may be meant. */
function findDemands(list: readonly Demand[], id: string): readonly Demand[] {
  const same = list.filter((demand) => demand.id === id);
  return same.length > 0 ? same : list.filter((demand) => demand.id === undefined);
}

function findLacking(
  { plugins, links = [] }: Guarded,
  { accessPlugins, isOff, links: asked }: Demand,
): string[] {
  const lacking = [...accessPlugins].filter(([name, asks]) => {
    const own = plugins.find((plugin) => plugin.name === name);
    return !own || (asks && !own.isAccessPlugin);
  });
  const names = [...lacking.map(([name]) => name), ...asked.filter((key) => !links.includes(key))];
  return isOff ? [...names, 'status: 0'] : names;
}

/** @returns undefined if the item has no id */
function readId(item: Node, { kind }: Reading): string | undefined {
  const [id] = findValues(item, kind === 'route' ? 'id' : 'username');
  const isId = id?.type === 'string' || id?.type === 'number';
  return isId ? String(id.value) : undefined;
}

async function readDemand(item: Node, reading: Reading): Promise<Omit<Demand, 'id'> | undefined> {
  const isOff =
    reading.kind === 'route' &&
    findValues(item, 'status').some(({ value }) => ['0', 'false'].includes(String(value)));
  const written = findValues(item, 'plugins').filter(({ type }) => type === 'object');
  const accessPlugins = new Map<string, boolean>();
  const note = async (name: string, settings: Node) => {
    const meant = findMeantPlugin(name, reading.registry);
    if (meant === undefined || isDisabled(settings)) return;
    const asks = await asksToRefuse(meant, settings, reading);
    if (asks !== undefined) accessPlugins.set(meant, accessPlugins.get(meant) || asks);
  };
  for (const [name, settings] of written.flatMap(readProperties)) await note(name, settings);
  for (const [name, settings] of findMisplaced(item).flatMap(readProperties)) {
    if (settings.type === 'object') await note(name, settings);
  }
  for (const [name, settings] of findNamed(item, reading)) await note(name, settings);
  const links = readLinks(item);
  return written.length > 0 || accessPlugins.size > 0 || isOff || links.length > 0
    ? { accessPlugins, isOff, links }
    : undefined;
}

/** Finds fields that name a shared object, in any spelling of their names. */
function readLinks(item: Node): string[] {
  if (item.type !== 'object') return [];
  const fields = Object.entries(linkFields).map(([field, kind]) => [toPlainName(field), kind]);
  return readProperties(item).flatMap(([name, { value }]) =>
    fields.flatMap(([field, kind]) => (field === toPlainName(name) ? `${kind}/${value}` : [])),
  );
}

/** Finds plugins in a wrong place: beside `plugins`, or in a misspelt field. */
function findMisplaced(item: Node): Node[] {
  if (item.type !== 'object') return [];
  const others = readProperties(item).filter(([name]) => name !== 'plugins');
  return [item, ...others.map(([, value]) => value).filter(({ type }) => type === 'object')];
}

/** Finds names of plugins at any depth: in a list of plugins, in another plugin, in an answer of the Admin API. */
function findNamed(node: Node, reading: Reading): [name: string, settings: Node][] {
  const isPlugin = (name: string) => Object.hasOwn(reading.registry, name);
  const properties = node.type === 'object' ? readProperties(node) : [];
  const items = node.type === 'array' ? (node.children ?? []) : [];
  return [
    ...properties.filter(([name]) => isPlugin(name)),
    ...items.flatMap((item): [string, Node][] =>
      isPlugin(item.value) ? [[item.value, item]] : [],
    ),
    ...properties.flatMap(([name, value]) => {
      const found = findNamed(value, reading);
      return name === 'multi-auth' ? found.filter(([inner]) => !alternatives.has(inner)) : found;
    }),
    ...items.flatMap((child) => findNamed(child, reading)),
  ];
}

/** Plugins of which `multi-auth` asks for one: inside of it, none is asked for by itself. */
const alternatives = new Set(['basic-auth', 'hmac-auth', 'jwt-auth', 'key-auth']);

/** @returns undefined for a plugin that refuses no client, and for a consumer's own credentials */
async function asksToRefuse(
  name: string,
  settings: Node,
  { kind, registry }: Reading,
): Promise<boolean | undefined> {
  const plugin = await registry[name]?.();
  // The name resembles an access plugin, and no plugin has it.
  if (!plugin) return kind === 'consumer' ? undefined : true;
  if (!plugin.canRefuseClients || (plugin.consumer && kind === 'consumer')) return undefined;
  const { _meta, ...config } = Object(getNodeValue(settings));
  return plugin.asksToRefuse(config);
}

/** Nodes keep both values of a field that is written twice; JSON.parse keeps only the last. */
function parseNodes(text: string): { root?: Node | undefined; isWhole: boolean } {
  // The parser is recursive, and such a text could overflow the stack.
  if (isTooDeep(text)) return { isWhole: false };
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  return { root, isWhole: errors.length === 0 };
}

function readProperties({ children = [] }: Node): [name: string, value: Node][] {
  return children.flatMap(({ children: [name, value] = [] }) =>
    name && value ? [[String(name.value), value]] : [],
  );
}

function findValues(item: Node, name: string): Node[] {
  if (item.type !== 'object') return [];
  return readProperties(item).flatMap(([own, value]) => (own === name ? [value] : []));
}

/** Whether `_meta.disable` is true. A second `_meta` makes it doubtful, and then the plugin counts as enabled. */
function isDisabled(settings: Node): boolean {
  if (settings.type !== 'object') return false;
  const [meta, another] = findValues(settings, '_meta');
  return meta !== undefined && !another && Object(getNodeValue(meta)).disable === true;
}
