/** The CLI as one file: a process that loads TypeScript through tsx takes a second of CPU before its first line. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

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
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  const folder = join(root, 'node_modules', '.cache', 'countersign');
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 16);
  const file = join(folder, `cli-${hash}.mjs`);
  await mkdir(folder, { recursive: true });
  // Several test processes may write it at once: each its own file, put in place as a whole.
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, code);
  await rename(temporary, file);
  return file;
}
