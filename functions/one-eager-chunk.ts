/**
 * An esbuild plugin: everything that a cold start loads in one chunk. esbuild makes a chunk of each set of files that the
 * same entry points share, so that twenty lazy plugins cut the eager part into as many files, each of them found, read
 * and linked on its own (0.3 ms on Node 24). Where every lazy chunk is told to share everything, there is one set.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

/**
 * Builds once, without writing, to see what is eager.
 *
 * @param entry the one entry point, from the working directory
 * @returns the options with the plugin in them
 */
export async function withOneEagerChunk(
  options: BuildOptions,
  entry: string,
): Promise<BuildOptions> {
  const folder = dirname(entry);
  const { metafile } = await build({ ...options, write: false, metafile: true });
  const eager = findEagerInputs(metafile, entry).filter((file) => file.startsWith(`${folder}/`));
  return { ...options, plugins: [...(options.plugins ?? []), shareWithLazy(eager, folder)] };
}

function shareWithLazy(eager: readonly string[], folder: string): Plugin {
  return {
    name: 'one-eager-chunk',
    setup: ({ initialOptions, onResolve, onLoad, resolve }) => {
      const root = initialOptions.absWorkingDir ?? '';
      const lazy = new Set<string>();
      onResolve({ filter: /^\./ }, async ({ path, kind, pluginData, ...args }) => {
        if (kind !== 'dynamic-import' || pluginData === 'seen') return undefined;
        const resolved = await resolve(path, { ...args, kind, pluginData: 'seen' });
        lazy.add(resolved.path);
        return resolved;
      });
      onLoad({ filter: new RegExp(`/${folder}/.*\\.ts$`) }, async ({ path }) => {
        if (!lazy.has(path)) return undefined;
        const text = await readFile(path, 'utf8');
        const imports = eager.map((file) => `import ${JSON.stringify(join(root, file))};`);
        // Behind the last line, so that source maps stay right.
        return { contents: `${text}\n${imports.join('\n')}`, loader: 'ts' };
      });
    },
  };
}

/** Sources of the entry's chunk and of all that it imports statically, less the entry itself: it waits at its top level. */
function findEagerInputs({ outputs }: Metafile, entry: string): string[] {
  const seen = new Set<string>();
  const waiting = Object.keys(outputs).filter((file) => outputs[file]?.entryPoint === entry);
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const { path, kind } of outputs[file]?.imports ?? []) {
      if (kind === 'import-statement' && outputs[path]) waiting.push(path);
    }
  }
  const inputs = [...seen].flatMap((file) => Object.keys(outputs[file]?.inputs ?? {}));
  return inputs.filter((file) => file !== entry);
}
