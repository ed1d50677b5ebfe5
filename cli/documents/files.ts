/** Reads and writes documents as files: one document in each file, whose name is the id. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { Context } from '../context.ts';
import { readStdin } from '../terminal/ask.ts';
import { CliError } from '../terminal/cli-error.ts';
import { convertYaml, isYamlName, type Origin } from './yaml.ts';

/** A document that was read from a file. */
export interface DocumentFile {
  readonly id: string;
  /** JSON, as it will be stored. */
  readonly text: string;
  /** The file's path, for messages. */
  readonly file: string;
  /** Where the text came from, if the file contains YAML. */
  readonly origin?: Origin | undefined;
}

/** An id is the rest of a parameter's name after the folder. It may contain slashes. */
const idPattern = /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/;

/**
 * Parameter Store allows names that begin with a dot. As files they could be outside the folder, or configure tools.
 */
export function isId(id: string): boolean {
  return idPattern.test(id);
}

/** @throws CliError USAGE when `id` cannot be part of a parameter's name */
export function assertId(id: string): string {
  if (isId(id)) return id;
  throw new CliError(
    'USAGE',
    `${JSON.stringify(id)} is not a valid id: use letters, digits, _ . and -.`,
  );
}

/** @returns whether a path is a folder. The documents of a folder are put in one plan */
export function isFolder(path: string): boolean {
  return path !== '-' && stat(path).isDirectory();
}

/**
 * @param path a file, or `-` for stdin
 * @param id replaces the file's name; required for stdin
 */
export async function readFile(
  context: Context,
  path: string,
  id: string | undefined,
): Promise<DocumentFile> {
  if (path !== '-') {
    return toDocumentFile(id ?? toId(path.split(/[/\\]/).at(-1) ?? path), path);
  }
  if (id === undefined) {
    throw new CliError('USAGE', 'A document from stdin needs --id, because there is no file name.');
  }
  return { id: assertId(id), text: (await readStdin(context)).trimEnd(), file: 'stdin' };
}

/** Whether a file in a folder is a document, by its name. */
export function isDocumentName(name: string): boolean {
  return (name.endsWith('.json') || isYamlName(name)) && !/(^|\/)\./.test(name);
}

/** Reads every `*.json`, `*.yaml` and `*.yml` below a folder, except names that begin with a dot. */
export function readFolder(folder: string): DocumentFile[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.split(sep).join('/'))
    .filter(isDocumentName)
    .sort();
  if (names.length === 0) {
    throw new CliError('USAGE', `${folder} has no .json, .yaml or .yml files.`);
  }
  const files = new Map<string, DocumentFile>();
  for (const name of names) {
    const document = toDocumentFile(toId(name), join(folder, name));
    const other = files.get(document.id);
    if (other) {
      throw new CliError('USAGE', `${other.file} and ${document.file} are the same document.`, {
        hint: 'The name without .json, .yaml or .yml is the id. Remove one of the files.',
      });
    }
    files.set(document.id, document);
  }
  return [...files.values()];
}

function toDocumentFile(id: string, file: string): DocumentFile {
  const text = readText(file);
  const converted = isYamlName(file) ? convertYaml(text) : { text };
  return { id: assertId(id), file, ...converted };
}

/** @throws CliError USAGE if the file does not exist or may not be read */
export function readText(path: string): string {
  stat(path);
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch (error) {
    throw unreadable(path, error);
  }
}

function stat(path: string) {
  try {
    return statSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): CliError {
  const { code } = error as NodeJS.ErrnoException;
  const reason =
    code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : code;
  return new CliError('USAGE', `Cannot read ${path}: ${reason}.`, { cause: error });
}

function toId(name: string): string {
  return name.replace(/\.(json|ya?ml)$/i, '');
}

/** A file to write. */
export interface OutputFile {
  readonly file: string;
  readonly text: string;
}

/** How documents are written to files. */
export interface WriteFilesOptions {
  /** The folder of all files. Below it no symbolic link is followed. */
  readonly folder: string;
  /** Overwrites files with another content. */
  readonly force: boolean;
  /** Only their owner can read them. */
  readonly isPrivate: boolean;
}

/** @throws CliError CONFLICT if a file exists with another content; nothing is written then */
export function writeFiles(
  files: readonly OutputFile[],
  { folder, force, isPrivate }: WriteFilesOptions,
): void {
  for (const { file } of files) assertNoLinks(folder, file);
  const different = files
    .filter(({ file, text }) => existsSync(file) && readFileSync(file, 'utf8') !== text)
    .map(({ file }) => file);
  if (different.length > 0 && !force) {
    const message = `These files exist with other content: ${different.join(', ')}. Nothing was written.`;
    const hint = 'Choose another folder, or overwrite with --force.';
    throw new CliError('CONFLICT', message, { hint, details: { files: different } });
  }
  for (const { file, text } of files) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, isPrivate ? { mode: 0o600 } : {});
    // The mode of a write applies only to new files.
    if (isPrivate) chmodSync(file, 0o600);
  }
}

/**
 * A folder from someone else may contain links to files that its author chose.
 * @throws CliError CONFLICT if a part of the file's path below the folder is a symbolic link
 */
export function assertNoLinks(folder: string, file: string): void {
  let path = folder;
  for (const part of relative(folder, file).split(sep)) {
    path = join(path, part);
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) {
      const hint = 'Remove the link, or choose another folder.';
      throw new CliError('CONFLICT', `${path} is a symbolic link. Nothing was written.`, { hint });
    }
  }
}
