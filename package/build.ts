/**
 * Writes what only the npm package has, beside the functions in `dist/`: the constructs (`lib`), their declarations
 * (`types`), the CLI with the local stack (`cli`), the template of a release (`released`), and the licences of what is bundled.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { bundledDynalite } from './bundled-dynalite.ts';
import { completionTable } from './completion-table.ts';
import { writeDeclarations } from './declarations.ts';
import { findBundledPackages, findMappedPackages, toLicences } from './licences.ts';
import { packagedBootstrap } from './packaged-bootstrap.ts';
import { writeReleased } from './released.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
/** Declarations and template cost most of the time, and a test of the bundles does without. */
const isWhole = !process.argv.includes('--bundles-only');

const options = {
  absWorkingDir: root,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
  conditions: ['module'],
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
} as const satisfies BuildOptions;

/** CommonJS in a bundle of ES modules asks for Node's modules by `require`. */
const banner = {
  js: `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);`,
};

await Promise.all(
  ['lib', 'types', 'cli', 'released'].map((name) =>
    rm(join(dist, name), { recursive: true, force: true }),
  ),
);
const [bundles] = await Promise.all([
  Promise.all([buildLib(), buildCli(), buildBootstrap()]),
  isWhole ? writeDeclarations(root, join(dist, 'types')) : undefined,
  isWhole ? writeReleased(join(dist, 'released')) : undefined,
]);
const packages = new Set([
  ...bundles.flatMap(findBundledPackages),
  ...(await findMappedPackages(dist)),
]);
await writeFile(join(dist, 'LICENCES.txt'), await toLicences(root, [...packages].sort()));

/** Not minified: its frames are in the stack traces of users' synthesis. */
async function buildLib(): Promise<Metafile> {
  const { metafile } = await build({
    ...options,
    entryPoints: { index: 'lib/index.ts' },
    outdir: join(dist, 'lib'),
    external: ['aws-cdk-lib', 'constructs'],
  });
  return metafile;
}

/** In parts, so that `--help` does not load what only some commands need. */
async function buildCli(): Promise<Metafile> {
  const { metafile } = await build({
    ...options,
    entryPoints: { countersign: 'bin/countersign.ts' },
    outdir: join(dist, 'cli'),
    // All in one folder: what looks for files of the package from its own place finds them from each.
    chunkNames: '[name]-[hash]',
    splitting: true,
    minify: true,
    banner,
    plugins: [packagedBootstrap, bundledDynalite, completionTable],
  });
  return metafile;
}

/** What a function of the local stack runs in. */
async function buildBootstrap(): Promise<Metafile> {
  const { metafile } = await build({
    ...options,
    entryPoints: { bootstrap: 'local/bootstrap/bootstrap.ts' },
    outdir: join(dist, 'cli'),
  });
  return metafile;
}
