/** Writes new files, all of them or none. */
import { existsSync, lstatSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CliError } from '../terminal/cli-error.ts';
import type { Host } from '../terminal/host.ts';

/** A file of the app. */
export interface AppFile {
  /** Relative to the folder of the app, with `/`. */
  readonly file: string;
  readonly text: string | Uint8Array;
}

/**
 * Writes files that do not exist yet.
 * @param files paths are relative to the folder
 * @throws CliError CONFLICT if anything is in the way. Then, and after a failed write, nothing of it is left
 */
export function writeApp(host: Host, folder: string, files: readonly AppFile[]): void {
  const inTheWay = [...new Set(files.flatMap(({ file }) => findInTheWay(folder, file)))];
  if (inTheWay.length > 0) {
    throw new CliError('CONFLICT', `In the way: ${inTheWay.join(', ')}. Nothing was written.`, {
      hint: 'Choose another folder, or move these files away. init never overwrites anything.',
      details: { files: inTheWay },
    });
  }
  // The writes run in one go. With a listener, Ctrl-C waits for their end and does not end the process among them.
  host.onInterrupt?.(() => {});
  const undo: (() => void)[] = [];
  try {
    for (const { file, text } of files) writeOne(join(folder, file), text, undo);
  } catch (error) {
    for (const step of undo.reverse()) step();
    throw toWriteError(error);
  }
}

function toWriteError(cause: unknown): CliError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CliError('USAGE', `Cannot write: ${reason}. Nothing was left behind.`, { cause });
}

/** @returns the file, or the part of its path that is no folder */
function findInTheWay(folder: string, file: string): string[] {
  const parts = file.split('/');
  let path = folder;
  for (const [index, part] of ['', ...parts].entries()) {
    path = join(path, part);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (!stats) return [];
    const isLast = index === parts.length;
    // The folder itself may be a link, because the person named it. Below it nothing is followed.
    if (isLast || !(stats.isDirectory() || (index === 0 && stats.isSymbolicLink()))) return [path];
  }
  return [];
}

function writeOne(path: string, text: AppFile['text'], undo: (() => void)[]): void {
  addFolder(dirname(path), undo);
  writeFileSync(path, text, { flag: 'wx' });
  undo.push(() => rmSync(path, { force: true }));
}

/** Adds a folder and those above it, each with its own step back. */
function addFolder(path: string, undo: (() => void)[]): void {
  if (existsSync(path)) return;
  addFolder(dirname(path), undo);
  mkdirSync(path);
  undo.push(() => rmdirSync(path));
}
