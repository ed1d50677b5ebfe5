/** The files of a release, by name. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findMappedPackages, toLicences } from '../package/licences.ts';
import { type Files, readFiles, toSha256, toZip } from './archive.ts';
import { isObject, type JsonObject } from './json.ts';
import { type Content, toSbom } from './sbom.ts';
import { createMergedStack, findUsers, toTemplate } from './template.ts';

const root = join(import.meta.dirname, '..');

interface Zip extends Content {
  readonly bytes: Uint8Array;
  /** The name without the digest of the content. */
  readonly plainName: string;
}

/** Names of the zips, by what the ids of the functions that run their code begin with. */
const plainNames = [
  ['ProxyPublisher', 'publisher'],
  ['ProxyFunction', 'proxy'],
  ['CustomS3AutoDeleteObjects', 'bucket-emptier'],
] as const;

/** Makes a release of what `npm run build` wrote. The same sources make the same bytes. */
export async function createRelease(): Promise<Files> {
  const stack = createMergedStack();
  const zips = new Map<string, Zip>();
  for (const [key, files] of Object.entries(stack.code)) {
    zips.set(key, await toNamedZip(findPlainName(findUsers(stack, key)), files));
  }
  const names = Object.fromEntries([...zips].map(([key, { name }]) => [key, name]));
  const all = [...zips.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const packages = [...new Set(all.flatMap((zip) => zip.packages))].sort();
  const released: Record<string, Uint8Array> = {
    'template.json': Buffer.from(toLines(toTemplate(stack, names, 'beside'))),
    'template-s3.json': Buffer.from(toLines(toTemplate(stack, names, 'bucket'))),
    ...Object.fromEntries(all.map(({ name, bytes }) => [name, bytes])),
    'countersign-terraform.zip': toZip(toModule(all)),
    'sbom.cdx.json': Buffer.from(`${JSON.stringify(toSbom(root, all), undefined, 2)}\n`),
    'LICENCES.txt': Buffer.from(await toLicences(root, packages)),
  };
  return { ...released, SHA256SUMS: Buffer.from(toChecksums(released)) };
}

/**
 * The digest in the name makes the key in S3 another one whenever the code is another: by the key CloudFormation sees that a
 * function changed.
 */
async function toNamedZip(plainName: string, files: Files): Promise<Zip> {
  const bytes = toZip(files);
  const sha256 = toSha256(bytes);
  const built = join(root, 'dist', plainName);
  // What is not built here is a function of CDK's own.
  const packages = existsSync(built)
    ? await findMappedPackages(built)
    : ['node_modules/aws-cdk-lib'];
  const name = `${plainName}-${sha256.slice(0, 16)}.zip`;
  return { name, plainName, bytes, sha256, packages: [...new Set(packages)].sort() };
}

function findPlainName(users: readonly string[]): string {
  const found = plainNames.find(([prefix]) => users.some((id) => id.startsWith(prefix)));
  if (!found) throw new Error(`no zip has a name for the code of ${users.join(', ') || 'nothing'}`);
  return found[1];
}

/** The Terraform module with the zips that it deploys. */
function toModule(zips: readonly Zip[]): Files {
  const used = zips.filter(({ plainName }) => ['proxy', 'publisher'].includes(plainName));
  return {
    ...readFiles(join(root, 'terraform')),
    ...Object.fromEntries(used.map(({ plainName, bytes }) => [`zips/${plainName}.zip`, bytes])),
  };
}

/** What `sha256sum --check` reads. */
function toChecksums(files: Files): string {
  const lines = Object.entries(files).map(([name, content]) => `${toSha256(content)}  ${name}\n`);
  return lines.sort((a, b) => (a.slice(64) < b.slice(64) ? -1 : 1)).join('');
}

/**
 * One line for each parameter, resource and so on: `diff` shows what a release changes, and the text stays below the 51,200
 * bytes that CloudFormation accepts without a bucket.
 */
function toLines(template: JsonObject): string {
  const sections = Object.entries(template).map(([name, section]) => {
    if (!isObject(section)) return `${JSON.stringify(name)}:${JSON.stringify(section)}`;
    const members = Object.entries(section).map(
      ([id, member]) => `${JSON.stringify(id)}:${JSON.stringify(member)}`,
    );
    return `${JSON.stringify(name)}:{\n${members.join(',\n')}}`;
  });
  return `{${sections.join(',\n')}}\n`;
}
