/**
 * The npm package as its users have it: packed, installed into empty folders, compiled against, synthesised and run.
 * `npm run test:package`; the quick part of it is test/integration/package.whole.test.ts. What npm cannot fetch on this machine is
 * named and skipped.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryCliAndStack } from './cli.ts';
import { tryFirstHour } from './first-hour.ts';
import { createProject, fetchPackages, type Project, root, run } from './project.ts';
import { readPageApp, toAllStacks, typeUses } from './sources.ts';

const maxBytes = 6 * 1024 * 1024;
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
/** https://nodejs.org/api/modules.html#loading-ecmascript-modules-using-require */
const canRequireModules =
  major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);

let failures = 0;
const say = (text: string) => process.stdout.write(`${text}\n`);

async function step(name: string, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
    say(`ok       ${name}`);
  } catch (error) {
    failures += 1;
    say(`FAILED   ${name}\n${error instanceof Error ? error.message : String(error)}`);
  }
}

const temporary = mkdtempSync(join(tmpdir(), 'countersign-package-'));
try {
  await testPackage(await pack());
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;

async function pack(): Promise<string> {
  await run('npm', ['pack', '--silent', '--pack-destination', temporary], root);
  const [name = ''] = readdirSync(temporary).filter((file) => file.endsWith('.tgz'));
  const file = join(temporary, name);
  const { size } = statSync(file);
  say(`packed   ${name}, ${size} bytes`);
  if (size > maxBytes) throw new Error(`${size} bytes are more than ${maxBytes}`);
  return file;
}

async function testPackage(tarball: string): Promise<void> {
  const modern = await createProject({ folder: join(temporary, 'esm'), tarball, type: 'module' });
  await step('the templates are those of the clone', () => compareTemplates(modern));
  await step('the CLI and the local stack run', () => tryCliAndStack(modern));
  await step("the page's app is synthesised by cdk, with npx tsx", () => synthesise(modern));
  await testTypes('TypeScript of the clone', modern);

  const older = await fetchPackages({ typescript: '5.9', 'ts-node': '10.9.2' });
  const folder = join(temporary, 'commonjs');
  const common = await createProject({
    ...{ folder, tarball, type: 'commonjs' },
    ...(older && { packages: older }),
  });
  if (older) await testTypes('TypeScript 5.9', common);
  else say('skipped  TypeScript 5.9 and ts-node: npm could not install them on this machine');
  if (canRequireModules) await testCommonJs(common, older !== undefined);
  else say(`skipped  CommonJS: Node ${process.versions.node} cannot require an ES module`);

  await testLowestPeers(tarball);

  const firstHour = { folder: join(temporary, 'first-hour'), tarball, step };
  if (!(await tryFirstHour(firstHour))) {
    say('skipped  the app of init: npm could not install its packages on this machine');
  }
}

async function compareTemplates({ folder, write, node }: Project): Promise<void> {
  const ours = join(temporary, 'clone.out');
  const source = toAllStacks(join(root, 'lib', 'index.ts'));
  const script = ['--import', 'tsx', '--input-type=module', '--eval', source];
  // CDK's own variable, by which its CLI says where the templates go.
  const inFolder = (out: string, args: readonly string[]) => [
    '-e',
    `process.env.CDK_OUTDIR = ${JSON.stringify(out)}; ${toSpawn(args)}`,
  ];
  await run(process.execPath, inFolder(ours, script), root);
  write('all.mjs', toAllStacks('countersign'));
  await node(...inFolder(join(folder, 'package.out'), ['all.mjs']));
  const names = readdirSync(ours).filter((name) => /\.(template|assets)\.json$/.test(name));
  if (names.length < 8) throw new Error(`the clone wrote only ${names.join(', ')}`);
  for (const name of names) {
    const read = (out: string) => readFileSync(join(out, name), 'utf8').replaceAll(join(out), '');
    if (read(ours) !== read(join(folder, 'package.out'))) throw new Error(`${name} differs`);
  }
}

function toSpawn(args: readonly string[]): string {
  return `process.exitCode = require('node:child_process').spawnSync(process.execPath, ${JSON.stringify(args)}, { stdio: 'inherit' }).status`;
}

async function synthesise({ folder, write, node }: Project): Promise<void> {
  write('app.ts', readPageApp());
  const cdk = join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  const options = ['--app', 'npx tsx app.ts', '--no-notices', '--quiet', '--output', 'cdk.out'];
  await node(cdk, 'synth', ...options);
  const text = readFileSync(join(folder, 'cdk.out', 'Gateway.template.json'), 'utf8');
  if (!text.includes('/countersign/gateway')) throw new Error('the template has no proxy');
}

/** The errors of the compiler that are not about aws-cdk-lib itself. */
async function testTypes(compiler: string, project: Project): Promise<void> {
  project.write('app.ts', readPageApp());
  project.write('uses.ts', typeUses);
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    for (const exact of ['true', 'false']) {
      const name = `${compiler}, ${moduleResolution}, exactOptionalPropertyTypes ${exact}`;
      await step(name, () =>
        compile(project, [
          ...['--module', module, '--moduleResolution', moduleResolution],
          ...['--exactOptionalPropertyTypes', exact],
        ]),
      );
    }
  }
}

async function compile({ node }: Project, options: readonly string[]): Promise<void> {
  const always = ['--noEmit', '--strict', '--target', 'es2022', '--skipLibCheck', 'false'];
  const args = [...always, '--types', 'node', ...options, 'app.ts', 'uses.ts'];
  const printed = await node('node_modules/typescript/bin/tsc', ...args).catch(
    ({ message }: Error) => message,
  );
  const errors = printed.split('\n').filter((line) => /\berror TS\d+/.test(line));
  const ours = errors.filter((line) => !line.includes('node_modules/aws-cdk-lib/'));
  if (ours.length > 0) throw new Error(ours.join('\n'));
}

async function testCommonJs({ write, node }: Project, hasTsNode: boolean): Promise<void> {
  write('app.ts', readPageApp());
  write(
    'app.cjs',
    `const { App, Stack } = require('aws-cdk-lib');
const { SigningProxy } = require('countersign');
new SigningProxy(new Stack(new App(), 'S'), 'Proxy');`,
  );
  await step('require', () => node('app.cjs'));
  await step('tsx, CommonJS', () => node('--import', 'tsx', 'app.ts'));
  if (!hasTsNode) return;
  write(
    'tsconfig.json',
    '{"compilerOptions":{"module":"nodenext","target":"es2022","strict":true,"skipLibCheck":true}}',
  );
  await step('ts-node', () =>
    node('node_modules/ts-node/dist/bin.js', '--prefer-ts-exts', 'app.ts'),
  );
}

/** package.json promises them. */
async function testLowestPeers(tarball: string): Promise<void> {
  const { peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const lowest = Object.fromEntries(
    Object.entries(peerDependencies as Record<string, string>).map(([name, range]) => [
      name,
      range.replace('^', ''),
    ]),
  );
  const packages = await fetchPackages(lowest);
  const named = JSON.stringify(lowest);
  if (!packages) {
    say(`skipped  ${named}: npm could not install them on this machine`);
    return;
  }
  const folder = join(temporary, 'lowest');
  const project = await createProject({ folder, tarball, type: 'module', packages });
  project.write('all.mjs', toAllStacks('countersign'));
  await step(`synthesis with ${named}`, () => project.node('all.mjs'));
  project.write('app.ts', readPageApp());
  project.write('uses.ts', typeUses);
  const options = ['--module', 'nodenext', '--moduleResolution', 'nodenext'];
  await step(`types with ${named}`, () => compile(project, options));
}
