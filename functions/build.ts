/**
 * Writes the deployed bytes: one folder of `dist/` a function, ESM, minified, with source maps. The one argument, where there
 * is one, is a folder to write instead of `dist/`.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { functionBuildOptions } from './build-options.ts';
import { withOneEagerChunk } from './one-eager-chunk.ts';
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
 * The AWS SDK is a bundle of its own. In one bundle with the rest, splitting would move whatever signer and SDK share
 * to where both find it, and the eager part would grow by the 80 KB that only the SDK uses.
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
    await withOneEagerChunk(
      {
        ...options,
        entryPoints: { index: 'functions/proxy/index.ts' },
        outdir: join(dist, 'proxy'),
        // In the entry's own folder, so that `./sdk` is the same place from each of them.
        chunkNames: '[name]-[hash]',
        plugins: [sdkApart, withoutNamespaces],
      },
      'functions/proxy/index.ts',
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
