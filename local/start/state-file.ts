/** Locks the file of parameters, because two parameter stores with one file would overwrite each other's edits. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Locks the file while this process runs.
 * @returns undefined if another running process has the lock
 */
export function lockStateFile(file: string): string | undefined {
  const lock = `${file}.owner`;
  mkdirSync(dirname(file), { recursive: true });
  if (!writeLock(lock)) {
    const owner = Number(readFileSync(lock, 'utf8'));
    if (isRunning(owner)) {
      return undefined;
    }
    rmSync(lock, { force: true });
    if (!writeLock(lock)) {
      return undefined;
    }
  }
  process.on('exit', () => rmSync(lock, { force: true }));
  return file;
}

function writeLock(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}
