/** Commands as one file each: a process that loads TypeScript through tsx takes a second of CPU before its first line. */
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { writeCached } from '../../local/runtime/bundle-bootstrap.ts';

const root = join(import.meta.dirname, '..', '..');
const require = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

/** @returns the path of a bundle of `bin/countersign.mjs`, built once for each test file */
export const bundleCli = once(() => bundle('bin/countersign.ts', 'cli/commands'));

/** @returns the path of a bundle of `local/start/start.ts`, built once for each test file */
export const bundleStart = once(() => bundle('local/start/start.ts', 'local/start'));

/** @param folder the folder that the sources use as their own, to find files of this repository */
async function bundle(entryPoint: string, folder: string): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entryPoint],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // A process parses half of it then.
    minify: true,
    // The libraries too: to look for their files takes longer than all else that `--help` does.
    mainFields: ['module', 'main'],
    external: ['esbuild', 'dynalite'],
    banner: { js: require },
    define: { 'import.meta.dirname': JSON.stringify(join(root, folder)) },
    write: false,
    logLevel: 'warning',
  });
  return writeCached(basename(entryPoint, '.ts'), outputFiles[0]?.contents ?? new Uint8Array());
}

function once<T>(create: () => Promise<T>): () => Promise<T> {
  let created: Promise<T> | undefined;
  return () => {
    created ??= create();
    return created;
  };
}
