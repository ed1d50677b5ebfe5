#!/usr/bin/env node
// What `npx countersign` runs. The package has the CLI as a bundle. A clone has its TypeScript sources, which run as they
// are, so that there is no build to forget.
import { existsSync } from 'node:fs';

if (existsSync(new URL('./countersign.ts', import.meta.url))) {
  const { register } = await import('tsx/esm/api');
  register();
  await import('./countersign.ts');
} else {
  await import('../dist/cli/countersign.mjs');
}
