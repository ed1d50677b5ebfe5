/** The five commands of docs/first-hour.md, as they stand there, in an empty folder. */
import { strict as assert } from 'node:assert';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inheritedEnv } from '../../local/process-env.ts';
import { readFirstAnswer, readFirstHour } from '../support/first-hour.ts';
import { listTemplates, toCdkEnv } from './cdk.ts';
import { type Deployment, runFunctionUrl } from './deployed.ts';
import { bridgeGaps } from './emulator-gaps.ts';
import { run } from './process.ts';

export interface FirstHour extends Deployment {
  readonly step: <T>(sentence: string, act: () => Promise<T>) => Promise<T>;
}

const stack = 'gateway';
const timeoutMs = 600_000;

/** Packs the package, and follows the page to a call of the deployed proxy. @returns the file of the package */
export async function tryFirstHour(options: FirstHour): Promise<string> {
  const { folder, emulatorUrl, cloud, step } = options;
  const parent = join(folder, 'first-hour');
  const app = join(parent, stack);
  await mkdir(app, { recursive: true });
  const tarball = await step('npm pack writes the package', () => pack(parent));
  const page = readFirstHour(tarball);
  // The machine's own environment: npm knows its registry.
  const npm = {
    ...inheritedEnv(),
    ...{ npm_config_yes: 'true', npm_config_prefer_offline: 'true', npm_config_audit: 'false' },
  };
  const shell = (command: string, env: NodeJS.ProcessEnv) =>
    run({ file: 'sh', args: ['-c', command], env, cwd: app }, timeoutMs);
  // The peers are the app's own dependencies, and npx keeps what it installs by the name of the file.
  const first = { npm_config_legacy_peer_deps: 'true', npm_config_cache: join(parent, 'cache') };
  const cdk = toCdkEnv({ emulatorUrl, home: folder });
  const assembly = join(parent, 'cdk.out');

  await step(`1. ${page.init}`, () => shell(page.init, { ...npm, ...first }));
  await step(`2. ${page.install}`, () => shell(page.install, npm));
  await step(`3. ${page.bootstrap}`, () => shell(page.bootstrap, cdk));
  const printed = await step(`4. ${page.deploy}`, async () => {
    await shell(`npx cdk synth --quiet --output '${assembly}'`, cdk);
    await bridgeGaps(await listTemplates(assembly));
    // The options of the CLI as variables, so that the command stays as it is.
    return shell(page.deploy, { ...cdk, CDK_APP: assembly, CDK_REQUIRE_APPROVAL: 'never' });
  });
  await step(`5. ${page.call}`, () => tryCall(options, printed));
  await step('npx cdk destroy removes the stack of the first hour', async () => {
    await shell('npx cdk destroy --force', { ...cdk, CDK_APP: assembly });
    assert.deepEqual(await cloud.listFunctions(`${stack}-`), []);
  });
  return join(parent, tarball);
}

async function pack(folder: string): Promise<string> {
  const args = ['pack', '--silent', '--pack-destination', folder];
  const cwd = join(import.meta.dirname, '..', '..');
  await run({ file: 'npm', args, env: inheritedEnv(), cwd }, timeoutMs);
  return (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? '';
}

/** Runs the command of the output `Call`, with the address where the deployed proxy runs on this machine. */
async function tryCall(deployment: Deployment, printed: string): Promise<void> {
  const [, call = '', url = ''] = /\.Call = (curl -i '(https:\/\/[^/]+)[^\n]*)/.exec(printed) ?? [];
  const shown = readFirstHour('').call;
  assert.equal(call.replace(url, ''), shown.replace(/https:\/\/[^/]+/, ''), printed);
  const hello = await runFunctionUrl(deployment, `${stack}-Hello`);
  const variables = { COUNTERSIGN_VAR_HELLO_URL: `${hello.url}/` };
  const proxy = await runFunctionUrl(deployment, `${stack}-ProxyFunction`, variables);
  try {
    const env = inheritedEnv();
    const direct = await run(
      { file: 'curl', args: ['-si', `${hello.url}/?name=you`], env },
      60_000,
    );
    assert.match(direct, / 403 /);
    const command = call.replace(url, proxy.url).replace('curl', 'curl -s');
    const answer = await run({ file: 'sh', args: ['-c', command], env }, 60_000);
    const [head = '', body = ''] = readFirstAnswer().split('\n\n');
    for (const line of head.split('\n')) assert.ok(answer.includes(line), proxy.log());
    assert.ok(answer.trim().endsWith(body.trim()), answer);
  } finally {
    await Promise.all([hello.close(), proxy.close()]);
  }
}
