/** `doctor --role`: IAM's simulator is asked, over its own protocol. */
import type { Finding } from '../../cli/doctor/finding.ts';
import {
  type ParameterStore,
  startParameterStore,
} from '../../local/parameter-store/parameter-store.ts';
import { functionUrlHost } from '../support/builders.ts';
import { countersign, jsonOf } from '../support/cli.ts';
import { account, type FakeIam, startFakeIam } from '../support/fake-iam.ts';

const arn = `arn:aws:lambda:eu-west-1:${account}:function:orders`;
const args = ['--role', 'proxy', '--no-probe', '--function', `${functionUrlHost}=${arn}`];
const root = `arn:aws:ssm:us-east-1:${account}:parameter/countersign/local`;
const routes = {
  orders: {
    uri: '/orders',
    plugins: {
      'aws-lambda': { function_uri: `https://${functionUrlHost}/`, authorization: { iam: {} } },
    },
  },
};
const allow = (Action: string | string[], Resource: string | string[], Condition = {}) =>
  ({ Effect: 'Allow', Action, Resource, Condition }) as const;
const reading = allow(['ssm:GetParametersByPath', 'ssm:GetParameterHistory'], `${root}/*`);
const invoking = [
  allow('lambda:InvokeFunctionUrl', arn, {
    StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' },
  }),
  allow('lambda:InvokeFunction', arn, { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } }),
];
let store: ParameterStore;

beforeAll(async () => {
  store = await startParameterStore();
  for (const [id, route] of Object.entries(routes)) {
    const Name = `/countersign/local/routes/${id}`;
    store.call('PutParameter', { Name, Value: JSON.stringify(route), Type: 'String' });
  }
});

afterAll(() => store.close());

/** What it says of the role. */
async function askDoctor(iam: FakeIam, more: readonly string[] = []) {
  const env = { AWS_ENDPOINT_URL_IAM: iam.url };
  const run = await countersign(store.url, ['doctor', '--json', ...args, ...more], { env });
  const { findings } = jsonOf<{ findings: Finding[] }>(run);
  return { ...run, findings: findings.filter(({ check }) => check === 'role') };
}

async function askIam(statements: object[], denied: readonly string[] = []) {
  const inline = { p: { Statement: statements as (typeof reading)[] } };
  const iam = await startFakeIam({ roles: { proxy: { inline } }, denied });
  const report = await askDoctor(iam);
  await iam.close();
  return report;
}

it('is content with a role that may do what the routes need, by IAM’s simulator', async () => {
  const { status, findings } = await askIam([reading, ...invoking]);

  expect(status).toBe(0);
  expect(findings).toMatchObject([
    { status: 'ok', text: 'allowed 4 of the 4 actions that the routes need' },
  ]);
});

it('names what a role may not do', async () => {
  const { status, findings } = await askIam([reading, ...invoking.slice(0, 1)]);

  expect(status).toBe(1);
  expect(findings).toMatchObject([
    {
      status: 'failed',
      text: `lambda:InvokeFunction on ${arn} (route orders): implicitDeny`,
      todo: expect.stringContaining(`npx countersign policy --account ${account}`),
    },
  ]);
});

it('refers to policy where you may not simulate', async () => {
  const { status, findings } = await askIam([reading], ['SimulatePrincipalPolicy']);

  expect(status).toBe(0);
  expect(findings).toMatchObject([
    {
      status: 'skipped',
      todo: expect.stringContaining(`npx countersign policy --account ${account}`),
    },
  ]);
});

it('names the snapshot in the command that prints the statements', async () => {
  const uri = 's3://snapshots/v1/countersign/local';
  const iam = await startFakeIam({ roles: { proxy: {} } });
  const { findings } = await askDoctor(iam, ['--snapshot', uri]);
  await iam.close();

  expect(findings).toContainEqual(
    expect.objectContaining({
      text: expect.stringContaining('s3:GetObject on arn:aws:s3:::snapshots/v1/countersign/local'),
      todo: expect.stringContaining(`policy --account ${account} --snapshot ${uri}`),
    }),
  );
});

it('says that there is no such role', async () => {
  const iam = await startFakeIam();
  const { findings } = await askDoctor(iam);
  await iam.close();

  expect(findings).toMatchObject([
    { status: 'failed', text: 'There is no role proxy in this account.' },
  ]);
});
