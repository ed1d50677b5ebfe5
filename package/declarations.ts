/** The declarations of `lib/index.ts`, for users' TypeScript: only the files that it reaches. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

/** The quoted path of a relative import or export. */
const relativeImport = /(?<=\bfrom |\bimport\()(['"])(\.{1,2}\/[^'"]+)\.ts\1/g;

/** Writes them to `folder`; throws what the compiler printed when it fails. */
export async function writeDeclarations(root: string, folder: string): Promise<void> {
  const all = await mkdtemp(join(tmpdir(), 'countersign-types-'));
  try {
    await compile(root, all);
    const waiting = [join(all, 'lib/index.d.ts')];
    const seen = new Set(waiting);
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      const text = await readFile(file, 'utf8');
      for (const [, , path = ''] of text.matchAll(relativeImport)) {
        const target = join(dirname(file), `${path}.d.ts`);
        if (!seen.has(target)) waiting.push(target);
        seen.add(target);
      }
      const written = join(folder, relative(all, file));
      await mkdir(dirname(written), { recursive: true });
      // Sources import each other by their names; a user's compiler looks for what they become.
      await writeFile(written, text.replace(relativeImport, '$1$2.js$1'));
    }
  } finally {
    await rm(all, { recursive: true, force: true });
  }
}

async function compile(root: string, outDir: string): Promise<void> {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = [tsc, '--project', join(root, 'package', 'tsconfig.json'), '--outDir', outDir];
  try {
    await promisify(execFile)(process.execPath, args, { cwd: root });
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string };
    throw new Error(`the declarations were not written:\n${stdout}`, { cause: error });
  }
}
