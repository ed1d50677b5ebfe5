/** The CLI as one file: a process that loads TypeScript through tsx takes a second of CPU before its first line. */
import { join } from 'node:path';
import { build } from 'esbuild';
import { writeCached } from '../../local/runtime/bundle-bootstrap.ts';

const root = join(import.meta.dirname, '..', '..');
let bundled: Promise<string> | undefined;

/** @returns the path of a file that does what `bin/countersign.mjs` does; built once for each test file */
export function bundleCli(): Promise<string> {
  bundled ??= writeBundle();
  return bundled;
}

async function writeBundle(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['bin/countersign.ts'],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    // cli/program.ts reads the version in package.json.
    define: { 'import.meta.dirname': JSON.stringify(join(root, 'cli')) },
    write: false,
    logLevel: 'warning',
  });
  return writeCached('cli', outputFiles[0]?.contents ?? new Uint8Array());
}
