/** A document of a shared kind → its objects, with the settings of their plugins checked. */
import { type DocumentIssue, documentError, pointerTo } from '../../documents/document-error.ts';
import { attempt } from '../gathered.ts';
import type { SharedKind } from '../kind.ts';
import {
  createServices,
  type GatheringContext,
  noRetries,
  type PluginToPrepare,
  preparePlugins,
  readPlugins,
} from '../prepare.ts';
import { checkSharedUpstream } from '../route-upstream.ts';
import { toUnavailableObject } from '../unavailable.ts';
import { parseShared } from './parse-shared.ts';
import type { SharedObject, SharedSource } from './shared-object.ts';
import { findSplitLinks } from './split-links.ts';

/** What a document of a shared kind is compiled with. */
export interface SharedContext extends GatheringContext {
  readonly kind: SharedKind;
  readonly missing: DocumentIssue[];
}

/**
 * Plugins of a global rule are ready to run. Those of the other kinds are made only to be judged: each route or consumer that has them
 * makes its own.
 *
 * @throws DocumentError
 */
export function compileShared(document: unknown, context: SharedContext): readonly SharedObject[] {
  const { gathered, kind } = context;
  const objects = parseShared(document, context).map((object) => {
    attempt(context, () => judgeUpstream(object, context));
    return judgePlugins(object, context);
  });
  if (kind !== 'global_rule') gathered.pools.length = 0;
  return objects;
}

function judgeUpstream(
  { document: { upstream }, kind, pointer, id }: SharedObject,
  context: SharedContext,
): void {
  if (upstream === undefined) return;
  const services = createServices(context, { ...{ id, retry: noRetries }, ...context.gathered });
  const at = kind === 'upstream' ? pointer : pointerTo(pointer, 'upstream');
  checkSharedUpstream(upstream, { services, pointer: at });
}

function judgePlugins(object: SharedObject, context: SharedContext): SharedObject {
  const { document, pointer, id } = object;
  const list = readPlugins(document.plugins, pointer, context);
  for (const entry of list) attempt(context, () => assertFits(entry, context.kind));
  if (context.kind === 'global_rule') attempt(context, () => assertNamesNothing(object));
  const prepared = preparePlugins(
    list,
    { ...context, shared: assumed },
    { retry: noRetries, id, isOff: false },
  );
  const { plugins, missing, isOpen, names } = prepared;
  context.missing.push(...missing);
  if (context.kind !== 'global_rule') return { ...object, plugins };
  const { secretParameters } = names;
  const rule = { ...object, plugins, isGuard: !isOpen, secretParameters };
  if (missing.length === 0) return rule;
  const reason = `something that ${missing[0]?.pointer} needs is missing`;
  return { ...toUnavailableObject(rule, reason), missing };
}

/** The routes and consumers that get the plugins find out whether the objects exist that the plugins name. */
const assumed: SharedSource = { find: () => 'assumed' };

function assertNamesNothing({ document, pointer }: SharedObject): void {
  const [link] = findSplitLinks(document);
  if (!link) return;
  const expected = 'upstream in place of upstream_id: a global rule names no other object';
  throw documentError(`${pointer}${link.pointer}`, link.id, expected);
}

function assertFits({ plugin, pointer }: PluginToPrepare, kind: SharedKind): void {
  const isOfGroup = kind === 'consumer_group';
  if (plugin.isUpstream && (isOfGroup || kind === 'global_rule')) {
    const what = isOfGroup ? 'consumers' : 'all requests';
    const expected = `a plugin for ${what}: this one calls the upstream of a route`;
    throw documentError(pointer, {}, expected);
  }
  if (plugin.isAuthentication && isOfGroup) {
    const expected =
      'a plugin that runs for consumers: credentials belong to one consumer each, and no group says which consumer a client is';
    throw documentError(pointer, {}, expected);
  }
}
