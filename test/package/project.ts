/** Empty folders that the package is installed into. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { inheritedEnv } from '../../local/process-env.ts';

export const root = join(import.meta.dirname, '..', '..');
const modules = join(root, 'node_modules');

export interface Project {
  readonly folder: string;
  write(name: string, text: string): void;
  /** Runs Node in the folder; throws what was printed when it fails. @returns stdout */
  node(...args: string[]): Promise<string>;
}

export interface ProjectOptions {
  readonly folder: string;
  readonly tarball: string;
  readonly type: 'module' | 'commonjs';
  /** Folders of packages by name, in place of the clone's. */
  readonly packages?: Readonly<Record<string, string>>;
}

/** Made available as if they had been installed, so that nothing is fetched; the clone has them. */
const linked = [
  ...['aws-cdk-lib', 'constructs', '@types/node', 'undici-types'],
  ...['typescript', 'tsx', 'esbuild', 'aws-cdk'],
];

/** Installs the tarball into an empty folder, as npm does it without a network. */
export async function createProject(options: ProjectOptions): Promise<Project> {
  const { folder, tarball, type, packages = {} } = options;
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('package.json', JSON.stringify({ private: true, type }));
  // Without the legacy flag npm would fetch the peers.
  const flags = ['--offline', '--legacy-peer-deps', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...flags, tarball], folder);
  for (const name of new Set([...linked, ...Object.keys(packages)])) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(packages[name] ?? join(modules, name), link);
  }
  symlinkSync(join(modules, '.bin/tsx'), join(folder, 'node_modules/.bin/tsx'));
  return { folder, write, node: (...args) => run(process.execPath, args, folder) };
}

/** Runs a command; throws what it printed when it fails. @returns stdout */
export async function run(file: string, args: readonly string[], cwd: string): Promise<string> {
  const options = { cwd, env: inheritedEnv(), maxBuffer: 64 * 1024 * 1024 };
  try {
    return (await promisify(execFile)(file, [...args], options)).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${stdout}${stderr}`.trim() || String(error), { cause: error });
  }
}

/**
 * Packages in other versions than the clone's, fetched once.
 *
 * @returns their folders by name; undefined where npm cannot install them
 */
export async function fetchPackages(
  versions: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>> | undefined> {
  const specs = Object.entries(versions).map(([name, version]) => `${name}@${version}`);
  const name = specs.join('-').replaceAll('/', '-');
  const folder = join(modules, '.cache', 'countersign', name);
  const found = Object.fromEntries(
    Object.keys(versions).map((key) => [key, join(folder, 'node_modules', key)]),
  );
  const isThere = () => Object.values(found).every((path) => existsSync(path));
  if (!isThere()) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
    const flags = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
    await run('npm', ['install', ...flags, ...specs], folder).catch(() => undefined);
  }
  return isThere() ? found : undefined;
}
