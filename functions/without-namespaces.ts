/**
 * An esbuild plugin: Node's modules without their ESM namespaces. To make one, Node reads every export, and the lazy ones
 * load modules that are never used: node:http all of undici (27 ms of a cold start on Node 24), node:crypto its Web Crypto.
 */
import { builtinModules, createRequire } from 'node:module';
import { relative } from 'node:path';
import type { Plugin } from 'esbuild';

const require = createRequire(import.meta.url);
const namespace = 'builtin';
const filter = new RegExp(`^(node:)?(${builtinModules.join('|')})$`);

export const withoutNamespaces: Plugin = {
  name: 'without-namespaces',
  setup: ({ initialOptions, onResolve, onLoad }) => {
    const root = initialOptions.absWorkingDir ?? '';
    onResolve({ filter }, ({ path, importer, kind }) => {
      if (kind !== 'import-statement') return undefined;
      // One for each importer: one for all would be a chunk of its own, and a file to read.
      const suffix = `?${relative(root, importer)}`;
      return { path: path.replace('node:', ''), suffix, namespace };
    });
    onLoad({ filter: /^/, namespace }, ({ path }) => ({ contents: toModule(path) }));
  },
};

function toModule(name: string): string {
  const exports = Object.keys(require(name)).filter((key) => key !== 'default');
  // Marked as pure, so that esbuild keeps only those that are imported.
  const lines = exports.map((key) => `export const ${key} = /* @__PURE__ */ __read('${key}');`);
  return [
    `const __builtin = process.getBuiltinModule('node:${name}');`,
    'const __read = (key) => __builtin[key];',
    'export default __builtin;',
    ...lines,
  ].join('\n');
}
