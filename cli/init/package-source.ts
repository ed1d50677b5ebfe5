/** Where the app gets the package `countersign` from: from where this CLI came. */
import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

/** What to find out. */
export interface SourceOptions {
  /** Folder of this file in the installed package, or in a clone. */
  readonly here: string;
  /** Folder of the app. */
  readonly folder: string;
  readonly version: string;
}

/**
 * A version, if this CLI came from a registry. A `file:` address, if it came from a tarball, or runs in a clone, where
 * `npm pack` writes one.
 */
export function findPackageSource({ here, folder, version }: SourceOptions): string {
  const tarball = findInstalledTarball(here) ?? findOwnTarball(here, version);
  if (tarball === undefined) return `^${version}`;
  return `file:${relative(resolve(folder), tarball).split(sep).join('/')}`;
}

/** npm keeps a list of what it installed beside it. */
function findInstalledTarball(here: string): string | undefined {
  const parts = here.split(sep);
  const index = parts.lastIndexOf('node_modules');
  if (index < 0) return undefined;
  const modules = parts.slice(0, index + 1).join(sep);
  const list = join(modules, '.package-lock.json');
  if (!existsSync(list)) return undefined;
  const { packages = {} } = JSON.parse(readFileSync(list, 'utf8')) as Installed;
  const [, file] = /^file:(.*)$/.exec(packages['node_modules/countersign']?.resolved ?? '') ?? [];
  return file === undefined ? undefined : resolve(modules, '..', file);
}

interface Installed {
  readonly packages?: Readonly<Record<string, { readonly resolved?: string }>>;
}

/** In a clone, where nothing is installed: the file that `npm pack` writes. */
function findOwnTarball(here: string, version: string): string | undefined {
  if (here.split(sep).includes('node_modules')) return undefined;
  const root = join(here, '..', '..');
  return existsSync(join(root, 'package.json'))
    ? join(root, `countersign-${version}.tgz`)
    : undefined;
}
