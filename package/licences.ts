/** The licences of packages whose code is in a bundle: most ask for their text to go along with every copy. */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** Matches the folder of the innermost package in a path below the repository. */
const packageFolder = /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+/;

/** → folders of the packages that a bundle holds code of */
export function findBundledPackages({ outputs }: Metafile): string[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  return inputs.flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? toFolder(path) : []));
}

/** The same, by the source maps of what was built before. */
export async function findMappedPackages(dist: string): Promise<string[]> {
  const maps = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.map'),
  );
  const texts = await Promise.all(maps.map((name) => readFile(join(dist, name), 'utf8')));
  return texts
    .flatMap((text) => (JSON.parse(text) as { sources: string[] }).sources)
    .flatMap((source) => toFolder(source.replace(/^(\.\.\/)+/, '')));
}

function toFolder(path: string): string[] {
  const found = packageFolder.exec(path)?.[0];
  return found?.startsWith('node_modules/') ? [found] : [];
}

/** @param folders of packages, below `root`; throws when one of them names no licence */
export async function toLicences(root: string, folders: readonly string[]): Promise<string> {
  const licences = await Promise.all(folders.map((folder) => readLicence(join(root, folder))));
  // Dozens of packages have the same text.
  const titles = new Map<string, string[]>();
  for (const { title, terms } of licences) titles.set(terms, [...(titles.get(terms) ?? []), title]);
  const parts = [...titles].map(([terms, packages]) => `${packages.join('\n')}\n\n${terms}\n`);
  return [
    'The bundles of this package hold code of the packages below, each under its own licence.\n',
    ...parts,
  ].join(`\n${'-'.repeat(80)}\n\n`);
}

async function readLicence(folder: string): Promise<{ title: string; terms: string }> {
  const text = await readFile(join(folder, 'package.json'), 'utf8');
  const { name, version, license } = JSON.parse(text) as Record<string, string | undefined>;
  if (!license) throw new Error(`${folder}/package.json names no licence`);
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const terms = file ? (await readFile(join(folder, file), 'utf8')).trim() : '';
  return { title: `${name} ${version}: ${license}`, terms };
}
