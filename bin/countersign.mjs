#!/usr/bin/env node
// Starts the CLI for `npx countersign`. The package contains the CLI as a bundle. A clone runs its TypeScript sources
// directly, so that no build is needed.
import { existsSync } from 'node:fs';

if (existsSync(new URL('./countersign.ts', import.meta.url))) {
  const { register } = await import('tsx/esm/api');
  register();
  await import('./countersign.ts');
} else {
  await import('../dist/cli/countersign.mjs');
}
