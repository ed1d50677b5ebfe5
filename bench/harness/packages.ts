/** Installs packages that only the bench needs, in separate folders, so that package.json does not contain them. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nodeRoot, packagesRoot } from './cache.ts';
import { print } from './print.ts';

const run = promisify(execFile);
const installTimeoutMs = 180_000;

/** Uses the versions of the project's own dependencies if there are any, so that both sides run the same code. */
const baselinePackages = [
  '@aws-sdk/client-ssm@3.1169.0',
  '@aws-sdk/credential-providers@3.1169.0',
  '@smithy/signature-v4@5.7.5',
  '@aws-crypto/sha256-js@5.2.0',
];

/** @returns whether the packages of the SDK baseline are installed */
export async function installBaselinePackages(): Promise<boolean> {
  const missing = baselinePackages.some(
    (name) => !existsSync(join(packagesRoot, 'node_modules', name.slice(0, name.lastIndexOf('@')))),
  );
  if (!missing) return true;
  return install(packagesRoot, baselinePackages, 'the SDK baseline is left out');
}

/** @returns path and version of the newest Node 24, or of the current Node if npm fails */
export async function findNode(usesOwnNode: boolean): Promise<NodeBinary> {
  const own = { path: process.execPath, version: process.version };
  if (usesOwnNode || process.version.startsWith('v24.')) return own;
  const path = join(nodeRoot, 'node_modules', '.bin', 'node');
  const fallback = `measuring on Node ${process.version}, though Lambda runs 24`;
  if (!existsSync(path) && !(await install(nodeRoot, ['node@24'], fallback))) return own;
  try {
    const { stdout } = await run(path, ['--version']);
    return { path, version: stdout.trim() };
  } catch (error) {
    print(`Node 24 from npm does not start (${toReason(error)}); ${fallback}.`);
    return own;
  }
}

export interface NodeBinary {
  readonly path: string;
  readonly version: string;
}

async function install(
  folder: string,
  packages: readonly string[],
  otherwise: string,
): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  // The package.json keeps npm from using the project's.
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  print(`Installing ${packages.join(', ')} under node_modules/.cache/bench …`);
  try {
    const quiet = ['--no-save', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...quiet, ...packages], {
      cwd: folder,
      timeout: installTimeoutMs,
    });
    return true;
  } catch (error) {
    print(`npm could not install ${packages.join(', ')} (${toReason(error)}): ${otherwise}.`);
    return false;
  }
}

function toReason(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error);
}
