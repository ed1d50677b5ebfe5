import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { DocumentGuard, type DocumentGuardOptions, SigningProxy } from '../../lib/index.ts';
import { createApp, readResources, readStatements, synthesise } from './synth-app.ts';

const path = 'arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/edge';

interface Parts {
  readonly hasKey?: boolean;
  readonly hasTopic?: boolean;
  readonly hasLimits?: boolean;
  readonly options?: DocumentGuardOptions;
}

function synthesiseGuard({ hasKey, hasTopic, hasLimits, options }: Parts = {}): Template {
  const stack = new Stack(createApp(), 'Host');
  const proxy = new SigningProxy(stack, 'Proxy', {
    parameterPath: '/edge',
    allowedHosts: ['search.example.com'],
    ...(hasLimits && { rateLimitTable: true }),
    ...(hasKey && { encryptionKey: new Key(stack, 'Key') }),
  });
  const topic = hasTopic ? { topic: new Topic(stack, 'Operators') } : {};
  new DocumentGuard(stack, 'Guard', { proxy, ...topic, ...options });
  return Template.fromStack(stack);
}

const guardStatements = (template: Template) =>
  readStatements(template, 'Guard').map((s) => [s.Action, readResources(s), s.Condition]);

test('the rule takes creations, updates and deletions below the path, and of no path that begins like it', () => {
  synthesiseGuard().hasResourceProperties('AWS::Events::Rule', {
    EventPattern: {
      source: ['aws.ssm'],
      'detail-type': ['Parameter Store Change'],
      detail: { name: [{ prefix: '/edge/' }], operation: ['Create', 'Update', 'Delete'] },
    },
    State: 'ENABLED',
    Targets: [
      Match.objectLike({ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Guard'), 'Arn'] } }),
    ],
  });
});

test('nobody but the rule may invoke the guard', () => {
  const template = synthesiseGuard();
  const [rule] = Object.keys(template.findResources('AWS::Events::Rule'));
  const permissions = Object.entries(template.findResources('AWS::Lambda::Permission'))
    .filter(([id]) => id.startsWith('Guard'))
    .map(
      ([
        ,
        {
          Properties: { FunctionName: _, ...rest },
        },
      ]) => rest,
    );
  expect(permissions).toEqual([
    {
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: { 'Fn::GetAtt': [rule, 'Arn'] },
    },
  ]);
});

test('the role may write its log and read the documents, and calls no upstream', () => {
  expect(guardStatements(synthesiseGuard())).toEqual([
    [['logs:CreateLogStream', 'logs:PutLogEvents'], ['<GuardLogGroup.Arn>'], undefined],
    [
      ['ssm:GetParameterHistory', 'ssm:GetParameters', 'ssm:GetParametersByPath'],
      [path, `${path}/*`],
      undefined,
    ],
  ]);
});

test('a key and a topic each add one statement for them alone', () => {
  expect(guardStatements(synthesiseGuard({ hasKey: true, hasTopic: true })).slice(2)).toEqual([
    [
      'kms:Decrypt',
      ['<Key.Arn>'],
      { StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': expect.anything() } },
    ],
    ['sns:Publish', ['<Operators>'], undefined],
  ]);
});

test('the function reads documents by the settings of its proxy', () => {
  const template = synthesiseGuard({ hasTopic: true });
  const [topic] = Object.keys(template.findResources('AWS::SNS::Topic'));
  template.hasResourceProperties('AWS::Lambda::Function', {
    Description: 'Countersign document guard of /edge',
    Runtime: 'nodejs24.x',
    MemorySize: 256,
    Environment: {
      Variables: {
        COUNTERSIGN_PARAMETER_PATH: '/edge',
        COUNTERSIGN_ALLOWED_HOSTS: 'search.example.com',
        COUNTERSIGN_METRICS: 'routes',
        COUNTERSIGN_TOPIC_ARN: { Ref: topic },
      },
    },
  });
});

test('the guard knows of the table of rate limits, which documents may name, and may not touch it', () => {
  const template = synthesiseGuard({ hasLimits: true });
  const [table] = Object.keys(template.findResources('AWS::DynamoDB::Table'));
  template.hasResourceProperties('AWS::Lambda::Function', {
    Description: Match.stringLikeRegexp('guard'),
    Environment: { Variables: Match.objectLike({ COUNTERSIGN_LIMIT_TABLE: { Ref: table } }) },
  });
  expect(JSON.stringify(guardStatements(template))).not.toContain('dynamodb');
});

test('the topic gets the events that the guard has given up', () => {
  const onFailure = { DestinationConfig: { OnFailure: { Destination: Match.anyValue() } } };
  synthesiseGuard({ hasTopic: true }).hasResourceProperties(
    'AWS::Lambda::EventInvokeConfig',
    onFailure,
  );
  synthesiseGuard().resourceCountIs('AWS::Lambda::EventInvokeConfig', 0);
});

test('memory and retention are taken from the props', () => {
  const template = synthesiseGuard({
    options: { memorySize: 512, logRetention: RetentionDays.ONE_WEEK },
  });
  template.hasResourceProperties('AWS::Lambda::Function', {
    Description: Match.stringLikeRegexp('guard'),
    MemorySize: 512,
  });
  template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
});

test('the production stack has a guard unless it is told otherwise', () => {
  synthesise({ documentGuard: {} }).resourceCountIs('AWS::Events::Rule', 1);
  synthesise({ documentGuard: false }).resourceCountIs('AWS::Events::Rule', 0);
});
