/** The Terraform module has the roles, the settings and the variables of the constructs. */
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CountersignStack } from '../../lib/index.ts';
import { type Hcl, readModule, type Statement } from '../support/terraform-module.ts';
import {
  type Statement as CdkStatement,
  createApp,
  findOnly,
  type Json,
  parameters,
  readResources,
  root,
} from './synth-app.ts';

const path = '/countersign/gateway';
const topicArn = 'arn:aws:sns:eu-west-1:111122223333:operators';
const functionArn = 'arn:aws:lambda:eu-west-1:111122223333:function:orders';
const apiArn = 'arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/*/*';
const roleArn = 'arn:aws:iam::444455556666:role/countersign';
const secretPath = '/aws/reference/secretsmanager/team';
const proxy = {
  parameterPath: path,
  refreshInterval: Duration.seconds(5),
  allowedHosts: ['a.example'],
  secretPaths: [secretPath],
  logLevel: 'info',
  requireAccessPlugin: true,
  rateLimitTable: true,
  upstreams: [functionArn, apiArn],
  assumableRoles: [roleArn],
} as const;
const synthesise = (snapshot: boolean) =>
  Template.fromStack(
    new CountersignStack(createApp(), 'Countersign', {
      ...{ monitoring: false, topicArn },
      proxy: { ...proxy, ...(!snapshot && { snapshot: false }) },
    }),
  );
const template = synthesise(true);
const direct = synthesise(false);
const reading = readModule(join(root, 'terraform'));

/** What expressions of the module stand for, in the words of the template. */
const meanings: Readonly<Record<string, string | readonly string[]>> = {
  'local.parameters': parameters,
  'var.parameter_path': path,
  'local.object_key': `v1${path}`,
  'aws_s3_bucket.snapshot[0].arn': '<ProxyPublisherSnapshotBucket.Arn>',
  'aws_kms_key.snapshot[0].arn': '<ProxyPublisherSnapshotKey.Arn>',
  'aws_sqs_queue.changes[0].arn': '<ProxyPublisherEventsQueue.Arn>',
  'aws_dynamodb_table.rate_limits[0].arn': '<ProxyRateLimits.Arn>',
  'aws_cloudwatch_log_group.proxy.arn': '<ProxyLogGroup.Arn>',
  'aws_cloudwatch_log_group.publisher[0].arn': '<ProxyPublisherLogGroup.Arn>',
  'var.upstream_function_arns': [functionArn],
  'var.upstream_api_arns': [apiArn],
  'var.assumable_role_arns': [roleArn],
  'var.topic_arn': topicArn,
};

/** `flatten` over the secret paths, whose resources are compared by the kinds of ARNs alone. */
const secretResources = /^\$\{flatten\(/;

function toMeaning(value: Hcl): string | readonly string[] {
  const whole = /^\$\{([^}]*)\}$/.exec(String(value))?.[1];
  const meaning = whole === undefined ? undefined : meanings[whole];
  if (meaning !== undefined) return meaning;
  return String(value).replace(/\$\{([^}]*)\}/g, (text, name: string) =>
    String(meanings[name] ?? text),
  );
}

/** The ARN of a log group ends with `:*` in CloudFormation, and without in Terraform. */
const toResources = (resources: Hcl) =>
  [resources]
    .flat()
    .flatMap(toMeaning)
    .map((arn) => arn.replace(/(LogGroup\.Arn>):\*$/, '$1'))
    .sort();

const fromTerraform = ({ sid, effect, actions, resources, conditions }: Statement) => ({
  sid,
  effect,
  actions,
  resources: secretResources.test(String(resources)) ? 'secrets' : toResources(resources),
  conditions: conditions.map(([key, values]) => [key, [values].flat().flatMap(toMeaning)]),
});

const fromCdk = (statement: CdkStatement) => ({
  sid: statement.Sid,
  effect: statement.Effect,
  actions: [statement.Action].flat().sort(),
  resources: /^Read(Managed)?Secrets$/.test(statement.Sid ?? '')
    ? 'secrets'
    : readResources(statement).sort(),
  conditions: Object.entries((statement.Condition ?? {}) as Record<string, Record<string, Json>>)
    .flatMap(([test, keys]) =>
      Object.entries(keys).map(([key, v]) => [`${test} ${key}`, v] as const),
    )
    .map(([key, values]) => [key, [values].flat().map(String)]),
});

/** Statements in an order of their own: both sides have another. */
function toSorted<T extends { readonly actions: readonly string[] }>(
  statements: readonly T[],
): T[] {
  return [...statements].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function readCdkStatements(from: Template, role: string) {
  const { Properties } = findOnly(from, 'AWS::IAM::Policy', `${role}DefaultPolicy`);
  const { PolicyDocument } = Properties as unknown as {
    PolicyDocument: { Statement: CdkStatement[] };
  };
  return toSorted(PolicyDocument.Statement.map(fromCdk));
}

test('the roles of proxy and publisher have the same statements', async () => {
  const { readStatements } = await reading;
  const own = readStatements('proxy').map(fromTerraform);
  const documents = readStatements('read_documents').map(fromTerraform);
  const publisher = readStatements('publisher').map(fromTerraform);
  const isOfSnapshot = ({ sid }: { readonly sid: string | undefined }) =>
    /Snapshot/.test(sid ?? '');

  expect(toSorted(own)).toEqual(readCdkStatements(template, 'ProxyRole'));
  expect(toSorted([...publisher, ...documents])).toEqual(
    readCdkStatements(template, 'ProxyPublisherRole'),
  );
  const inDirectMode = own.filter((statement) => !isOfSnapshot(statement));
  expect(toSorted([...inDirectMode, ...documents])).toEqual(readCdkStatements(direct, 'ProxyRole'));
});

test('only the publisher writes the snapshot, and nobody deletes it', async () => {
  const { readStatements } = await reading;
  const { Properties } = findOnly(template, 'AWS::S3::BucketPolicy') as unknown as {
    Properties: { PolicyDocument: { Statement: CdkStatement[] } };
  };
  // Terraform empties the bucket itself, after its policy is gone.
  const denials = Properties.PolicyDocument.Statement.filter(({ Effect }) => Effect === 'Deny');
  const toActions = (statements: readonly { readonly actions: readonly string[] }[]) =>
    statements.map(({ actions }) => [...actions].sort().join()).sort();

  expect(toActions(readStatements('snapshot_bucket'))).toEqual(toActions(denials.map(fromCdk)));
  expect(readStatements('snapshot_bucket').every(({ effect }) => effect === 'Deny')).toBe(true);
});

test('the functions have the same variables', async () => {
  const { readLocal } = await reading;
  const toNames = (value: Hcl) => [...new Set(String(value).match(/COUNTERSIGN_\w+/g))].sort();
  const readNames = (from: Template, prefix: string) => {
    const { Properties } = findOnly(from, 'AWS::Lambda::Function', prefix) as {
      Properties: { Environment: { Variables: object } };
    };
    return Object.keys(Properties.Environment.Variables).sort();
  };
  const shared = toNames(readLocal('environment'));

  expect(shared).toEqual(readNames(template, 'ProxyFunction'));
  expect([...shared, ...toNames(readLocal('publisher_environment'))].sort()).toEqual(
    readNames(template, 'ProxyPublisherFunction'),
  );
});

/** Settings by the type and name of both sides; a text of Terraform in place of one of CloudFormation. */
const settings: readonly [string, string, string, string, Readonly<Record<string, string>>][] = [
  [
    ...(['aws_lambda_function', 'proxy', 'AWS::Lambda::Function', 'ProxyFunction'] as const),
    { handler: 'Handler', timeout: 'Timeout', architectures: 'Architectures' },
  ],
  [
    ...([
      'aws_lambda_function',
      'publisher',
      'AWS::Lambda::Function',
      'ProxyPublisherFunction',
    ] as const),
    {
      handler: 'Handler',
      timeout: 'Timeout',
      architectures: 'Architectures',
      memory_size: 'MemorySize',
    },
  ],
  [
    ...(['aws_lambda_function_url', 'proxy', 'AWS::Lambda::Url', 'Proxy'] as const),
    { authorization_type: 'AuthType', invoke_mode: 'InvokeMode' },
  ],
  [
    ...(['aws_sqs_queue', 'changes', 'AWS::SQS::Queue', 'ProxyPublisherEventsQueue'] as const),
    {
      visibility_timeout_seconds: 'VisibilityTimeout',
      sqs_managed_sse_enabled: 'SqsManagedSseEnabled',
    },
  ],
  [
    ...([
      'aws_sqs_queue',
      'lost_changes',
      'AWS::SQS::Queue',
      'ProxyPublisherEventsDeadLetters',
    ] as const),
    {
      message_retention_seconds: 'MessageRetentionPeriod',
      sqs_managed_sse_enabled: 'SqsManagedSseEnabled',
    },
  ],
  [
    ...([
      'aws_lambda_event_source_mapping',
      'changes',
      'AWS::Lambda::EventSourceMapping',
      '',
    ] as const),
    {
      batch_size: 'BatchSize',
      function_response_types: 'FunctionResponseTypes',
      maximum_batching_window_in_seconds: 'MaximumBatchingWindowInSeconds',
    },
  ],
  [
    ...(['aws_kms_key', 'snapshot', 'AWS::KMS::Key', ''] as const),
    { enable_key_rotation: 'EnableKeyRotation', deletion_window_in_days: 'PendingWindowInDays' },
  ],
];

test.each(settings)('%s.%s has the settings of %s %s', async (type, name, cdkType, id, names) => {
  const { readResource } = await reading;
  const block = readResource(type, name);
  const { Properties } = findOnly(template, cdkType, id) as { Properties: Record<string, Json> };
  const pairs = Object.entries(names);

  expect(pairs.map(([own]) => block[own])).toEqual(pairs.map(([, cdk]) => Properties[cdk]));
});

test('the defaults of the module are those of the constructs', async () => {
  const { readVariables } = await reading;
  const defaults = Object.entries(readVariables()).map(([name, block]) => [name, block['default']]);

  expect(Object.fromEntries(defaults)).toMatchObject({
    ...{ memory_size: 512, metrics: 'routes', snapshot: true, reconcile_minutes: 15 },
    ...{ log_retention_days: 30, runtime: 'nodejs24.x', rate_limit_table: false },
    ...{ require_access_plugin: false, upstream_function_arns: [], assumable_role_arns: [] },
  });
  for (const [name, block] of Object.entries(readVariables())) {
    expect([name, typeof block['description']]).toEqual([name, 'string']);
  }
});
