/** How functions are bundled; the benchmarks bundle what they compare with the proxy in the same way. */
import type { BuildOptions } from 'esbuild';

/** Minified ES modules for Node 20 and later. */
export const functionBuildOptions = {
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minify: true,
  legalComments: 'none',
  // Node 20 has them. esbuild is not sure, and calls a constructor in their place that it cannot leave out: valibot's
  // expression of emoji, which nothing uses, would be compiled at each cold start.
  supported: { 'regexp-unicode-property-escapes': true },
  // The ES modules of a dependency can be tree-shaken, its CommonJS build can't: what of the AWS SDK is used comes to
  // 340 KB one way and 440 KB the other.
  mainFields: ['module', 'main'],
  conditions: ['module'],
  logLevel: 'warning',
} as const satisfies BuildOptions;
