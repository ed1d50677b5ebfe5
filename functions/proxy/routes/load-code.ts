/** What one document needs of the code that few documents need. */
import { type LoadedPlugins, loadPlugins, type PluginRegistry } from '../plugins/registry.ts';
import { hasCondition } from './condition-text.ts';
import type { CompileContext } from './prepare.ts';

/** The code that a document is compiled with. */
export interface LoadedCode extends Pick<CompileContext, 'compileCondition'> {
  readonly plugins: LoadedPlugins;
}

/**
 * Imports the plugins that a document names, and what compiles conditions where a route has one, so that the document can be
 * compiled in one go.
 *
 * @param document parsed and not checked yet
 */
export async function loadCode(document: unknown, registry: PluginRegistry): Promise<LoadedCode> {
  const plugins = await loadPlugins(document, registry);
  const items: readonly unknown[] = Array.isArray(document) ? document : [document];
  if (!items.some((item) => hasCondition(Object(item)))) return { plugins };
  const { compileCondition } = await import('./condition.ts');
  return { plugins, compileCondition };
}
