/** A software bill of materials in CycloneDX: which packages have code in which zip. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toSha256 } from './archive.ts';
import type { Json, JsonObject } from './json.ts';

/** A zip, and the packages whose code is in it. */
export interface Content {
  readonly name: string;
  readonly sha256: string;
  /** Folders of packages below the repository, such as `node_modules/jose`. */
  readonly packages: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/**
 * Has neither a time nor a random number, so that the same release has the same bill. Licences and versions are those of the
 * installed packages, and hashes of their tarballs those of package-lock.json.
 */
export function toSbom(root: string, contents: readonly Content[]): JsonObject {
  const own = readManifest(root);
  const folders = [...new Set(contents.flatMap(({ packages }) => packages))].sort();
  const locked = readLock(root);
  const component = toPackage(own);
  const bill = {
    metadata: { component: { ...component, type: 'application' } },
    components: [
      ...contents.map(({ name, sha256 }) => ({
        type: 'file',
        'bom-ref': name,
        name,
        hashes: [{ alg: 'SHA-256', content: sha256 }],
      })),
      ...folders.map((folder) => {
        const hashes = toHashes(locked[folder]?.integrity);
        return { ...toPackage(readManifest(join(root, folder))), ...(hashes && { hashes }) };
      }),
    ],
    dependencies: [
      { ref: toPurl(own), dependsOn: contents.map(({ name }) => name) },
      ...contents.map(({ name, packages }) => ({
        ref: name,
        dependsOn: [...packages].sort().map((folder) => toPurl(readManifest(join(root, folder)))),
      })),
    ],
  } as const;
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${toUuid(toSha256(JSON.stringify(bill)))}`,
    version: 1,
    ...bill,
  };
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

function readLock(root: string): Readonly<Record<string, { readonly integrity?: string }>> {
  return JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
}

function toPackage(manifest: Manifest): JsonObject {
  const { name, version, license } = manifest;
  if (!license) throw new Error(`the package ${name} ${version} names no licence`);
  const purl = toPurl(manifest);
  return { type: 'library', 'bom-ref': purl, name, version, licenses: toLicences(license), purl };
}

/** SPDX: one id, or an expression of several. */
function toLicences(license: string): Json {
  return /[ ()]/.test(license) ? [{ expression: license }] : [{ license: { id: license } }];
}

/** https://github.com/package-url/purl-spec: the `@` of a scope is escaped. */
function toPurl({ name, version }: Manifest): string {
  return `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;
}

/** Base64, as npm writes it, to hexadecimal digits. */
function toHashes(integrity: string | undefined): Json | undefined {
  const [, digest] = /^sha512-(.+)$/.exec(integrity ?? '') ?? [];
  if (digest === undefined) return undefined;
  return [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }];
}

/** RFC 9562, version 8: a UUID whose digits mean what their maker says. */
function toUuid(digest: string): string {
  const part = (start: number, end: number) => digest.slice(start, end);
  return [part(0, 8), part(8, 12), `8${part(13, 16)}`, `8${part(17, 20)}`, part(20, 32)].join('-');
}
