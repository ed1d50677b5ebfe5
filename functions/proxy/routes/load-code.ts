/** What one document needs of the code that few documents need. */
import { type LoadedPlugins, loadPlugins, type PluginRegistry } from '../plugins/registry.ts';
import { hasCondition } from './condition-text.ts';
import type { DocumentContext } from './document-context.ts';
import { type DocumentKind, isSharedKind } from './kind.ts';
import { mayLink } from './shared/links.ts';
import { findLinks, type SharedSource } from './shared/shared-object.ts';

/** The code that a document is compiled with. */
export interface LoadedCode
  extends Pick<
    DocumentContext,
    'compileCondition' | 'compileUpstream' | 'compileKeys' | 'compileShared' | 'inherit'
  > {
  readonly plugins: LoadedPlugins;
}

/** What a document is about, and the objects that it may name. */
export interface CodeNeeds {
  readonly kind: DocumentKind;
  readonly shared: SharedSource;
}

/**
 * Imports the plugins that a document names or has from shared objects, and what compiles consumers, conditions, upstreams, shared
 * objects and links where it has any, so that the document can be compiled in one go.
 *
 * @param document parsed and not checked yet
 */
export async function loadCode(
  document: unknown,
  registry: PluginRegistry,
  { kind, shared }: CodeNeeds,
): Promise<LoadedCode> {
  const items: readonly Readonly<Record<string, unknown>>[] = (
    Array.isArray(document) ? document : [document]
  ).map(Object);
  const links = items.flatMap(findLinks);
  const objects = links.flatMap((link) => {
    const object = shared.find(link.kind, link.id);
    return object && object !== 'assumed' ? object.document : [];
  });
  const hasUpstream = [...items, ...objects].some(
    (item) => Object(item).upstream !== undefined || Object(item).upstream_id !== undefined,
  );
  return {
    plugins: await loadPlugins([...items, ...objects], registry),
    ...(items.some(hasCondition) && {
      compileCondition: (await import('./condition.ts')).compileCondition,
    }),
    ...(hasUpstream && {
      compileUpstream: (await import('./route-upstream.ts')).compileRouteUpstream,
    }),
    ...(items.some(mayLink) && { inherit: await import('./shared/inherit.ts') }),
    ...(kind === 'consumer' && {
      compileKeys: (await import('./compile-consumers.ts')).compileConsumers,
    }),
    ...(kind === 'credential' && {
      compileKeys: (await import('./compile-credential.ts')).compileCredential,
    }),
    ...(isSharedKind(kind) && {
      compileShared: (await import('./shared/compile-shared.ts')).compileShared,
    }),
  };
}
