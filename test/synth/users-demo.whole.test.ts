/** The users demo: an IAM-protected REST API on DynamoDB, and a proxy that may call its methods. */
import { type CfnElement, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Construct } from 'constructs';
import { UsersDemoStack } from '../../lib/index.ts';
import {
  createApp,
  findOnly,
  readAllResources,
  readResources,
  readRoutes,
  readStatements,
  toText,
} from './synth-app.ts';

const stack = new UsersDemoStack(createApp(), 'CountersignUsersDemo');
const template = Template.fromStack(stack);
const api = 'arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<UsersApi>';
const documents =
  'arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/countersign/CountersignUsersDemo';

const methods = [
  'DELETE /demo/users',
  'DELETE /demo/users/*',
  'GET /demo/users',
  'GET /demo/users/*',
  'PATCH /demo/users/*',
  'POST /demo/users',
];

/** What cdk-nag finds, and why it may stay. */
const explained: Readonly<Record<string, string>> = {
  [`AwsSolutions-IAM5[Resource::${documents}/*]`]:
    'Documents are added below the path without a deployment: that is what the path is for.',
  [`AwsSolutions-IAM5[Resource::${documents}/routes/*]`]:
    'A route that leaves the template is deleted after the policy has ceased to name it.',
  ...Object.fromEntries(
    methods
      .filter((method) => method.endsWith('*'))
      .map((method) => [
        `AwsSolutions-IAM5[Resource::${toNagArn(method)}]`,
        'The last segment is the id of a user.',
      ]),
  ),
  'AwsSolutions-S1': 'One role reads the bucket and one writes it.',
  'AwsSolutions-APIG1': 'Its logs take a role for the whole account; the proxy logs every request.',
  'AwsSolutions-APIG2': 'The function validates, and its answers name each field that is wrong.',
  'AwsSolutions-APIG3': 'Nobody reaches it without a signature.',
  'AwsSolutions-APIG6': 'As APIG1.',
  'AwsSolutions-COG4': 'IAM authorises every method.',
};

/** The ARN as cdk-nag prints it, with whole logical ids. */
function toNagArn(method: string): string {
  const { api: users } = stack.users;
  const toId = (construct: Construct) =>
    stack.getLogicalId(construct.node.defaultChild as CfnElement);
  const names = `<${toId(users)}>/<${toId(users.deploymentStage)}>`;
  return `${api.replace('<UsersApi>', '')}${names}/${method.replace(' ', '')}`;
}

test('cdk-nag reports exactly the explained findings', () => {
  const app = createApp();
  new UsersDemoStack(app, stack.stackName);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  let report = '';
  try {
    app.synth();
  } catch (error) {
    report = String(error);
  }
  const found = [...report.matchAll(/Acknowledge with 'AwsSolutions::(.*?)'/g)].map(([, id]) => id);
  expect([...new Set(found)].sort()).toEqual(Object.keys(explained).sort());
});

test('the API answers six methods, each to IAM principals alone', () => {
  const found = Object.values(template.findResources('AWS::ApiGateway::Method')).map(
    ({ Properties: { HttpMethod, AuthorizationType } }) => [HttpMethod, AuthorizationType],
  );
  expect(found).toEqual(
    ['GET', 'POST', 'DELETE', 'GET', 'PATCH', 'DELETE'].map((method) => [method, 'AWS_IAM']),
  );
});

test('the proxy may call those six methods on the stage, and nothing else', () => {
  const [, , , , ...invoke] = readStatements(template, 'ProxyRole');
  expect(invoke.map((s) => [s.Effect, s.Action, s.Condition])).toEqual([
    ['Allow', 'execute-api:Invoke', undefined],
  ]);
  const stage = `${api}/<UsersApiDeploymentStageprod>`;
  expect(invoke.flatMap(readResources)).toEqual(
    methods.map((m) => `${stage}/${m.replace(' ', '')}`),
  );
});

test('the function may do to its table what its access pattern does, and does not scan', () => {
  const [logs, table, ...others] = readStatements(template, 'Users');
  expect(others).toEqual([]);
  expect(logs?.Action).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents']);
  expect([table?.Action, table && readResources(table)]).toEqual([
    [
      'dynamodb:BatchWriteItem',
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
    ],
    ['<UsersTable.Arn>'],
  ]);
});

test('API Gateway may invoke the function for the methods of this API alone', () => {
  const permissions = Object.values(template.findResources('AWS::Lambda::Permission'))
    .map(({ Properties }) => Properties)
    .filter(({ Principal }) => Principal === 'apigateway.amazonaws.com');
  expect(permissions.map(({ SourceArn }) => toText(SourceArn)).sort()).toEqual(
    methods.map((m) => `${api}/<UsersApiDeploymentStageprod>/${m.replace(' ', '')}`),
  );
});

test('the table is paid by request and has the keys that the function uses', () => {
  expect(findOnly(template, 'AWS::DynamoDB::Table').Properties).toMatchObject({
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [
      { AttributeName: 'directory', KeyType: 'HASH' },
      { AttributeName: 'userId', KeyType: 'RANGE' },
    ],
  });
});

test('one route has the list and the paths below it, signed with the role', () => {
  const [route, ...others] = readRoutes(template);
  expect([route?.name, others]).toEqual(['/countersign/CountersignUsersDemo/routes/users', []]);
  expect(JSON.parse(toText(route?.value ?? null))).toEqual({
    uris: ['/users', '/users/*'],
    methods: ['GET', 'POST', 'DELETE', 'PATCH'],
    plugins: {
      'aws-lambda': {
        function_uri:
          'https://<UsersApi>.execute-api.<AWS::Region>.<AWS::URLSuffix>/<UsersApiDeploymentStageprod>/demo/users',
        authorization: { iam: {} },
        timeout: 30_000,
      },
    },
  });
});

test('nothing is left behind when the stack is destroyed', () => {
  const kept = readAllResources(template).filter(
    ({ DeletionPolicy }) => DeletionPolicy !== undefined && DeletionPolicy !== 'Delete',
  );
  expect(kept).toEqual([]);
});

test('the refused call, the same call through the proxy and one that adds a user are printed', () => {
  const read = (id: string) => toText(template.findOutputs(id)[id]?.['Value']);
  expect(read('DirectCall')).toMatch(
    /^curl -i 'https:\/\/<UsersApi>\.execute-api.*\/demo\/users'$/,
  );
  const url = '<ProxyFunctionFunctionUrl.FunctionUrl>';
  expect(read('SignedCall')).toBe(`curl -i '${url}users'`);
  expect(read('AddUserCall')).toContain(
    `curl -i '${url}users' -H 'content-type: application/json'`,
  );
});
