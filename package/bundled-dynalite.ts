/**
 * An esbuild plugin: dynalite, DynamoDB of the local stack, in a bundle. It loads its operations by names that it puts
 * together without `.js`, and LevelDB, which is native code, even when it keeps its tables in memory.
 */
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

const namespace = 'no-leveldb';
/** The end of `require('./actions/' + action)`. */
const withoutExtension = /(require\('\.\/(?:actions|validations)\/' \+ action)\)/g;

export const bundledDynalite: Plugin = {
  name: 'bundled-dynalite',
  setup: ({ onResolve, onLoad }) => {
    onLoad({ filter: /\/node_modules\/dynalite\/index\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      return { contents: text.replace(withoutExtension, "$1 + '.js')") };
    });
    onResolve({ filter: /^level$/ }, ({ path }) => ({ path, namespace }));
    onLoad({ filter: /^/, namespace }, () => ({
      contents: `exports.Level = class { constructor() { throw new Error('the package has no LevelDB'); } };`,
    }));
  },
};
