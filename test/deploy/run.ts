/**
 * Deploys everything to an emulator of AWS with the real CDK CLI, and runs what was deployed: `npm run test:deploy`.
 * Needs Python 3 and its package index; says so and does nothing where they are not to be had.
 */
import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { LOCAL_REGION } from '../../local/stack/credentials.ts';
import { send } from '../support/client.ts';
import { type Cdk, createCdk, listTemplates } from './cdk.ts';
import { createCloud } from './cloud.ts';
import { installTool } from './command-lines.ts';
import {
  type Deployment,
  downloadCode,
  type Running,
  runApi,
  runFunctionUrl,
  runPublisher,
} from './deployed.ts';
import { startEmulator } from './emulator.ts';
import { bridgeGaps } from './emulator-gaps.ts';
import { eventually } from './eventually.ts';
import { run } from './process.ts';
import { installPythonTools, type PythonTools } from './python-tools.ts';
import { tryFirstHour } from './try-first-hour.ts';
import { tryReleases } from './try-releases.ts';
import { tryRenaming } from './try-renaming.ts';
import { tryTemplate } from './try-template.ts';

const stacks = ['Countersign', 'CountersignDemo', 'CountersignUsersDemo'] as const;
const helloRoute = '/countersign/CountersignDemo/routes/hello';
const templateRoute = '/countersign/gateway/routes/one';
const usersRoute = '/countersign/CountersignUsersDemo/routes/users';
/** Where the apps of init have the documents that a person writes. */
const initPath = /^\/countersign\/app-(sam|tf)\//;
const dist = join(import.meta.dirname, '..', '..', 'dist');
const say = (line: string) => process.stdout.write(`${line}\n`);
let passed = 0;

/** Each step stands on the ones before it, so the first that fails is the last. */
async function step<T>(sentence: string, act: () => Promise<T>): Promise<T> {
  const before = performance.now();
  try {
    const result = await act();
    passed += 1;
    say(`ok      ${sentence} (${((performance.now() - before) / 1000).toFixed(1)} s)`);
    return result;
  } catch (error) {
    say(`failed  ${sentence}`);
    throw error;
  }
}

type Outputs = Record<string, Record<string, string>>;

interface Context extends Deployment {
  readonly assembly: string;
  readonly cdk: Cdk;
}

async function deploy({ cdk, assembly, tools, folder }: Context): Promise<Outputs> {
  await step('cdk synth writes three stacks', async () => {
    const flags = ['-c', 'demo=true', '-c', 'usersDemo=true'];
    await cdk('synth', '--quiet', ...flags, '--output', assembly);
    assert.equal((await listTemplates(assembly)).length, stacks.length);
  });
  await step('cfn-lint finds nothing in the templates', async () => {
    // W3005: CDK lets functions depend on their roles' policies, and names the roles besides.
    const args = ['--ignore-checks', 'W3005', '--', ...(await listTemplates(assembly))];
    await run({ file: tools.cfnLint, args, env: { HOME: folder } }, 120_000);
  });
  const bridged = await bridgeGaps(await listTemplates(assembly));
  for (const resource of bridged) say(`        not emulated: ${resource}`);
  await step('cdk bootstrap prepares an empty account', () => cdk('bootstrap', '--app', assembly));
  return step('cdk deploy creates the stacks and prints their outputs', async () => {
    const file = join(folder, 'outputs.json');
    await cdk('deploy', '--all', ...assemblyFlags(assembly), '--outputs-file', file);
    const outputs = JSON.parse(await readFile(file, 'utf8')) as Outputs;
    assert.deepEqual(Object.keys(outputs).sort(), [...stacks]);
    for (const stack of stacks) {
      assert.match(
        outputs[stack]?.['Url'] ?? '',
        /^https:\/\/\w+\.lambda-url\.us-east-1\.on\.aws\/$/,
      );
      assert.equal(outputs[stack]?.['ParameterPath'], `/countersign/${stack}`);
    }
    return outputs;
  });
}

const assemblyFlags = (assembly: string) => ['--app', assembly, '--require-approval', 'never'];

/** Edits the greeter's route, runs the greeter and its proxy, and edits it again. */
async function tryGreeter(context: Context, outputs: Outputs): Promise<void> {
  const { cloud, cdk, assembly } = context;
  const greeter = await step('the greeter refuses an unsigned call', async () => {
    const running = await runFunctionUrl(context, 'CountersignDemo-HelloFunction');
    const { status } = await send(running.url, { target: '/?name=APISIX' });
    assert.equal(status, 403);
    return running;
  });
  await step('its route is edited in Parameter Store', async () => {
    const route = await cloud.readParameter(helloRoute);
    const url = /'(https:.*)\?/.exec(outputs['CountersignDemo']?.['DirectCall'] ?? '')?.[1] ?? '';
    assert.ok(route.includes(`"function_uri":"${url}"`), `${route} does not name ${url}`);
    await edit(context, helloRoute, toLocal(route, `${greeter.url}/`, 'lambda'));
  });
  await step('a second cdk deploy changes nothing, and leaves the edit alone', async () => {
    const printed = await cdk('deploy', '--all', ...assemblyFlags(assembly));
    for (const stack of stacks) assert.ok(printed.includes(`${stack} (no changes)`), printed);
    assert.ok((await cloud.readParameter(helloRoute)).includes(greeter.url));
  });
  const proxy = await step(
    'the deployed proxy signs the same call, and it is answered',
    async () => {
      const running = await runFunctionUrl(context, 'CountersignDemo-ProxyFunction');
      await assertRelayed(running, '/hello?name=APISIX', '"Hello, APISIX!"');
      return running;
    },
  );
  await step('an edit while it runs is in force within its refresh interval', async () => {
    const route = JSON.parse(await cloud.readParameter(helloRoute));
    await edit(context, helloRoute, JSON.stringify({ ...route, uri: '/hi' }));
    await eventually(async () => (await send(proxy.url, { target: '/hi' })).status === 200);
    assert.equal((await send(proxy.url, { target: '/hello' })).status, 404);
  });
  await Promise.all([greeter.close(), proxy.close()]);
}

/** Runs the users function behind its API and its proxy, on the deployed table. */
async function tryUsers(context: Context): Promise<void> {
  const { cloud } = context;
  const route = await cloud.readParameter(usersRoute);
  const uri = /"function_uri":"https:\/\/(\w+)\.[^/]*\/(\w+)\/demo\/users"/.exec(route);
  const [, apiId = '', stage = ''] = uri ?? [];
  const prefix = 'CountersignUsersDemo-UsersFunction';
  const api = await step('the users API refuses an unsigned call', async () => {
    const running = await runApi(context, { apiId, stage, prefix });
    const { status } = await send(running.url, { target: `/${stage}/demo/users` });
    assert.equal(status, 403);
    return running;
  });
  const local = toLocal(route, `${api.url}/${stage}/demo/users`, 'execute-api');
  await edit(context, usersRoute, local);
  const proxy = await runFunctionUrl(context, 'CountersignUsersDemo-ProxyFunction');
  await step('through its proxy it keeps a user in the deployed table', async () => {
    const headers = [['content-type', 'application/json']] as const;
    const body = '{"name":"Ada","email":"ada@example.com"}';
    const added = await send(proxy.url, { method: 'POST', target: '/users', headers, body });
    assert.equal(added.status, 201, `${added.text()}${proxy.log()}${api.log()}`);
    await assertRelayed(proxy, '/users', `{"users":[${added.text().trim()}]}\n`);
    const one = `/users/${added.json()['userId']}`;
    assert.equal((await send(proxy.url, { method: 'DELETE', target: one })).status, 204);
    await assertRelayed(proxy, '/users', '{"users":[]}\n');
  });
  await Promise.all([api.close(), proxy.close()]);
}

/** An edit, and the event of it: the emulator has none of Parameter Store. */
async function edit(context: Context, name: string, value: string): Promise<void> {
  await context.cloud.editParameter(name, value);
  const [, , stack] = name.split('/');
  const detail = { name, operation: 'Update' };
  const log = await runPublisher(context, `${stack}-ProxyPublisherFunction`, {
    Records: [{ body: JSON.stringify({ source: 'aws.ssm', detail }) }],
  });
  assert.match(log, /"event":"published"/);
}

/** The route with its upstream on this machine, whose address says neither region nor service. */
function toLocal(route: string, function_uri: string, service: string): string {
  const { plugins, ...others } = JSON.parse(route);
  const authorization = { iam: { aws_region: LOCAL_REGION, service } };
  const settings = { ...plugins['aws-lambda'], function_uri, authorization };
  return JSON.stringify({ ...others, plugins: { 'aws-lambda': settings } });
}

async function assertRelayed({ url, log }: Running, target: string, text: string): Promise<void> {
  const response = await send(url, { target });
  assert.deepEqual([response.status, response.text()], [200, text], log());
}

/** Every file of `folder` is in the function's zip, byte for byte. */
async function assertDeployed(context: Context, prefix: string, folder: string): Promise<void> {
  const code = await downloadCode(context, await context.cloud.readFunction(prefix));
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((item) => item.isFile())) {
    const built = join(entry.parentPath, entry.name);
    const deployed = join(code, relative(folder, built));
    assert.ok((await readFile(built)).equals(await readFile(deployed)), `${built} differs`);
  }
}

async function runSteps(tools: PythonTools, folder: string): Promise<void> {
  // Takes minutes, beside everything else.
  const sam = installTool('sam', folder, say);
  const emulator = await startEmulator(tools, folder);
  const cloud = createCloud(emulator.url);
  const cdk = createCdk({ emulatorUrl: emulator.url, home: folder });
  const context: Context = {
    ...{ cloud, cdk, tools, folder, emulatorUrl: emulator.url },
    assembly: join(folder, 'cdk.out'),
  };
  const outputs = await deploy(context);
  await step('the deployed bytes are the built ones', async () => {
    await assertDeployed(context, 'Countersign-ProxyFunction', join(dist, 'proxy'));
    await assertDeployed(context, 'CountersignUsersDemo-UsersFunction', join(dist, 'users'));
    await assertDeployed(context, 'Countersign-ProxyPublisherFunction', join(dist, 'publisher'));
  });
  await tryGreeter(context, outputs);
  await tryUsers(context);
  await tryRenaming({ cdk, cloud, folder, step });
  await tryReleases({ ...context, step });
  const tarball = await tryFirstHour({ ...context, step });
  await tryTemplate({
    ...{ ...context, say, step, sam, tarball },
    assertDeployed: (prefix, name) => assertDeployed(context, prefix, join(dist, name)),
  });
  await step(
    'cdk destroy leaves no function behind, and no route but those that were edited',
    async () => {
      await cdk('destroy', '--all', '--force', '--app', context.assembly);
      assert.deepEqual(await cloud.listFunctions('Countersign'), []);
      const left = await cloud.listParameters('/countersign');
      // What was written by hand below the path of the template stays as well, and what the apps of init have.
      const isKept = (name: string) =>
        [helloRoute, usersRoute, templateRoute].includes(name) || initPath.test(name);
      assert.deepEqual(
        left.filter((name) => !isKept(name)),
        [],
      );
    },
  );
  await emulator.stop();
}

const folder = await mkdtemp(join(tmpdir(), 'countersign-deploy-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
try {
  const tools = await installPythonTools(folder, say);
  if (tools !== undefined) {
    await runSteps(tools, folder);
    say(`deploy: ${passed} passed, 0 failed`);
  }
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  say(`deploy: ${passed} passed, 1 failed`);
  process.exitCode = 1;
}
// What still runs after a failure ends here (process.ts).
process.exit();
