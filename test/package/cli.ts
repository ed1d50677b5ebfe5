/** The CLI and the local stack, from where the package is installed. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { inheritedEnv } from '../../local/process-env.ts';
import { eventually } from '../support/eventually.ts';
import { type Project, root } from './project.ts';

const bin = 'node_modules/.bin/countersign';

/** Throws what is not as it should be. */
export async function tryCliAndStack(project: Project): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  assertEqual(await project.node(bin, '--version'), `${version}\n`);
  const schema = createRequire(join(project.folder, 'x.js')).resolve(
    'countersign/schema/route.json',
  );
  assertEqual(await project.node(bin, 'schema', 'route'), readFileSync(schema, 'utf8'));
  await tryStack(project);
}

async function tryStack({ folder, node }: Project): Promise<void> {
  const args = [bin, 'dev', '--port', '0', '--parameter-store-port', '0'];
  const child = spawn(process.execPath, args, { cwd: folder, env: inheritedEnv() });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk;
    });
  }
  try {
    await eventually(() => text.includes('Ctrl-C ends') || child.exitCode !== null);
    const url = /Countersign: (\S+)/.exec(text)?.[1];
    const store = /AWS_ENDPOINT_URL_SSM=(\S+)/.exec(text)?.[1];
    if (url === undefined || store === undefined) throw new Error(`dev printed\n${text}`);
    assertEqual(await (await fetch(`${url}/hello?name=you`)).text(), '"Hello, you!"');
    assertEqual((await (await fetch(`${url}/users`)).text()).trim(), '{"users":[]}');
    const listed = await node(bin, 'routes', 'list', '--json', '--endpoint-url', store);
    if (!listed.includes('"hello"')) throw new Error(`routes list printed\n${listed}`);
  } finally {
    child.kill('SIGTERM');
  }
}

function assertEqual(found: string, expected: string): void {
  if (found !== expected) throw new Error(`found\n${found}\nexpected\n${expected}`);
}
