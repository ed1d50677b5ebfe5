/** Writes the deployed bytes: one folder of `dist/` a function, ESM, minified, with source maps. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const functions = ['proxy', 'hello'];

await rm(join(root, 'dist'), { recursive: true, force: true });
for (const name of functions) {
  await build({
    absWorkingDir: root,
    entryPoints: { index: `functions/${name}/index.ts` },
    outdir: `dist/${name}`,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minify: true,
    keepNames: false,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    // The ES modules of a dependency can be tree-shaken; its CommonJS build can't:
    // @smithy/signature-v4 is 14 KB one way and 140 KB the other.
    mainFields: ['module', 'main'],
    conditions: ['module'],
    metafile: true,
    logLevel: 'warning',
  });
}
