/** The template of a release, by the commands of its page: the AWS CLI, a nested stack, and SAM. */
import { strict as assert } from 'node:assert';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inheritedEnv } from '../../local/process-env.ts';
import { send } from '../support/client.ts';
import { createShell, installTool, type Shell } from './command-lines.ts';
import { type Deployment, runFunctionUrl, runPublisher } from './deployed.ts';
import { bridgeGaps } from './emulator-gaps.ts';
import { run } from './process.ts';
import { tryEdge } from './try-edge.ts';
import { trySamApp } from './try-init.ts';
import { tryTerraform } from './try-terraform.ts';

export interface ReleasedTemplate extends Deployment {
  readonly say: (line: string) => void;
  readonly step: <T>(sentence: string, act: () => Promise<T>) => Promise<T>;
  /** SAM's programs, while they are being installed. */
  readonly sam: Promise<string | undefined>;
  /** The npm package. */
  readonly tarball: string;
  assertDeployed(prefix: string, name: 'proxy' | 'publisher'): Promise<void>;
}

const root = join(import.meta.dirname, '..', '..');
const page = join(root, 'docs', 'install-cloudformation.md');

/** Makes a release, and deploys it in each of the ways of the pages, at the same time with Terraform and without. */
export async function tryTemplate(context: ReleasedTemplate): Promise<void> {
  const { folder, tools, say, step } = context;
  const aws = await installTool('awscli', folder, say);
  if (aws === undefined) return;
  const released = join(folder, 'release');
  await step('a release is made, and cfn-lint finds nothing in its template', async () => {
    const args = ['--import', 'tsx', join(root, 'release', 'build.ts'), released];
    await run({ file: process.execPath, args, env: inheritedEnv(), cwd: root }, 240_000);
    // W1030: a parameter that is empty where its condition leaves the property out.
    const ignored = ['--ignore-checks', 'W3005', 'W1030', '--', join(released, 'template-s3.json')];
    await run({ file: tools.cfnLint, args: ignored, env: { HOME: folder } }, 120_000);
  });
  await bridgeGaps(['template.json', 'template-s3.json'].map((name) => join(released, name)));
  const shell = createShell({ emulatorUrl: context.emulatorUrl, home: folder }, [aws]);
  await shell('aws s3 mb s3://my-artifacts', released);
  await Promise.all([
    tryTerraform({ ...context, released }),
    tryCommands({ ...context, released, shell }),
  ]);
}

interface Commands extends ReleasedTemplate {
  readonly released: string;
  readonly shell: Shell;
}

async function tryCommands(context: Commands): Promise<void> {
  const { folder, step, sam, released, shell } = context;
  const [deploy = '', upload = ''] = await readBlocks('sh');
  await step("the page's commands package and deploy the template", async () => {
    assert.match(await shell(deploy, released), /"OutputKey": "Url"/);
    await context.assertDeployed('gateway-ProxyFunction', 'proxy');
    await context.assertDeployed('gateway-ProxyPublisherFunction', 'publisher');
    await assertServes(context, 'gateway');
  });
  await step('and the template with zips that were uploaded before', async () => {
    await shell(upload, released);
    await context.assertDeployed('gateway-s3-ProxyFunction', 'proxy');
    const { environment } = await context.cloud.readFunction('gateway-s3-ProxyFunction');
    assert.match(environment['COUNTERSIGN_LIMIT_TABLE'] ?? '', /RateLimits/);
  });
  await tryEdge(context);
  await step("the page's nested stack is deployed with it", async () => {
    const [nested = ''] = await readBlocks('yaml');
    await writeFile(join(released, 'nested.yaml'), nested);
    await shell(
      `aws cloudformation package --template-file nested.yaml --s3-bucket my-artifacts --output-template-file out.yaml
       aws cloudformation deploy --template-file out.yaml --stack-name outer --capabilities CAPABILITY_IAM`,
      released,
    );
    assert.equal((await context.cloud.listFunctions('outer')).length > 0, true);
  });
  const programs = await sam;
  if (programs !== undefined) {
    const samShell = createShell({ ...context, home: folder }, [programs]);
    await step("sam deploy deploys it with the page's samconfig.toml", async () => {
      const [config = ''] = await readBlocks('toml');
      await writeFile(join(released, 'samconfig.toml'), config);
      await samShell('sam deploy', released);
      await context.assertDeployed('gateway-sam-ProxyFunction', 'proxy');
    });
    await trySamApp(context, samShell);
  }
  await step('a stack of the template is deleted with everything but its logs', async () => {
    await shell('aws cloudformation delete-stack --stack-name gateway', released);
    await shell('aws cloudformation wait stack-delete-complete --stack-name gateway', released);
    const left = await context.cloud.listFunctions('gateway-Proxy');
    assert.deepEqual(left, []);
  });
}

/** A route without an upstream answers 503, and a path without a route 404. */
async function assertServes(context: Deployment, stack: string): Promise<void> {
  await context.cloud.addParameter(`/countersign/${stack}/routes/one`, '{"uri":"/one"}');
  await runPublisher(context, `${stack}-ProxyPublisherFunction`, {});
  const proxy = await runFunctionUrl(context, `${stack}-ProxyFunction`);
  const statuses = [];
  for (const target of ['/one', '/none']) statuses.push((await send(proxy.url, { target })).status);
  await proxy.close();
  assert.deepEqual(statuses, [503, 404]);
}

/** The blocks of code of one language on the page, in their order. */
async function readBlocks(language: string): Promise<string[]> {
  const text = await readFile(page, 'utf8');
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'));
  return [...blocks].map(([, code = '']) => code);
}
