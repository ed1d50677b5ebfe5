/** A folder with documents of several kinds: `routes/`, `services/` and so on. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isFolder } from './files.ts';
import { type Kind, kindsInOrder } from './kinds.ts';

/** Documents of one kind in a folder of their own. */
export interface Part {
  readonly kind: Kind;
  readonly folder: string;
}

/** @returns the folders with the names of kinds, in the order in which their documents are written */
export function findKindFolders(folder: string): readonly Part[] {
  return kindsInOrder.flatMap((kind) => {
    const path = join(folder, kind.name);
    return existsSync(path) && isFolder(path) ? [{ kind, folder: path }] : [];
  });
}
