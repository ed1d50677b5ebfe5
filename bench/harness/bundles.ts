/** Bundles the programs of the bench and the baselines. The proxy is the build in dist/. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { functionBuildOptions } from '../../functions/build-options.ts';
import { buildRoot, packagesRoot, projectRoot } from './cache.ts';

export const proxyArtefact = join(projectRoot, 'dist', 'proxy', 'index.mjs');

/** @returns the bundled baseline's path */
export async function bundleBaseline(name: 'empty-handler' | 'sdk-proxy'): Promise<string> {
  const outdir = join(buildRoot, name);
  const contents = await readFile(join(projectRoot, 'bench', 'baselines', `${name}.mjs`), 'utf8');
  await build({
    ...functionBuildOptions,
    // Resolved from the folder of the packages, so that no package is bundled in two versions.
    stdin: { contents, resolveDir: packagesRoot, sourcefile: `${name}.mjs`, loader: 'js' },
    entryNames: 'index',
    outdir,
  });
  return join(outdir, 'index.mjs');
}

const programs = [
  'peer',
  'cold',
  'warm',
  'allocate',
  'concurrent',
  'sign',
  'match',
  'snapshot-change',
  'refresh',
  'stream',
  'pace',
  'front',
] as const;
export type ProgramName = (typeof programs)[number];

/** @returns the path of a bundled program of bench/programs, which runs on any version of Node */
export function toProgramPath(name: ProgramName): string {
  return join(buildRoot, 'programs', `${name}.mjs`);
}

export async function bundlePrograms(): Promise<void> {
  const options: BuildOptions = {
    absWorkingDir: projectRoot,
    outdir: join(buildRoot, 'programs'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    conditions: ['module'],
    logLevel: 'warning',
  };
  const toEntry = (name: ProgramName) => `bench/programs/${name}.ts`;
  const others = programs.filter((name) => name !== 'sign');
  await build({ ...options, entryPoints: others.map(toEntry) });
  await build({
    ...options,
    entryPoints: [toEntry('sign')],
    // aws4 is a CommonJS package, and imports Node's modules by `require`.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
}
