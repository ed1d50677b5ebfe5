/** Terraform with a release: the module, and the template as a stack, by the code of the page. */
import { strict as assert } from 'node:assert';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { LOCAL_REGION } from '../../local/stack/credentials.ts';
import { createShell, type Shell } from './command-lines.ts';
import type { Deployment } from './deployed.ts';
import { tryTerraformApp } from './try-init.ts';

export interface TerraformTrial extends Deployment {
  readonly say: (line: string) => void;
  readonly step: <T>(sentence: string, act: () => Promise<T>) => Promise<T>;
  /** Folder of the release. */
  readonly released: string;
  /** The npm package. */
  readonly tarball: string;
  assertDeployed(prefix: string, name: 'proxy' | 'publisher'): Promise<void>;
}

const page = join(import.meta.dirname, '..', '..', 'docs', 'install-terraform.md');

/** Of Terraform's own places for providers that are on the machine already, and of those that people use. */
const mirrors = ['/usr/local/share/terraform', '/usr/share/terraform', '/opt'];

/** The emulator's account, in place of one that Terraform would look for. */
const provider = `
provider "aws" {
  region                      = "${LOCAL_REGION}"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true
}
`;

/** Applies and destroys what the page shows; says why where Terraform or its provider is not to be had. */
export async function tryTerraform(trial: TerraformTrial): Promise<void> {
  const { say, step, released, cloud, emulatorUrl, folder } = trial;
  const shell = createShell({ emulatorUrl, home: folder }, []);
  const work = join(folder, 'terraform');
  const moduleFolder = join(work, 'countersign');
  const zip = await readFile(join(released, 'countersign-terraform.zip'));
  await unpack(zip, moduleFolder);
  const [moduleCode = '', stackCode = ''] = await readCode();
  await writeFile(join(work, 'main.tf'), moduleCode);
  if (!(await init(shell, work))) {
    await acceptOlderProvider(work);
    if (!(await init(shell, work))) {
      say('skipped: Terraform and its provider of AWS are not to be had on this machine');
      return;
    }
    say("        not fetched: Terraform's provider; one of this machine is used, which is older");
  }
  await step('terraform validates the module and the code of its page', async () => {
    await shell('terraform fmt -check -recursive countersign && terraform validate', work);
  });
  await step('terraform apply makes a proxy of the module, with its routes', async () => {
    await writeFile(join(work, 'provider.tf'), provider);
    const printed = await shell('terraform apply -auto-approve -no-color', work);
    assert.match(printed, /url = "https:.*lambda-url/);
    await trial.assertDeployed('gateway-proxy', 'proxy');
    await trial.assertDeployed('gateway-publisher', 'publisher');
    assert.ok(JSON.parse(await cloud.readParameter('/countersign/gateway/routes/orders')).uri);
  });
  await step('a second plan of the module changes nothing', async () => {
    // 2 would mean that something is to be changed.
    await shell('terraform plan -detailed-exitcode -no-color', work);
  });
  await step('terraform destroy takes everything of the module', async () => {
    await shell('terraform destroy -auto-approve -no-color', work);
    assert.deepEqual(await cloud.listFunctions('gateway-p'), []);
  });
  const stack = join(work, 'stack');
  await mkdir(stack);
  await writeFile(join(stack, 'main.tf'), stackCode.replaceAll('dist/release', released));
  await writeFile(join(stack, 'provider.tf'), provider);
  await step('terraform apply deploys the template as a stack', async () => {
    await init(shell, stack);
    const printed = await shell('terraform apply -auto-approve -no-color', stack);
    assert.match(printed, /url = "https:.*lambda-url/);
    await trial.assertDeployed('gateway-stack-ProxyFunction', 'proxy');
  });
  await tryTerraformApp(trial, {
    shell,
    prepare: async (app) => {
      await writeFile(join(app, 'provider_override.tf'), provider);
      if (await init(shell, app)) return;
      await acceptOlderProvider(app);
      assert.ok(await init(shell, app));
    },
  });
}

/**
 * Gets the provider from its registry, else from a folder of this machine.
 * @returns whether it is to be had
 */
async function init(shell: Shell, work: string): Promise<boolean> {
  if (await succeeds(shell, 'terraform init -no-color', work)) return true;
  for (const mirror of await findMirrors()) {
    if (await succeeds(shell, `terraform init -no-color -plugin-dir=${mirror}`, work)) return true;
  }
  return false;
}

async function succeeds(shell: Shell, command: string, folder: string): Promise<boolean> {
  try {
    await shell(command, folder);
    return true;
  } catch {
    return false;
  }
}

async function findMirrors(): Promise<string[]> {
  const folders = await Promise.all(
    mirrors.map(async (parent) => {
      const names = existsSync(parent) ? await readdir(parent) : [];
      return names.map((name) => join(parent, name));
    }),
  );
  const provider = join('registry.terraform.io', 'hashicorp', 'aws');
  return folders.flat().filter((folder) => existsSync(join(folder, provider)));
}

/** A provider that is on the machine already may know neither the module's bound nor its runtime. */
async function acceptOlderProvider(work: string): Promise<void> {
  for (const name of ['main.tf', 'hello.tf', join('countersign', 'versions.tf')]) {
    const file = join(work, name);
    if (!existsSync(file)) continue;
    const code = (await readFile(file, 'utf8'))
      .replace(/>= 6\.[\d.]+/, '>= 5.0')
      .replace('"nodejs24.x"', '"nodejs22.x"')
      // Of the module, which is the one block with a source of files.
      .replace(/^ {2}source = "\.\/countersign"$/m, '$&\n\n  runtime = "nodejs22.x"');
    await writeFile(file, code);
  }
}

async function unpack(zip: Uint8Array, folder: string): Promise<void> {
  for (const [name, content] of Object.entries(unzipSync(zip))) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

/** The blocks of HCL on the page, in their order. */
async function readCode(): Promise<string[]> {
  const blocks = (await readFile(page, 'utf8')).matchAll(/^```hcl\n(.*?)^```/gms);
  return [...blocks].map(([, code = '']) => code);
}
