/** Writes a release to `dist/release/`, or to the folder that an argument names: `npm run release`. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRelease } from './release.ts';

const [, , folder = join(import.meta.dirname, '..', 'dist', 'release')] = process.argv;

const files = await createRelease();
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
for (const [name, content] of Object.entries(files)) {
  await writeFile(join(folder, name), content);
  process.stdout.write(`${String(content.length).padStart(9)}  ${name}\n`);
}
