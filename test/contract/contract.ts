/** Everything that users rely on by name, as lines of text, from the code and the schemas as they are now. */
import { join } from 'node:path';
import { listCommandPromises } from './command-line.ts';
import { listConstructPromises } from './constructs.ts';
import { listDocumentPromises } from './documents.ts';
import { listLogPromises } from './log-lines.ts';
import { listPackagePromises } from './package.ts';
import { listReleasePromises } from './release.ts';
import { listRuntimePromises } from './runtime.ts';
import { root } from './sources.ts';

/** What was promised since the last release, in the repository. */
export const contractFile = join(root, 'test/contract/contract.txt');

/** @returns each promise once, sorted */
export async function listPromises(): Promise<readonly string[]> {
  const all = [
    ...listConstructPromises(),
    ...listDocumentPromises(),
    ...listRuntimePromises(),
    ...listLogPromises(),
    ...listPackagePromises(),
    ...listReleasePromises(),
    ...(await listCommandPromises()),
  ];
  return [...new Set(all)].sort();
}

/** Reads the lines of the contract's file. */
export function parseContract(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
