/** Who keeps the parameters' file: two parameter stores that write one file would undo each other's edits. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The file, for as long as this process runs; `undefined` when another running process has it. */
export function claimStateFile(file: string): string | undefined {
  const claim = `${file}.owner`;
  mkdirSync(dirname(file), { recursive: true });
  if (!writeClaim(claim)) {
    const owner = Number(readFileSync(claim, 'utf8'));
    if (isRunning(owner)) {
      return undefined;
    }
    rmSync(claim, { force: true });
    if (!writeClaim(claim)) {
      return undefined;
    }
  }
  process.on('exit', () => rmSync(claim, { force: true }));
  return file;
}

function writeClaim(claim: string): boolean {
  try {
    writeFileSync(claim, String(process.pid), { flag: 'wx' });
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
