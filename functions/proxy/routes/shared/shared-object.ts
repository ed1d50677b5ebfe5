/** Objects that several routes or consumers share: services, plugin configs, consumer groups, upstreams and global rules. */
import type { PreparedPlugin } from '../../chain/exchange.ts';
import type { DocumentIssue } from '../../documents/document-error.ts';
import type { SharedKind } from '../kind.ts';

/** Settings by name of the plugin, as they are written. */
export type WrittenPlugins = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** One object of a document in force. */
export interface SharedObject {
  readonly kind: SharedKind;
  readonly id: string;
  /** Name of the parameter that holds it. */
  readonly parameter: string;
  /** JSON pointer of the object inside the parameter's value. */
  readonly pointer: string;
  /** References unresolved: they are resolved for each route or consumer that has it. */
  readonly document: {
    readonly plugins: WrittenPlugins;
    readonly hosts?: readonly string[] | undefined;
    /** The document itself, if the object is an upstream. */
    readonly upstream?: Readonly<Record<string, unknown>> | undefined;
    readonly upstream_id?: string | undefined;
  };
  /** False for an object that has fewer guards than a newer version asks for: routes that name it answer 503, and consumers that name it are refused. */
  readonly isAvailable: boolean;
  /** Why it is not available. */
  readonly reason?: string | undefined;
  /** Digest of the object as it is written, and of why it is not available; hexadecimal. */
  readonly digest: string;
  /** Its own plugins, where the whole document was compiled. Those of a global rule run. */
  readonly plugins: readonly PreparedPlugin[];
  /** What a global rule lacks; undefined when it lacks nothing. */
  readonly missing?: readonly DocumentIssue[] | undefined;
  /** Whether the plugins of a global rule, as far as they are known, refuse clients. */
  readonly isGuard?: boolean | undefined;
  /** Query parameters that the plugins of a global rule read credentials from. */
  readonly secretParameters?: readonly string[] | undefined;
}

/** Finds objects by kind and id. */
export interface SharedSource {
  /** @returns `assumed` where the objects are not known, and this one may exist */
  find(kind: SharedKind, id: string): SharedObject | 'assumed' | undefined;
}

/** A source without any object. */
export const nothingShared: SharedSource = { find: () => undefined };

/** The fields of routes and consumers that name an object, nearest first: what it has goes before what the next one has. */
export const linkFields = {
  group_id: 'consumer_group',
  plugin_config_id: 'plugin_config',
  upstream_id: 'upstream',
  service_id: 'service',
} as const satisfies Readonly<Record<string, SharedKind>>;

/** A field that names an object. */
export interface Link {
  readonly field: keyof typeof linkFields;
  readonly kind: SharedKind;
  readonly id: string;
}

/** The fields by which an item of a document names objects. Unset ones are undefined. */
export type LinkFields = { readonly [K in Link['field']]?: string | number | undefined };

/** @param item of a document, parsed or not. @returns its links, nearest first */
export function findLinks(item: LinkFields): Link[] {
  return Object.entries(linkFields).flatMap(([name, kind]) => {
    const field = name as Link['field'];
    const id = item[field];
    return id === undefined ? [] : [{ field, kind, id: String(id) }];
  });
}

/** @returns the key of an object among those of all kinds: `service/orders` */
export function toSharedKey({ kind, id }: Pick<SharedObject, 'kind' | 'id'>): string {
  return `${kind}/${id}`;
}

/** @returns the kind and the id of a key */
export function parseSharedKey(key: string): Pick<SharedObject, 'kind' | 'id'> {
  const [kind = '', id = ''] = key.split('/', 2);
  return { kind: kind as SharedKind, id };
}

/** @param key of an object */
export function isGlobalRule(key: string): boolean {
  return parseSharedKey(key).kind === 'global_rule';
}

/**
 * @param all in order of their parameters' names: of two objects with the same kind and id the first one is found
 */
export function createSharedSource(all: readonly SharedObject[]): SharedSource {
  if (all.length === 0) return nothingShared;
  const byKey = new Map<string, SharedObject>();
  for (const object of all) {
    const key = toSharedKey(object);
    if (!byKey.has(key)) byKey.set(key, object);
  }
  return { find: (kind, id) => byKey.get(toSharedKey({ kind, id })) };
}

/** @returns the parameters of the objects that are linked, by key; null for an object that is not there */
export function parseLinked(linked: string): Readonly<Record<string, string | null>> | undefined {
  if (linked === '') return undefined;
  const list = JSON.parse(linked) as readonly (readonly [key: string, parameter?: string | null])[];
  return Object.fromEntries(list.map(([key, parameter]) => [key, parameter ?? null]));
}

/** @returns a text that changes when one of the objects changes that a document names by its keys; '' for a document without any key */
export function describeLinked(keys: readonly string[] = [], source: SharedSource): string {
  if (keys.length === 0) return '';
  const linked = keys.map((key) => {
    const { kind, id } = parseSharedKey(key);
    const object = source.find(kind, id);
    if (object === undefined || object === 'assumed') return [key];
    return [key, object.parameter, object.digest];
  });
  return JSON.stringify(linked);
}
