/** Bundles the bench's own programs and the baselines; the proxy is taken from dist/ as `npm run build` left it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { buildRoot, packagesRoot, projectRoot } from './cache.ts';

/** The options of functions/build.ts: proxy and baselines differ in what they do, not in how they are packed. */
const likeTheProxy: BuildOptions = {
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minify: true,
  legalComments: 'none',
  mainFields: ['module', 'main'],
  conditions: ['module'],
  logLevel: 'warning',
};

export const proxyArtefact = join(projectRoot, 'dist', 'proxy', 'index.mjs');

/** @returns the bundled baseline's path */
export async function bundleBaseline(name: 'empty-handler' | 'sdk-proxy'): Promise<string> {
  const outdir = join(buildRoot, name);
  const contents = await readFile(join(projectRoot, 'bench', 'baselines', `${name}.mjs`), 'utf8');
  await build({
    ...likeTheProxy,
    // Resolved from the folder of the packages, so that no package is bundled in two versions.
    stdin: { contents, resolveDir: packagesRoot, sourcefile: `${name}.mjs`, loader: 'js' },
    entryNames: 'index',
    outdir,
  });
  return join(outdir, 'index.mjs');
}

export type ProgramName = 'peer' | 'cold' | 'warm' | 'match' | 'stream';

/** @returns the path of a program of bench/programs as the measured Node can run it, whatever its version */
export function toProgramPath(name: ProgramName): string {
  return join(buildRoot, 'programs', `${name}.mjs`);
}

export async function bundlePrograms(): Promise<void> {
  const names: readonly ProgramName[] = ['peer', 'cold', 'warm', 'match', 'stream'];
  await build({
    absWorkingDir: projectRoot,
    entryPoints: names.map((name) => `bench/programs/${name}.ts`),
    outdir: join(buildRoot, 'programs'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    conditions: ['module'],
    logLevel: 'warning',
  });
}
