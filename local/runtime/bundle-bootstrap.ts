import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..', '..');
let bundled: Promise<string> | undefined;

/**
 * Bundles the bootstrap as one plain JavaScript file, once in a process. A TypeScript loader in the child would add to
 * the start time and the memory of the tested function.
 */
export function bundleBootstrap(): Promise<string> {
  bundled ??= writeBundle();
  return bundled;
}

async function writeBundle(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['local/bootstrap/bootstrap.ts'],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
    logLevel: 'warning',
  });
  return writeCached('bootstrap', outputFiles[0]?.contents ?? new Uint8Array());
}

/** @returns the path of a file with the code, named by its digest, below node_modules/.cache */
export async function writeCached(name: string, code: Uint8Array): Promise<string> {
  const folder = join(root, 'node_modules', '.cache', 'countersign');
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 16);
  const file = join(folder, `${name}-${hash}.mjs`);
  await mkdir(folder, { recursive: true });
  // Several processes may write the file at the same time, so each writes a temporary file and renames it.
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, code);
  await rename(temporary, file);
  return file;
}
