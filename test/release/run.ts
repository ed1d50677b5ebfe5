/**
 * A release is made twice, as on two machines, and looked into: `npm run test:release`. test/synth/release-template.whole.test.ts
 * holds its template to the constructs, and test/deploy/ deploys it.
 */
import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { inheritedEnv } from '../../local/process-env.ts';

const root = join(import.meta.dirname, '..', '..');
const temporary = mkdtempSync(join(tmpdir(), 'countersign-release-test-'));
const say = (line: string) => process.stdout.write(`${line}\n`);

/** @returns the files of a release, by name */
async function release(name: string, env: Readonly<Record<string, string>>) {
  const folder = join(temporary, name);
  const args = ['--import', 'tsx', join(root, 'release', 'build.ts'), folder];
  await promisify(execFile)(process.execPath, args, {
    cwd: root,
    env: { ...inheritedEnv(), ...env },
  });
  const names = readdirSync(folder).sort();
  return new Map(names.map((file) => [file, readFileSync(join(folder, file))]));
}

type Released = Awaited<ReturnType<typeof release>>;

function read(files: Released, name: string): Buffer {
  const content = files.get(name);
  assert.ok(content, `${name} is not in ${[...files.keys()].join(', ')}`);
  return content;
}

const toSha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

function findZip(files: Released, plainName: string): Buffer {
  const name = [...files.keys()].find((file) => file.startsWith(`${plainName}-`));
  return read(files, name ?? `${plainName}-*.zip`);
}

function assertSameBytes(one: Released, other: Released): void {
  assert.deepEqual([...one.keys()], [...other.keys()]);
  const different = [...one].filter(([name, content]) => !content.equals(read(other, name)));
  assert.deepEqual(
    different.map(([name]) => name),
    [],
  );
}

function assertChecksums(files: Released): void {
  const lines = read(files, 'SHA256SUMS').toString().trim().split('\n');
  const others = [...files.keys()].filter((name) => name !== 'SHA256SUMS');
  assert.deepEqual(lines.map((line) => line.slice(66)).sort(), others.sort());
  for (const line of lines) assert.equal(line.slice(0, 64), toSha256(read(files, line.slice(66))));
}

/** Every file of a folder of `dist/` is in the zip, byte for byte, and no other. */
function assertBuilt(files: Released, name: 'proxy' | 'publisher'): void {
  const zipped = unzipSync(findZip(files, name));
  const folder = join(root, 'dist', name);
  const built = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  assert.deepEqual(Object.keys(zipped).sort(), built.sort());
  for (const file of built) {
    assert.ok(readFileSync(join(folder, file)).equals(zipped[file] ?? new Uint8Array()), file);
  }
}

function assertZipsNamed(files: Released): void {
  const zips = [...files.keys()].filter((name) => /-[0-9a-f]{16}\.zip$/.test(name));
  assert.equal(zips.length, 3);
  for (const form of ['template.json', 'template-s3.json']) {
    const text = read(files, form).toString();
    for (const zip of zips) assert.ok(text.includes(zip), `${form} does not name ${zip}`);
    assert.doesNotMatch(text, /cdk-hnb659fds|BootstrapVersion|aws:cdk/);
    // CloudFormation accepts 51,200 bytes without a bucket. The last of them are for a change that cannot wait.
    const { byteLength } = Buffer.from(text);
    assert.ok(byteLength <= 51_200 - 1024, `${form} has ${byteLength} bytes`);
  }
}

interface Component {
  readonly name: string;
  readonly version?: string;
  readonly hashes?: readonly { readonly content: string }[];
}

/** A bill names each zip with its digest, and the packages whose code is in the zips. */
function assertBill(files: Released): void {
  const { components, dependencies } = JSON.parse(read(files, 'sbom.cdx.json').toString()) as {
    components: Component[];
    dependencies: { ref: string; dependsOn: string[] }[];
  };
  const digests = new Map(components.map(({ name, hashes }) => [name, hashes?.[0]?.content]));
  for (const [name, content] of files) {
    if (/-[0-9a-f]{16}\.zip$/.test(name)) assert.equal(digests.get(name), toSha256(content));
  }
  const names = components.map(({ name }) => name);
  for (const name of ['jose', 'valibot', 're2js', 'aws-cdk-lib']) assert.ok(names.includes(name));
  const licences = read(files, 'LICENCES.txt').toString();
  for (const { name, version } of components.filter((component) => component.version)) {
    assert.ok(licences.includes(`${name} ${version}`), `${name} has no licence`);
  }
  const known = new Set(dependencies.map(({ ref }) => ref));
  assert.equal(known.size, dependencies.length);
}

const checks: Readonly<Record<string, (files: Released) => void>> = {
  'the checksums are those of all other files': assertChecksums,
  'the zips hold the built bytes': (files) => {
    assertBuilt(files, 'proxy');
    assertBuilt(files, 'publisher');
  },
  'both templates name the zips, and nothing of CDK': assertZipsNamed,
  'the bill of materials names zips, packages and licences': assertBill,
};

let passed = 0;
let failed = 0;
function check(name: string, act: () => void): void {
  try {
    act();
    passed += 1;
    say(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    say(`FAILED  ${name}\n${error instanceof Error ? error.message : String(error)}`);
  }
}

try {
  const [here, there] = await Promise.all([
    release('here', { TZ: 'UTC', LC_ALL: 'C' }),
    release('there', { TZ: 'Pacific/Auckland', LC_ALL: 'tr_TR.UTF-8' }),
  ]);
  check('two releases have the same bytes', () => assertSameBytes(here, there));
  for (const [name, act] of Object.entries(checks)) check(name, () => act(here));
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
say(`release: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
