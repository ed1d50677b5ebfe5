/**
 * An esbuild plugin: DynamoDB of the local stack keeps its tables in memory. LevelDB on disk, which it loads all the same,
 * is native code and cannot be bundled.
 */
import type { Plugin } from 'esbuild';

const namespace = 'memory-only';

export const memoryOnly: Plugin = {
  name: namespace,
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^level$/ }, ({ path }) => ({ path, namespace }));
    onLoad({ filter: /^/, namespace }, () => ({
      contents: `exports.Level = class { constructor() { throw new Error('the package has no LevelDB'); } };`,
    }));
  },
};
