/**
 * The tests on other versions of Node. `npm run test:nodes` takes each version's binary from npm's `node` package, in a
 * folder of its own, and runs `npm test`’s selection with it: `npm run test:nodes -- 24` runs one version.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { inheritedEnv } from '../../local/process-env.ts';

const root = join(import.meta.dirname, '..', '..');
const supported = ['20', '22', '24', '26'];
const asked = process.argv.slice(2);
const ownMajor = process.versions.node.split('.')[0] ?? '';
const majors = asked.length > 0 ? asked : supported.filter((major) => major !== ownMajor);

let failures = 0;
for (const major of majors) {
  const folder = installNode(major);
  if (folder === undefined) {
    process.stdout.write(`skipped: npm could not install Node ${major} on this machine\n`);
    continue;
  }
  const path = `${folder}${delimiter}${inheritedEnv()['PATH'] ?? ''}`;
  process.stdout.write(`\n== the tests on Node ${major}\n`);
  const test = (...args: string[]) => {
    const jest = [join('node_modules', 'jest', 'bin', 'jest.js'), ...args];
    const env = { ...inheritedEnv(), PATH: path };
    return spawnSync(join(folder, 'node'), jest, { cwd: root, env, stdio: 'inherit' }).status === 0;
  };
  // What fails beside others on a busy machine is asked once more, alone; a real difference fails again.
  if (!test() && !test('--onlyFailures', '--maxWorkers=1')) failures += 1;
}
process.exitCode = failures === 0 ? 0 : 1;

/** @returns the folder that has the version's `node`; undefined where npm cannot install it */
function installNode(major: string): string | undefined {
  const folder = join(root, 'node_modules', '.cache', 'countersign', `node-${major}`);
  const bin = join(folder, 'node_modules', 'node', 'bin');
  if (existsSync(join(bin, 'node'))) return bin;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
  const install = ['install', '--no-save', '--no-audit', '--no-fund', `node@${major}`];
  spawnSync('npm', install, { cwd: folder, stdio: 'inherit' });
  return existsSync(join(bin, 'node')) ? bin : undefined;
}
