/** The apps that `init` writes for SAM and Terraform, from the packed package, deployed and called. */
import { strict as assert } from 'node:assert';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inheritedEnv } from '../../local/process-env.ts';
import { readFirstAnswer } from '../support/first-hour.ts';
import type { Shell } from './command-lines.ts';
import { type Deployment, runFunctionUrl, runPublisher } from './deployed.ts';
import { bridgeGaps } from './emulator-gaps.ts';
import { run } from './process.ts';

export interface InitTrial extends Deployment {
  readonly step: <T>(sentence: string, act: () => Promise<T>) => Promise<T>;
  /** The npm package. */
  readonly tarball: string;
  /** Folder of the release. */
  readonly released: string;
}

/** Deploys the app for SAM by the commands that `init` prints. */
export async function trySamApp(trial: InitTrial, sam: Shell): Promise<void> {
  const { step, released, cloud } = trial;
  const name = 'app-sam';
  const { app, next } = await step(
    'init --with sam writes an app, with the template of the release',
    async () => {
      const written = await init(trial, name, 'sam');
      await assertReleased(join(written.app, 'countersign'), released);
      return written;
    },
  );
  const [deploy = '', put = ''] = next;
  await step(`${deploy}; the app's stack has the proxy nested in it`, async () => {
    await bridgeGaps([join(app, 'countersign', 'template.json')]);
    // It asks before it deploys.
    await sam(`echo y | ${deploy}`, app);
    assert.ok(
      (await cloud.readParameter(`/countersign/${name}/secrets/hello-url`)).includes('lambda-url'),
    );
  });
  await step(put.replace(/^.* countersign /, 'countersign '), async () => {
    await sam(`${npx} ${put} --yes`, app);
    assert.ok(JSON.parse(await cloud.readParameter(`/countersign/${name}/routes/hello`)).uri);
  });
  await step('its proxy signs a call, and the function answers', async () => {
    const functions = await cloud.listFunctions(`${name}-Proxy`);
    const find = (id: string) => functions.find((own) => own.includes(`-${id}-`)) ?? id;
    const [proxy = '', publisher = ''] = ['ProxyFunction', 'ProxyPublisherFunction'].map(find);
    await tryCall(trial, name, { hello: `${name}-Hello`, proxy, publisher });
  });
}

/** How Terraform is run here. */
export interface TerraformTools {
  readonly shell: Shell;
  /** `terraform init` on this machine, with the emulator as provider. */
  prepare(app: string): Promise<void>;
}

/** Deploys the app for Terraform. */
export async function tryTerraformApp(
  trial: InitTrial,
  { shell, prepare }: TerraformTools,
): Promise<void> {
  const { step, cloud } = trial;
  const name = 'app-tf';
  await step('init --with terraform writes an app that terraform applies', async () => {
    const { app, next } = await init(trial, name, 'terraform');
    assert.deepEqual(next, ['terraform init', 'terraform apply']);
    await shell('terraform fmt -check -recursive', app);
    await prepare(app);
    await shell('terraform validate', app);
    await shell('terraform apply -auto-approve -no-color', app);
    assert.match(
      await shell('terraform output -raw call', app),
      /^curl -i 'https:.*lambda-url.*hello\?name=you'/,
    );
    await shell('terraform plan -detailed-exitcode -no-color', app);
    assert.ok(JSON.parse(await cloud.readParameter(`/countersign/${name}/routes/hello`)).uri);
  });
  await step('its proxy signs a call, and the function answers', () =>
    tryCall(trial, name, {
      hello: `${name}-hello`,
      proxy: `${name}-proxy`,
      publisher: `${name}-publisher`,
    }),
  );
}

/** npm knows its registry; npx asks whether it may install the package. */
const npx = 'env npm_config_yes=true npm_config_prefer_offline=true npm_config_audit=false';

/** Runs `init` from the package. @returns the folder, and the commands that it printed, without `cd` */
async function init({ tarball }: InitTrial, name: string, tool: string) {
  const parent = dirname(tarball);
  const app = join(parent, name);
  await mkdir(app);
  const command = `${npx} npx --package ${tarball} countersign init --yes --with ${tool} --json`;
  const args = ['-c', `${command} 2> init.log; rm init.log`];
  const printed = await run({ file: 'sh', args, env: inheritedEnv(), cwd: app }, 300_000);
  const { next } = JSON.parse(printed) as { next: string[] };
  return { app, next };
}

/** Each file is one of the release, byte for byte. */
async function assertReleased(folder: string, released: string): Promise<void> {
  const names = await readdir(folder);
  assert.ok(names.includes('template.json') && names.length === 4, names.join());
  for (const name of names.filter((file) => file.endsWith('.zip'))) {
    assert.ok(
      (await readFile(join(folder, name))).equals(await readFile(join(released, name))),
      name,
    );
  }
}

interface Prefixes {
  readonly hello: string;
  readonly proxy: string;
  readonly publisher: string;
}

/** Calls the deployed proxy on this machine, where its upstream has another address. */
async function tryCall(trial: InitTrial, name: string, prefixes: Prefixes): Promise<void> {
  const hello = await runFunctionUrl(trial, prefixes.hello);
  await trial.cloud.editParameter(`/countersign/${name}/secrets/hello-url`, `${hello.url}/`);
  await runPublisher(trial, prefixes.publisher, {});
  const proxy = await runFunctionUrl(trial, prefixes.proxy);
  try {
    const answer = await fetch(`${proxy.url}/hello?name=you`);
    assert.deepEqual([answer.status, (await fetch(hello.url)).status], [200, 403], proxy.log());
    assert.ok(
      readFirstAnswer()
        .trim()
        .endsWith(await answer.text()),
    );
  } finally {
    await Promise.all([hello.close(), proxy.close()]);
  }
}
