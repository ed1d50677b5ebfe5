/** A document of a shared kind → its objects, with the settings of their plugins checked. */
import type { PreparedPlugin } from '../../chain/exchange.ts';
import { type DocumentIssue, documentError, pointerTo } from '../../documents/document-error.ts';
import { attempt } from '../gathered.ts';
import type { SharedKind } from '../kind.ts';
import {
  createServices,
  type GatheringContext,
  type PluginToPrepare,
  preparePlugins,
  readPlugins,
} from '../prepare.ts';
import { checkSharedUpstream } from '../route-upstream.ts';
import { parseShared } from './parse-shared.ts';
import type { SharedObject } from './shared-object.ts';

/** What a document of a shared kind is compiled with. */
export interface SharedContext extends GatheringContext {
  readonly kind: SharedKind;
  readonly missing: DocumentIssue[];
}

const noRetries = { retries: 0, retryTimeoutMs: 0 };

/**
 * Plugins are made only to be judged: each route or consumer that has them makes its own.
 *
 * @throws DocumentError
 */
export function compileShared(document: unknown, context: SharedContext): readonly SharedObject[] {
  const { gathered } = context;
  const objects = parseShared(document, context).map((object) => {
    attempt(context, () => judgeUpstream(object, context));
    return { ...object, plugins: judgePlugins(object, context) };
  });
  gathered.pools.length = 0;
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

function judgePlugins(
  { document, pointer, id }: SharedObject,
  context: SharedContext,
): readonly PreparedPlugin[] {
  const list = readPlugins(document.plugins, pointer, context);
  for (const entry of list) attempt(context, () => assertFits(entry, context.kind));
  const prepared = preparePlugins(list, context, { retry: noRetries, id, isOff: false });
  context.missing.push(...prepared.missing);
  return prepared.plugins;
}

function assertFits({ plugin, pointer }: PluginToPrepare, kind: SharedKind): void {
  if (kind !== 'consumer_group') return;
  if (plugin.isUpstream) {
    const expected = 'a plugin for consumers: this one calls the upstream of a route';
    throw documentError(pointer, {}, expected);
  }
  if (plugin.consumer) {
    const expected = 'a plugin that runs for consumers: credentials belong to one consumer each';
    throw documentError(pointer, {}, expected);
  }
}
