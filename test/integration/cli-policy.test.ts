/** `policy` over Parameter Store's, IAM's, STS's and Lambda's own protocols. */

import type { Listening } from '../../local/http-server.ts';
import {
  type ParameterStore,
  startParameterStore,
} from '../../local/parameter-store/parameter-store.ts';
import { apiHost, functionUrlHost } from '../support/builders.ts';
import { type CliRun, countersign, jsonOf } from '../support/cli.ts';
import { account, startFakeIam } from '../support/fake-iam.ts';
import { startFakeLambdaApi } from '../support/fake-lambda-api.ts';

const root = '/countersign/local';
const functionArn = `arn:aws:lambda:eu-west-1:${account}:function:orders:live`;
const started: Listening[] = [];
let store: ParameterStore;

beforeEach(async () => {
  store = await start(startParameterStore());
  put('orders', `https://${functionUrlHost}/`, { methods: ['GET', 'POST'] });
  put('api', `https://${apiHost}/prod/users`, { methods: ['GET'] });
});

afterEach(() => Promise.all(started.splice(0).map((one) => one.close())));

async function start<T extends Listening>(starting: Promise<T>): Promise<T> {
  const one = await starting;
  started.push(one);
  return one;
}

function put(id: string, function_uri: string, route: object = {}): void {
  const plugins = { 'aws-lambda': { function_uri, authorization: { iam: {} } } };
  const Value = JSON.stringify({ uri: `/${id}`, plugins, ...route });
  store.call('PutParameter', { Name: `${root}/routes/${id}`, Value, Type: 'String' });
}

interface Reported {
  readonly policy: { readonly Statement: readonly StatementJson[] };
  readonly unresolved: readonly { readonly host: string }[];
  readonly remarks: readonly string[];
}

interface StatementJson {
  readonly Action: string;
  readonly Resource: string | readonly string[];
}

async function policy(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CliRun> {
  const iam = await start(startFakeIam());
  const lambda = await start(
    startFakeLambdaApi(
      {
        first: {},
        second: { urls: { 'other.lambda-url.eu-west-1.on.aws': 'arn:other' } },
        orders: {
          urls: {
            'unaliased.lambda-url.eu-west-1.on.aws': 'arn:unaliased',
            [functionUrlHost]: functionArn,
          },
        },
      },
      'eu-west-1',
    ),
  );
  return countersign(store.url, ['policy', ...args], {
    env: {
      AWS_ENDPOINT_URL_IAM: iam.url,
      AWS_ENDPOINT_URL_STS: iam.url,
      AWS_ENDPOINT_URL_LAMBDA: lambda.url,
      ...env,
    },
  });
}

it('lists the nodes that traffic-split calls in place of the host of function_uri', async () => {
  const nodes = { 'unaliased.lambda-url.eu-west-1.on.aws': 1, 'other.example': 1 };
  const plugins = {
    'aws-lambda': { function_uri: `https://${apiHost}/prod`, authorization: { iam: {} } },
    'traffic-split': {
      rules: [{ weighted_upstreams: [{ upstream: { scheme: 'https', nodes } }, { weight: 1 }] }],
    },
  };
  put('split', '', { methods: ['GET'], plugins });

  const { policy: found, unresolved } = jsonOf<Reported>(await policy(['--json']));

  const resources = found.Statement.flatMap(({ Resource }) => Resource);
  expect(resources).toContain('arn:unaliased');
  expect(resources.join()).toContain(`${apiHost.split('.')[0]}/prod/GET/`);
  expect(unresolved).toEqual([]);
});

it('asks Lambda whose the function URL is, and STS for the account', async () => {
  const run = await policy(['--json']);
  const { policy: document, unresolved, remarks } = jsonOf<Reported>(run);

  expect([run.status, unresolved, remarks]).toEqual([0, [], []]);
  expect(document.Statement.map(({ Action, Resource }) => [Action, Resource])).toEqual([
    [
      'ssm:GetParametersByPath',
      [
        `arn:aws:ssm:us-east-1:${account}:parameter${root}`,
        `arn:aws:ssm:us-east-1:${account}:parameter${root}/*`,
      ],
    ],
    ['ssm:GetParameterHistory', `arn:aws:ssm:us-east-1:${account}:parameter${root}/*`],
    [
      'execute-api:Invoke',
      [
        `arn:aws:execute-api:us-east-1:${account}:abc1234567/prod/GET/users`,
        `arn:aws:execute-api:us-east-1:${account}:abc1234567/$default/GET/prod/users`,
      ],
    ],
    ['lambda:InvokeFunctionUrl', functionArn],
    ['lambda:InvokeFunction', functionArn],
  ]);
});

it('uses a given function ARN without asking Lambda', async () => {
  const arn = `arn:aws:lambda:eu-west-1:${account}:function:mine`;
  const run = await policy(['--json', '--no-lookup', '--function', `${functionUrlHost}=${arn}`]);
  const { policy: document } = jsonOf<Reported>(run);

  expect(document.Statement.at(-1)?.Resource).toBe(arn);
});

it('goes on where Lambda cannot be reached, and says what it needs', async () => {
  const run = await policy(['--json'], { AWS_ENDPOINT_URL_LAMBDA: 'http://127.0.0.1:9' });
  const { unresolved, remarks } = jsonOf<Reported>(run);

  expect([run.status, unresolved.map(({ host }) => host)]).toEqual([0, [functionUrlHost]]);
  expect(remarks).toEqual([
    expect.stringMatching(
      /^The functions of the function URLs could not be looked up: Cannot reach 127\.0\.0\.1:9: .* lambda:ListFunctionUrlConfigs\.$/,
    ),
  ]);
});

it('goes on where Lambda refuses, and says what it needs', async () => {
  const elsewhere = await start(startFakeLambdaApi({}, 'us-east-1'));
  const run = await policy(['--json'], { AWS_ENDPOINT_URL_LAMBDA: elsewhere.url });

  expect([run.status, jsonOf<Reported>(run).remarks]).toEqual([
    0,
    [expect.stringContaining('needs lambda:ListFunctions and lambda:ListFunctionUrlConfigs')],
  ]);
});

it('leaves open what it cannot know, and says why', async () => {
  const { status, stdout } = await policy(['--no-lookup']);

  expect(status).toBe(0);
  expect(stdout).toContain(`orders: ${functionUrlHost}: a function URL's host does not say whose`);
});

it('writes a star for the account that it cannot find out', async () => {
  const { stdout } = await countersign(store.url, ['policy', '--no-lookup'], {
    env: { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:9' },
  });

  expect(stdout).toContain(`arn:aws:ssm:us-east-1:*:parameter${root}`);
  expect(stdout).toContain('! The account is not known');
});

it('allows what asks and counts before the upstream is called', async () => {
  const iam = { authorization: { iam: {} } };
  const plugins = {
    'forward-auth': { uri: `https://${functionUrlHost}/check`, ...iam },
    'limit-count': { count: 1, time_window: 60, policy: 'dynamodb' },
  };
  const Value = JSON.stringify({ uri: '/guarded', plugins });
  store.call('PutParameter', { Name: `${root}/routes/guarded`, Value, Type: 'String' });
  const run = await policy(['--json'], { COUNTERSIGN_LIMIT_TABLE: 'limits' });
  const { policy: document } = jsonOf<Reported>(run);
  const found = document.Statement.filter(({ Action }) => /^(dynamodb|lambda):/.test(Action));

  expect(found.map(({ Action, Resource }) => [Action, Resource])).toEqual([
    ['dynamodb:UpdateItem', `arn:aws:dynamodb:us-east-1:${account}:table/limits`],
    ['lambda:InvokeFunctionUrl', functionArn],
    ['lambda:InvokeFunction', functionArn],
  ]);
});

it('asks for the keys that encrypt parameters', async () => {
  const secret = { Name: `${root}/secrets/s`, Value: 'v', Type: 'SecureString' };
  store.call('PutParameter', { ...secret, KeyId: '1234abcd-12ab-34cd-56ef-1234567890ab' });
  store.call('PutParameter', { ...secret, Name: `${root}/secrets/managed` });
  const { policy: document } = jsonOf<Reported>(await policy(['--json']));
  const keys = document.Statement.filter(({ Action }) => Action === 'kms:Decrypt');

  expect(keys.map(({ Resource }) => Resource)).toEqual([
    `arn:aws:kms:us-east-1:${account}:key/1234abcd-12ab-34cd-56ef-1234567890ab`,
  ]);
});

it.each([
  [['--account', '12'], '--account: found 12, expected twelve digits.'],
  [['--function', 'x'], '--function: found "x", expected HOST=ARN.'],
])('%j is a usage error', async (args, message) => {
  const run = await policy(args);

  expect(run.status).toBe(2);
  expect(run.stderr).toContain(message);
});
