/**
 * Writes the deployed files: one folder of `dist/` for each function, as minified ES modules with source maps. An
 * optional argument names a folder to write instead of `dist/`.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { functionBuildOptions } from './build-options.ts';
import { withOneChunkPerLayer } from './one-chunk-per-layer.ts';
import { withoutNamespaces } from './without-namespaces.ts';

const root = join(import.meta.dirname, '..');
const [, , dist = join(root, 'dist')] = process.argv;

const options: BuildOptions = {
  absWorkingDir: root,
  ...functionBuildOptions,
  sourcemap: 'linked',
  sourcesContent: false,
};

/**
 * Keeps the AWS SDK in its own bundle. In one bundle, splitting would move the code that signer and SDK share into the
 * eager part, which would grow by 80 KB that only the SDK uses.
 */
const sdkApart: Plugin = {
  name: 'sdk-apart',
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/sdk-credentials\.ts$/ }, () => ({
      path: './sdk/sdk-credentials.mjs',
      external: true,
    }));
  },
};

await rm(dist, { recursive: true, force: true });
await Promise.all([
  build(
    await withOneChunkPerLayer(
      {
        ...options,
        entryPoints: { index: 'functions/proxy/index.ts' },
        outdir: join(dist, 'proxy'),
        // In the folder of the entry, so that `./sdk` is the same file for all of them.
        chunkNames: '[name]-[hash]',
        plugins: [sdkApart, withoutNamespaces],
      },
      {
        entry: 'functions/proxy/index.ts',
        second: 'functions/proxy/routes/snapshot/compile-record.ts',
      },
    ),
  ),
  build({
    ...options,
    entryPoints: { 'sdk-credentials': 'functions/proxy/sign/sdk-credentials.ts' },
    outdir: join(dist, 'proxy/sdk'),
    plugins: [withoutNamespaces],
  }),
  build({
    ...options,
    entryPoints: { index: 'functions/hello/index.ts' },
    outdir: join(dist, 'hello'),
  }),
  build({
    ...options,
    entryPoints: {
      index: 'functions/publisher/index.ts',
      'on-deploy': 'functions/publisher-on-deploy/index.ts',
    },
    outdir: join(dist, 'publisher'),
  }),
  build({
    ...options,
    entryPoints: { index: 'functions/create-route/index.ts' },
    outdir: join(dist, 'create-route'),
  }),
  build({
    ...options,
    entryPoints: { index: 'functions/users/index.ts' },
    outdir: join(dist, 'users'),
  }),
]);
