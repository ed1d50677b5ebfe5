/** An esbuild plugin: the local stack of the package runs a bootstrap that is built already, and needs no esbuild. */
import type { Plugin } from 'esbuild';

const namespace = 'packaged-bootstrap';

export const packagedBootstrap: Plugin = {
  name: namespace,
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /\/bundle-bootstrap\.ts$/ }, ({ path }) => ({ path, namespace }));
    onLoad({ filter: /^/, namespace }, () => ({
      contents: `export const bundleBootstrap = () => Promise.resolve(import.meta.dirname + '/bootstrap.mjs');`,
    }));
  },
};
