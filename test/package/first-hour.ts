/** docs/first-hour.md, as far as it goes without an account: the app that `init` writes, installed, compiled and run. */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inheritedEnv } from '../../local/process-env.ts';
import { eventually } from '../support/eventually.ts';
import { readFirstHour } from '../support/first-hour.ts';
import { run } from './project.ts';

export interface FirstHourOptions {
  /** For the tarball and the apps beside it. */
  readonly folder: string;
  readonly tarball: string;
  readonly step: (name: string, act: () => Promise<unknown>) => Promise<void>;
}

/** The peers of the package are the app's own dependencies, so that the CLI alone needs none. */
const npmSettings = {
  npm_config_legacy_peer_deps: 'true',
  npm_config_prefer_offline: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  // npx asks whether it may install the package.
  npm_config_yes: 'true',
};
const upstreams = [
  [
    'orders',
    '--url https://abcdefghij.lambda-url.eu-west-1.on.aws/ --function orders',
    /:lambda:eu-west-1:.*:function:orders/,
  ],
  [
    'users',
    '--url https://abc1234567.execute-api.eu-west-1.amazonaws.com/prod --account 111122223333',
    /:execute-api:eu-west-1:111122223333:abc1234567\/prod\/\*/,
  ],
] as const;

/** @returns false where npm cannot install the app's packages on this machine */
export async function tryFirstHour({ folder, tarball, step }: FirstHourOptions): Promise<boolean> {
  const app = join(folder, 'gateway');
  mkdirSync(app, { recursive: true });
  copyFileSync(tarball, join(folder, basename(tarball)));
  const page = readFirstHour(basename(tarball));
  const shell = (command: string, cwd = app) =>
    run('env', [...toAssignments(npmSettings), 'sh', '-c', command], cwd);
  // npx keeps what it installed by the name of the file, which is the same in each run of this test.
  const cache = join(folder, 'cache');
  const init = (flags: string, cwd: string) =>
    shell(`npm_config_cache='${cache}' ${page.init} ${flags}`, cwd);

  await step('init writes an app into an empty folder', () => init('', app));
  for (const tool of ['sam', 'terraform']) {
    await step(`init writes an app for ${tool}, with the code of the release`, async () => {
      const other = join(folder, tool);
      mkdirSync(other);
      const printed = await init(`--with ${tool}`, other);
      assertMatch(printed, tool === 'sam' ? /countersign\/template\.json/ : /zips\/proxy\.zip/);
    });
  }
  const failure = await shell(page.install).then(
    () => undefined,
    (error: Error) => error,
  );
  if (failure && /ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT/.test(failure.message)) return false;
  await step('npm installs the packages of the app', () =>
    failure ? Promise.reject(failure) : Promise.resolve(),
  );
  await step('the app compiles, and its documents are valid', () => shell('npm run check'));
  await step('cdk synthesises the app', async () => {
    await shell('npx cdk synth --quiet --no-notices');
    assertMatch(readTemplate(app, 'gateway'), /lambda:InvokeFunctionUrl/);
  });
  for (const [name, flags, resource] of upstreams) {
    await step(`the app for ${name} compiles and is synthesised`, async () => {
      const other = join(folder, name);
      mkdirSync(other);
      await init(flags, other);
      symlinkSync(join(app, 'node_modules'), join(other, 'node_modules'));
      await shell('npm run check && npx cdk synth --quiet --no-notices', other);
      assertMatch(readTemplate(other, name), resource);
    });
  }
  await step('dev serves the app, and follows its routes', () => tryDev(app));
  return true;
}

const toAssignments = (variables: Readonly<Record<string, string>>) =>
  Object.entries(variables).map(([name, value]) => `${name}=${value}`);

function readTemplate(app: string, stack: string): string {
  const template = JSON.parse(readFileSync(join(app, 'cdk.out', `${stack}.template.json`), 'utf8'));
  // Pseudo parameters such as the account become words, so that an ARN is one text.
  return JSON.stringify(template).replace(/",\{"Ref":"AWS::(\w+)"\},"/g, '$1');
}

/** Points the route at the function of the local stack, while it runs. */
async function tryDev(app: string): Promise<void> {
  const bin = join('node_modules', '.bin', 'countersign');
  const args = [bin, 'dev', '.', '--port', '0', '--parameter-store-port', '0'];
  const child = spawn(process.execPath, args, { cwd: app, env: inheritedEnv() });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk;
    });
  }
  const find = (pattern: RegExp) => pattern.exec(text)?.[1] ?? '';
  const file = join(app, 'routes', 'hello.json');
  const written = readFileSync(file, 'utf8');
  try {
    await eventually(() => text.includes('Ctrl-C ends') || child.exitCode !== null);
    assertMatch(text, /Wrote routes\/hello/);
    const greeter = find(/greeter \(.*\)\s+(\S+)/);
    writeFileSync(file, written.replace(/\$env:[^"]*/, greeter));
    const call = () => fetch(`${find(/Countersign: (\S+)/)}/hello?name=you`);
    await eventually(async () => (await call()).status === 200);
    assertMatch(await (await call()).text(), /^"Hello, you!"$/);
    writeFileSync(file, '{ "uri": 3 }');
    await eventually(() => /hello\.json:1:3\s+\/uri: found 3/.test(text));
    assertMatch(String((await call()).status), /^200$/);
  } catch (error) {
    throw new Error(`dev printed\n${text}`, { cause: error });
  } finally {
    child.kill('SIGTERM');
    writeFileSync(file, written);
  }
}

function assertMatch(text: string, expected: RegExp): void {
  if (!expected.test(text)) throw new Error(`found\n${text}\nexpected ${expected}`);
}
