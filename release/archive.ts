/** Zips that have the same bytes on each machine and at each time. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { type Zippable, zipSync } from 'fflate';

/** Files by their paths in an archive, with `/`. */
export type Files = Readonly<Record<string, Uint8Array>>;

/** All files below a folder. */
export function readFiles(folder: string): Files {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [relative(folder, file).split(sep).join('/'), readFileSync(file)]),
  );
}

/** The earliest time that a zip can hold. */
const mtime = new Date(1980, 0, 1);
/** An ordinary file that all may read, since Lambda runs under a user of its own. */
const attrs = 0o100644 * 0x10000;
const unix = 3;

/**
 * Packs files in the order of their names, all of one time and mode. The compressor is JavaScript: Node's own compresses in
 * another way on another processor.
 */
export function toZip(files: Files): Uint8Array {
  const zippable: Zippable = {};
  for (const path of Object.keys(files).sort()) {
    const content = files[path];
    if (content) zippable[path] = [content, { mtime, attrs, os: unix, level: 9 }];
  }
  return zipSync(zippable);
}

/** @returns SHA-256 in hexadecimal digits */
export function toSha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
