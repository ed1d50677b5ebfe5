/**
 * What routes and consumers have from the objects that they name, in Apache APISIX's order: a route's own plugin goes before that of its
 * plugin config, and that one before that of its service; a consumer's before that of its group. Loaded only for documents that name
 * any.
 */
import { DocumentError, type DocumentIssue, pointerTo } from '../../documents/document-error.ts';
import { type GatheringContext, type PluginToPrepare, readPlugins } from '../prepare.ts';
import { createPrepareInherited, toInheritedIssue } from './inherited-issue.ts';
import {
  findLinks,
  type Link,
  type LinkFields,
  type SharedObject,
  toSharedKey,
  type WrittenPlugins,
} from './shared-object.ts';
import { findSplitLinks, type SplitLink } from './split-links.ts';

/** The functions of this file, as documents are compiled with them. */
export interface Inherit {
  readonly followLinks: typeof followLinks;
  readonly findHosts: typeof findHosts;
  readonly findUpstream: typeof findUpstream;
  readonly readInherited: typeof readInherited;
  readonly readWithheldHeaders: typeof readWithheldHeaders;
}

/** The objects that a route or consumer names. */
export interface Followed {
  /** Nearest first. */
  readonly layers: readonly Layer[];
  /** Keys of all objects that are named. */
  readonly keys: readonly string[];
  /** Objects that are not there, or not available. */
  readonly missing: DocumentIssue[];
  /** Plugins of the objects that are there and not available. */
  readonly withheld: readonly WrittenPlugins[];
  /** Whether there is more than is known here. */
  readonly isAssumed: boolean;
}

interface Layer {
  readonly object: SharedObject;
  /** JSON pointer of the field that names it. */
  readonly pointer: string;
}

/** @param pointer of the item that has the fields. @returns undefined for an item that names nothing */
export function followLinks(
  item: LinkFields & { readonly plugins?: unknown },
  pointer: string,
  { shared, gathered }: GatheringContext,
): Followed | undefined {
  const layers: Layer[] = [];
  const missing: DocumentIssue[] = [];
  const keys: string[] = [];
  const withheld: WrittenPlugins[] = [];
  let isAssumed = false;
  const follow = (link: Link, at: string) => {
    keys.push(toSharedKey(link));
    const object = shared?.find(link.kind, link.id);
    if (object === 'assumed') isAssumed = true;
    else if (object?.isAvailable) {
      layers.push({ object, pointer: at });
      // A service may name its upstream, and an upstream names nothing.
      const { upstream_id } = object.document;
      for (const next of findLinks({ upstream_id })) follow(next, at);
    } else {
      missing.push(toLack(link, at, object));
      if (object) withheld.push(object.document.plugins);
    }
  };
  // An upstream that `traffic-split` names adds no layer, because it is not the route's own upstream.
  const followSplit = ({ id }: SplitLink, at: string) => {
    const link = { field: 'upstream_id', kind: 'upstream', id } as const;
    keys.push(toSharedKey(link));
    const object = shared?.find(link.kind, id);
    if (object !== 'assumed' && !object?.isAvailable) missing.push(toLack(link, at, object));
  };
  for (const link of findLinks(item)) follow(link, pointerTo(pointer, link.field));
  for (const link of findSplitLinks(item)) followSplit(link, `${pointer}${link.pointer}`);
  for (const { object, pointer: at } of layers) {
    for (const link of findSplitLinks(object.document)) followSplit(link, at);
  }
  if (keys.length === 0) return undefined;
  gathered.links = [...new Set([...(gathered.links ?? []), ...keys])];
  return { layers, keys, missing, withheld, isAssumed };
}

/** @returns the hosts of a service, for a route without any */
export function findHosts({ layers }: Followed): readonly string[] | undefined {
  return layers.find(({ object }) => object.document.hosts)?.object.document.hosts;
}

/** @returns the upstream of a route that has none itself */
export function findUpstream({ layers }: Followed): Layer | undefined {
  return layers.find(({ object }) => object.document.upstream);
}

/** More than this of one document would take the time of many documents to compile. */
const maxInherited = 1000;

/**
 * @param own plugins that the route or consumer has itself, by name
 * @returns the plugins that it has besides; a fault in one of these counts as something that the route or consumer lacks
 */
export function readInherited(
  { layers }: Followed,
  own: WrittenPlugins,
  context: GatheringContext,
): { readonly entries: readonly PluginToPrepare[]; readonly missing: readonly DocumentIssue[] } {
  const { gathered } = context;
  const taken = new Set(Object.keys(own));
  const entries: PluginToPrepare[] = [];
  const missing: DocumentIssue[] = [];
  for (const { object, pointer } of layers) {
    const from = { parameter: object.parameter, pointer };
    const written = Object.entries(object.document.plugins).filter(([name]) => !taken.has(name));
    for (const [name] of written) taken.add(name);
    gathered.inherited = (gathered.inherited ?? 0) + written.length;
    if (written.length > 0 && gathered.inherited > maxInherited) {
      const found = `${gathered.inherited} with those before`;
      const expected = `at most ${maxInherited} plugins that all routes of one document have from other documents`;
      missing.push({ pointer, found, expected, isUnfulfilled: true });
      continue;
    }
    // A fault here belongs to another document. It is no reason to take an older version of this one.
    const issues: DocumentIssue[] = [];
    const read = readLayer(object, Object.fromEntries(written), { ...context, issues });
    const prepareInherited = createPrepareInherited(from);
    entries.push(...read.map((entry) => ({ ...entry, prepareInherited })));
    missing.push(...issues.map((issue) => toInheritedIssue(issue, from)));
  }
  return { entries, missing };
}

/** @returns the headers that plugins of unavailable objects would set: clients still may not set them */
export function readWithheldHeaders(
  { withheld }: Followed,
  { plugins }: GatheringContext,
): readonly string[] {
  return withheld.flatMap(Object.entries).flatMap(([name, { _meta, ...config }]) => {
    return plugins.get(name)?.readNames(config).identityHeaders ?? [];
  });
}

/** References obey the rules of the object's kind: a group may not refer to what only its consumers may. */
function readLayer(
  { kind, pointer }: SharedObject,
  plugins: WrittenPlugins,
  context: GatheringContext,
): readonly PluginToPrepare[] {
  try {
    return readPlugins(plugins, pointer, { ...context, kind });
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    // The issues that were found before the error are kept already.
    const known = new Set(context.issues);
    context.issues.push(...error.issues.filter((issue) => !known.has(issue)));
    return [];
  }
}

function toLack(
  { kind, id }: Link,
  pointer: string,
  object: SharedObject | undefined,
): DocumentIssue {
  const article = kind === 'upstream' ? 'an' : 'a';
  const name = `${article} ${kind.replace('_', ' ')} ${id}`;
  const expected = object
    ? `${name} that is available: ${object.reason}`
    : `${name}: no valid document in ${kind}s/ has this id`;
  return { pointer, found: JSON.stringify(id), expected, isUnfulfilled: true };
}
