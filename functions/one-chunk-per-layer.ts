/**
 * An esbuild plugin: everything that a cold start loads in two chunks. esbuild makes a chunk of each set of files that the
 * same entry points share, so that twenty lazy plugins cut the proxy into as many files, each of them found, read and
 * linked on its own (0.3 ms on Node 24). Where every lazy chunk is told to share everything, there is one set for each layer.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

/** The parts that every cold start loads. */
export interface Layers {
  /** The one entry point, from the working directory. It is loaded first, with what it imports statically. */
  readonly entry: string;
  /** What the entry imports dynamically while it waits for its first table; everything that is loaded later needs it. */
  readonly second: string;
}

/**
 * Builds once, without writing, to see what each layer has.
 *
 * @returns the options with the plugin in them
 */
export async function withOneChunkPerLayer(
  options: BuildOptions,
  { entry, second }: Layers,
): Promise<BuildOptions> {
  const folder = dirname(entry);
  const { metafile } = await build({ ...options, write: false, metafile: true });
  const isOwn = (file: string) => file.startsWith(`${folder}/`);
  const eager = findInputs(metafile, entry).filter(isOwn);
  const later = findInputs(metafile, second).filter((file) => isOwn(file) && !eager.includes(file));
  const lazy = findEntries(metafile).filter((file) => isOwn(file) && file !== entry);
  const plugin = shareWithLazy({ folder, second, eager, later, lazy });
  return { ...options, plugins: [...(options.plugins ?? []), plugin] };
}

interface Shared {
  readonly folder: string;
  readonly second: string;
  readonly eager: readonly string[];
  readonly later: readonly string[];
  /** What is imported dynamically somewhere. Other files may import it statically as well. */
  readonly lazy: readonly string[];
}

function shareWithLazy({ folder, second, eager, later, lazy }: Shared): Plugin {
  return {
    name: 'one-chunk-per-layer',
    setup: ({ initialOptions, onLoad }) => {
      const root = initialOptions.absWorkingDir ?? '';
      const paths = new Set(lazy.map((file) => join(root, file)));
      onLoad({ filter: new RegExp(`/${folder}/.*\\.ts$`) }, async ({ path }) => {
        if (!paths.has(path)) return undefined;
        const text = await readFile(path, 'utf8');
        const shared = path === join(root, second) ? eager : [...eager, ...later];
        const imports = shared.map((file) => `import ${JSON.stringify(join(root, file))};`);
        // Behind the last line, so that source maps stay right.
        return { contents: `${text}\n${imports.join('\n')}`, loader: 'ts' };
      });
    },
  };
}

function findEntries({ outputs }: Metafile): string[] {
  return Object.values(outputs).flatMap(({ entryPoint }) => entryPoint ?? []);
}

/** Sources of a file's chunk and of all that it imports statically, less the file itself: an entry waits at its top level. */
function findInputs({ outputs }: Metafile, entry: string): string[] {
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
