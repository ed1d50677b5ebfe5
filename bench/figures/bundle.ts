/** Measures the bytes that a cold start reads and parses, and the bytes of the lazy chunks. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Figure } from '../harness/figure.ts';
import { itself, toRow } from '../harness/row.ts';

const limitBytes = 75 * 1024;
/** Matches `from"./x"` and `import"./x"` as esbuild writes them. `import("./x")` is lazy and does not match. */
const staticImport = /\b(?:from|import)\s*"(\.{1,2}\/[^"]+)"/g;

export const bundle: Figure = {
  name: 'bundle',
  async measure({ handlers }) {
    const baseline = handlers.sdk && {
      name: 'SDK proxy',
      values: [await readEagerBytes(handlers.sdk)],
    };
    const total = await readTotalBytes(dirname(handlers.proxy));
    return [
      toRow({
        figure: 'bundle',
        what: 'eager',
        unit: 'bytes',
        values: [await readEagerBytes(handlers.proxy)],
        ...(baseline ? { baseline } : {}),
        budget: { text: '≤ 75 KB', limit: limitBytes, of: itself },
      }),
      toRow({ figure: 'bundle', what: 'with lazy chunks', unit: 'bytes', values: [total] }),
    ];
  },
};

/** @returns the bytes of an entry and of its static imports, direct and indirect */
async function readEagerBytes(entry: string): Promise<number> {
  const seen = new Set<string>();
  const waiting = [entry];
  let bytes = 0;
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = await readFile(file, 'utf8');
    bytes += Buffer.byteLength(text);
    for (const [, path] of text.matchAll(staticImport)) {
      if (path !== undefined) waiting.push(join(dirname(file), path));
    }
  }
  return bytes;
}

async function readTotalBytes(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true });
  const sizes = files
    .filter((file) => file.endsWith('.mjs'))
    .map(async (file) => (await stat(join(folder, file))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
