/** The folders of documents that `dev` follows. */
import { readdirSync } from 'node:fs';
import { type DocumentFile, isDocumentName, isFolder, readFolder } from '../documents/files.ts';
import { findKindFolders, type Part } from '../documents/folders.ts';
import { kinds } from '../documents/kinds.ts';
import { CliError } from '../terminal/cli-error.ts';

/**
 * The folders that {@link findKindFolders} finds; without any, the folder itself is one of routes.
 *
 * @throws CliError USAGE when it is no folder
 */
export function findParts(folder: string): readonly Part[] {
  if (!isFolder(folder)) {
    throw new CliError('USAGE', `${folder} is a file: dev follows a folder of documents.`);
  }
  const parts = findKindFolders(folder);
  return parts.length > 0 ? parts : [{ kind: kinds.routes, folder }];
}

/** A folder to watch. */
export interface Watched {
  readonly path: string;
  readonly isRecursive: boolean;
}

/**
 * Where changes of documents show. Beside `routes`, `consumers` and so on a folder may contain `node_modules` with tens of
 * thousands of files, so that its own entries alone are watched.
 */
export function findWatched(folder: string): Watched[] {
  const paths = findParts(folder).map((part) => part.folder);
  if (paths.includes(folder)) return [{ path: folder, isRecursive: true }];
  return [
    { path: folder, isRecursive: false },
    ...paths.map((path) => ({ path, isRecursive: true })),
  ];
}

/** The documents of a part; none where it has no files yet. */
export function readPart({ folder }: Part): DocumentFile[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.some(isDocumentName) ? readFolder(folder) : [];
}
