/** What one document needs of the code that few documents need. */
import { type LoadedPlugins, loadPlugins, type PluginRegistry } from '../plugins/registry.ts';
import { hasCondition } from './condition-text.ts';
import type { CompileContext } from './prepare.ts';

/** The code that a document is compiled with. */
export interface LoadedCode extends Pick<CompileContext, 'compileCondition' | 'compileUpstream'> {
  readonly plugins: LoadedPlugins;
}

/**
 * Imports the plugins that a document names, and what compiles conditions and upstreams where a route has one, so that the
 * document can be compiled in one go.
 *
 * @param document parsed and not checked yet
 */
export async function loadCode(document: unknown, registry: PluginRegistry): Promise<LoadedCode> {
  const plugins = await loadPlugins(document, registry);
  const items: readonly unknown[] = Array.isArray(document) ? document : [document];
  const condition = items.some((item) => hasCondition(Object(item)));
  const upstream = items.some((item) => Object(item).upstream !== undefined);
  return {
    plugins,
    ...(condition && { compileCondition: (await import('./condition.ts')).compileCondition }),
    ...(upstream && {
      compileUpstream: (await import('./route-upstream.ts')).compileRouteUpstream,
    }),
  };
}
