/** What a proxy's snapshot and its publisher are in a template: settings, events, and what becomes of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SigningProxy, type SigningProxyProps, type SnapshotOptions } from '../../lib/index.ts';
import { createApp, findOnly, type Json, synthesise } from './synth-app.ts';

function synthesiseProxy(props: SigningProxyProps = {}, options?: SnapshotOptions): Template {
  const stack = new Stack(createApp(), 'Host');
  new SigningProxy(stack, 'Proxy', {
    parameterPath: '/edge',
    ...(options && { snapshot: options }),
    ...props,
  });
  return Template.fromStack(stack);
}

function readDependencies(template: Template, type: string, prefix = ''): string[] {
  const { DependsOn: found = [] } = findOnly(template, type, prefix) as { DependsOn?: string[] };
  return found;
}

const functionOf = (template: Template, id = 'ProxyPublisherFunction') =>
  findOnly(template, 'AWS::Lambda::Function', id).Properties as Record<string, Json>;

describe('what sets the publisher to work', () => {
  const template = synthesiseProxy();

  test('creations, updates and deletions below the path, and of no path that begins like it, wait in a queue', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.ssm'],
        'detail-type': ['Parameter Store Change'],
        detail: { name: [{ prefix: '/edge/' }], operation: ['Create', 'Update', 'Delete'] },
      },
      State: 'ENABLED',
      Targets: [
        Match.objectLike({ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('EventsQueue'), 'Arn'] } }),
      ],
    });
  });

  test('it takes them in batches of a second, two at once at most', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 1000,
      MaximumBatchingWindowInSeconds: 1,
      ScalingConfig: { MaximumConcurrency: 2 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  test.each(['construct.md', 'decisions.md'])('docs/%s says so', (page) => {
    const [mapping] = Object.values(template.findResources('AWS::Lambda::EventSourceMapping'));
    const { MaximumBatchingWindowInSeconds: seconds, ScalingConfig } =
      mapping?.['Properties'] ?? {};
    const [window, batches] = [seconds, ScalingConfig.MaximumConcurrency].map(
      (count) => ['no', 'one', 'two'][count],
    );

    const text = readFileSync(join(import.meta.dirname, '../../docs', page), 'utf8');
    const sentence = `in batches of ${window} second, ${batches} batches at a time`;
    expect(text.replace(/\s+/g, ' ')).toContain(sentence);
  });

  test('a batch that failed comes back after the longest run, and is put aside after five', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 960,
      SqsManagedSseEnabled: true,
      RedrivePolicy: { maxReceiveCount: 5 },
    });
    template.resourceCountIs('AWS::SQS::Queue', 2);
  });

  test('a schedule compares the whole tree, and another reads the secrets again every minute', () => {
    const scheduled = Object.values(template.findResources('AWS::Events::Rule'))
      .map(({ Properties }) => Properties)
      .filter(({ ScheduleExpression: schedule }) => schedule !== undefined)
      .map(({ ScheduleExpression: schedule, Targets: [target] }) => [schedule, target.Input]);
    expect(scheduled).toEqual([
      ['rate(15 minutes)', undefined],
      ['rate(1 minute)', '{"countersign":"secrets"}'],
    ]);
  });

  test('how often the whole tree is compared is a choice', () => {
    synthesiseProxy({}, { reconcileEvery: Duration.hours(1) }).hasResourceProperties(
      'AWS::Events::Rule',
      { ScheduleExpression: 'rate(1 hour)' },
    );
  });

  test.each([Duration.minutes(4), Duration.seconds(330), Duration.days(2)])(
    'comparing it every %s is refused',
    (reconcileEvery) => {
      expect(() => synthesiseProxy({}, { reconcileEvery })).toThrow(
        'expected whole minutes, 5 to 1440',
      );
    },
  );

  test('only the two schedules may invoke it', () => {
    const permissions = Object.entries(template.findResources('AWS::Lambda::Permission'))
      .filter(([id]) => id.startsWith('ProxyPublisher'))
      .map(([, { Properties }]) => [Properties.Principal, Properties.Action]);
    expect(permissions).toEqual(Array(2).fill(['events.amazonaws.com', 'lambda:InvokeFunction']));
  });
});

describe('the function', () => {
  test('has fifteen minutes, and a gigabyte for ten thousand routes', () => {
    expect(functionOf(synthesiseProxy())).toMatchObject({
      Description: 'Countersign publisher of /edge',
      ...{ Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler' },
      ...{ MemorySize: 1769, Timeout: 900 },
    });
  });

  test('judges documents by the settings of its proxy, and publishes where the proxy reads', () => {
    const stack = new Stack(createApp(), 'Host');
    new SigningProxy(stack, 'Proxy', {
      parameterPath: '/edge',
      allowedHosts: ['search.example.com'],
      rateLimitTable: true,
      snapshot: { topic: new Topic(stack, 'Operators') },
    });
    const template = Template.fromStack(stack);
    const [topic] = Object.keys(template.findResources('AWS::SNS::Topic'));
    const [bucket] = Object.keys(template.findResources('AWS::S3::Bucket'));
    const { Environment: ofProxy } = functionOf(template, 'ProxyFunction') as {
      Environment: { Variables: Record<string, Json> };
    };
    expect(ofProxy.Variables).toMatchObject({
      COUNTERSIGN_SNAPSHOT_URI: { 'Fn::Join': ['', ['s3://', { Ref: bucket }, '/v1/edge']] },
      COUNTERSIGN_SNAPSHOT_KEY: {
        'Fn::GetAtt': [expect.stringMatching('PublisherSnapshotKey'), 'Arn'],
      },
    });
    for (const id of ['ProxyPublisherFunction', 'ProxyPublisherOnDeploy']) {
      expect(functionOf(template, id)).toMatchObject({
        Environment: {
          Variables: { ...ofProxy.Variables, COUNTERSIGN_TOPIC_ARN: { Ref: topic } },
        },
      });
    }
  });

  test('takes memory and retention from the props, and retention else from the proxy', () => {
    const own = synthesiseProxy({}, { memorySize: 2048, logRetention: RetentionDays.ONE_WEEK });
    expect(functionOf(own)).toMatchObject({ MemorySize: 2048 });
    const retention = (template: Template) =>
      findOnly(template, 'AWS::Logs::LogGroup', 'ProxyPublisherLogGroup').Properties;
    expect(retention(own)).toMatchObject({ RetentionInDays: 7 });
    const proxys = synthesiseProxy({
      logRetention: RetentionDays.ONE_YEAR,
      logRemovalPolicy: RemovalPolicy.DESTROY,
    });
    expect(retention(proxys)).toMatchObject({ RetentionInDays: 365 });
  });
});

describe('while a stack is deployed', () => {
  const everything = 'ProxyPublisherDeployedEverything';
  const type = 'Custom::CountersignSnapshot';

  test('the proxy and its URL wait for the first snapshot', () => {
    const template = synthesiseProxy();
    for (const waiting of ['AWS::Lambda::Url', 'AWS::Lambda::Function'])
      expect(readDependencies(template, waiting, 'ProxyFunction')).toContainEqual(
        expect.stringMatching(everything),
      );
  });

  test('everything is published again when code or settings are others', () => {
    const read = (props: SigningProxyProps = {}) =>
      findOnly(synthesiseProxy(props), type, everything).Properties as Record<string, Json>;
    const before = read();
    expect(read()).toEqual(before);
    expect(before['Code']).toMatch(/^[0-9a-f]{64}$/);
    expect(read({ allowedHosts: ['a.example'] })).not.toEqual(before);
    expect(read({ edge: {} })).not.toEqual(before);
  });

  test('routes that the stack creates are published after they were created', () => {
    const template = synthesiseProxy({ routes: { a: { uri: '/a' }, b: { uri: '/b' } } });
    const created = 'ProxyPublisherDeployedCreatedRoutes';
    expect(findOnly(template, type, created).Properties).toMatchObject({
      Parameters: ['/edge/routes/a', '/edge/routes/b'],
    });
    expect(readDependencies(template, type, created)).toContainEqual(
      expect.stringMatching('ProxyRoutesDocuments'),
    );
    expect(readDependencies(template, 'Custom::CountersignRoutes')).toContainEqual(
      expect.stringMatching('ProxyPublisherEventsRule'),
    );
    synthesiseProxy().resourceCountIs(type, 1);
  });

  test('a route may name the URL of its proxy, which waits for the snapshot', () => {
    const stack = new Stack(createApp(), 'Host');
    const proxy = new SigningProxy(stack, 'Proxy', { edge: {} });
    proxy.addRoute('old', { uri: '/old', desc: proxy.url });
    // A circle of resources is an error of the template.
    expect(() => Template.fromStack(stack)).not.toThrow();
  });
});

describe('direct mode', () => {
  const template = synthesiseProxy({ snapshot: false });

  test('has neither bucket nor key nor publisher', () => {
    for (const type of [
      ...['AWS::S3::Bucket', 'AWS::KMS::Key', 'AWS::SQS::Queue', 'AWS::Events::Rule'],
      'Custom::CountersignSnapshot',
    ]) {
      template.resourceCountIs(type, 0);
    }
    template.resourceCountIs('AWS::Lambda::Function', 1);
  });

  test('tells the function of no snapshot', () => {
    expect(JSON.stringify(functionOf(template, 'ProxyFunction'))).not.toContain('SNAPSHOT');
  });
});

test('the production stack has a publisher that tells its topic, unless it is told otherwise', () => {
  const topicArn = 'arn:aws:sns:eu-west-1:111122223333:operators';
  const template = synthesise({ topicArn, proxy: { snapshot: {} } });
  expect(functionOf(template)).toMatchObject({
    Environment: { Variables: { COUNTERSIGN_TOPIC_ARN: topicArn } },
  });
  expect(Object.keys(template.findOutputs('*'))).toEqual(
    expect.arrayContaining(['SnapshotUri', 'PublisherFunction']),
  );
  synthesise({ topicArn }).resourceCountIs('Custom::CountersignSnapshot', 0);
});

test('a path that no snapshot can be named by is refused', () => {
  expect(() => synthesiseProxy({ parameterPath: '/a/.b' })).toThrow('begins with a dot');
  expect(() => synthesiseProxy({ parameterPath: '/a/.b', snapshot: false })).not.toThrow();
});
