/** What `init` copies from this package for apps without CDK: the template or the module of a release, with the zips. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readFiles, toSha256, toZip } from '../../release/archive.ts';
import { CliError } from '../terminal/cli-error.ts';
import type { AppFile } from './write-app.ts';

/**
 * `template.json` and the zips that it names, the same bytes as in the release.
 * @param root folder of the package, or of a clone in which it was built
 * @throws CliError USAGE in a clone in which it was not built
 */
export function readReleasedTemplate(root: string): AppFile[] {
  const released = join(root, 'dist', 'released');
  const file = join(released, 'template.json');
  assertBuilt(file);
  const template = readFileSync(file, 'utf8');
  const folders = ['proxy', 'publisher'].map((name) => join(root, 'dist', name));
  const zips = [...folders, join(released, 'bucket-emptier')].map((folder) => {
    const bytes = toZip(readFiles(folder));
    return { file: `${basename(folder)}-${toSha256(bytes).slice(0, 16)}.zip`, text: bytes };
  });
  const other = zips.find((zip) => !template.includes(`"${zip.file}"`));
  if (other) throw new CliError('USAGE', `${file} does not belong to ${other.file}.`, { hint });
  return [{ file: basename(file), text: template }, ...zips];
}

/**
 * The Terraform module, and the zips that it deploys.
 * @param root folder of the package, or of a clone in which `npm run build` ran
 * @throws CliError USAGE in a clone in which it did not
 */
export function readReleasedModule(root: string): AppFile[] {
  const code = Object.entries(readFiles(join(root, 'terraform')));
  const zips = ['proxy', 'publisher'].map((name) => {
    const folder = join(root, 'dist', name);
    assertBuilt(folder);
    return { file: `zips/${name}.zip`, text: toZip(readFiles(folder)) };
  });
  return [...code.map(([file, text]) => ({ file, text })), ...zips];
}

const hint = 'In a clone, run npm run build:package first. Otherwise install the package again.';

function assertBuilt(path: string): void {
  if (!existsSync(path)) throw new CliError('USAGE', `${path} is missing.`, { hint });
}
