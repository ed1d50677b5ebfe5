/** Who may do what with a snapshot, its bucket and its key: exactly this. */
import { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SigningProxy, type SigningProxyProps } from '../../lib/index.ts';
import {
  createApp,
  findOnly,
  type Json,
  parameters,
  readResources,
  readStatements,
  type Statement,
} from './synth-app.ts';

function createStack(toProps: (stack: Stack) => SigningProxyProps = () => ({})): Stack {
  const stack = new Stack(createApp(), 'Host');
  new SigningProxy(stack, 'Proxy', { parameterPath: '/edge', ...toProps(stack) });
  return stack;
}

let standard: Template | undefined;

function toTemplate(toProps?: (stack: Stack) => SigningProxyProps): Template {
  if (toProps) return Template.fromStack(createStack(toProps));
  standard ??= Template.fromStack(createStack());
  return standard;
}

const statementsOf = (template: Template, role: string) =>
  readStatements(template, role).map((s) => [s.Effect, s.Action, readResources(s), s.Condition]);

const bucket = '<ProxyPublisherSnapshotBucket.Arn>';
const key = '<ProxyPublisherSnapshotKey.Arn>';
const ofPrefix = { StringEqualsIfExists: { 's3:prefix': 'v1/edge' } };
const ofRoot = { StringEquals: { 'kms:EncryptionContext:countersign:root': '/edge' } };
const logging = (id: string) => [
  'Allow',
  ['logs:CreateLogStream', 'logs:PutLogEvents'],
  [`<${id}LogGroup.Arn>`],
  undefined,
];

describe('the roles', () => {
  test('the proxy may read its snapshot and decrypt it, and nothing of Parameter Store', () => {
    expect(statementsOf(toTemplate(), 'ProxyRole')).toEqual([
      logging('Proxy'),
      ['Allow', 's3:GetObject', [`${bucket}/v1/edge`], undefined],
      ['Allow', 's3:ListBucket', [bucket], ofPrefix],
      ['Allow', 'kms:Decrypt', [key], ofRoot],
    ]);
  });

  test('the publisher may read the documents and its queue and write the snapshot, and calls no upstream', () => {
    expect(statementsOf(toTemplate(), 'ProxyPublisherRole')).toEqual([
      logging('ProxyPublisher'),
      [
        'Allow',
        ['ssm:GetParameterHistory', 'ssm:GetParameters', 'ssm:GetParametersByPath'],
        [`${parameters}/edge`, `${parameters}/edge/*`],
        undefined,
      ],
      ['Allow', ['s3:GetObject', 's3:PutObject'], [`${bucket}/v1/edge`], undefined],
      ['Allow', 's3:ListBucket', [bucket], ofPrefix],
      ['Allow', ['kms:Decrypt', 'kms:GenerateDataKey'], [key], ofRoot],
      [
        'Allow',
        expect.arrayContaining(['sqs:DeleteMessage', 'sqs:ReceiveMessage']),
        ['<ProxyPublisherEventsQueue.Arn>'],
        undefined,
      ],
    ]);
  });

  test('a topic and a key of SecureStrings each add one statement to the publisher alone', () => {
    const template = toTemplate((stack) => ({
      encryptionKey: new Key(stack, 'Key'),
      snapshot: { topic: new Topic(stack, 'Operators') },
    }));
    const publisher = readStatements(template, 'ProxyPublisherRole');
    const [decrypt] = publisher.filter(({ Sid }) => Sid === 'DecryptDocuments');
    expect([decrypt?.Action, decrypt?.Condition]).toEqual([
      'kms:Decrypt',
      { StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': expect.anything() } },
    ]);
    const publish = publisher.filter(({ Action: action }) => action === 'sns:Publish');
    expect(publish.map(readResources)).toEqual([['<Operators>']]);
    expect(statementsOf(template, 'ProxyRole').slice(1)).toEqual([
      ['Allow', 's3:GetObject', [`${bucket}/v1/edge`], undefined],
      ['Allow', 's3:ListBucket', [bucket], ofPrefix],
      ['Allow', 'kms:Decrypt', ['<Key.Arn>'], ofRoot],
    ]);
  });

  test('a table of rate limits is named to the publisher, which may not touch it', () => {
    const template = toTemplate(() => ({ rateLimitTable: true }));
    expect(JSON.stringify(readStatements(template, 'ProxyPublisherRole'))).not.toContain(
      'dynamodb',
    );
  });
});

describe('the key', () => {
  test('is made for the proxy, rotates, and goes with the stack', () => {
    const template = toTemplate();
    template.hasResource('AWS::KMS::Key', {
      Properties: { EnableKeyRotation: true, PendingWindowInDays: 7 },
      DeletionPolicy: 'Delete',
    });
  });

  test('is the one of the SecureStrings where there is one, and one for snapshots before it', () => {
    const template = (snapshotKey?: boolean) =>
      toTemplate((stack) => ({
        encryptionKey: new Key(stack, 'Documents'),
        snapshot: snapshotKey ? { encryptionKey: new Key(stack, 'Snapshots') } : {},
      }));
    const decrypt = (own: Template) =>
      readStatements(own, 'ProxyRole')
        .filter(({ Sid }) => Sid === 'UseSnapshotKey')
        .map(readResources);
    expect(decrypt(template())).toEqual([['<Documents.Arn>']]);
    expect(decrypt(template(true))).toEqual([['<Snapshots.Arn>']]);
  });
});

interface BucketStatement extends Statement {
  readonly Principal: Json;
}

function readPolicy(template: Template): BucketStatement[] {
  const { PolicyDocument: document } = findOnly(template, 'AWS::S3::BucketPolicy')
    .Properties as unknown as { PolicyDocument: { Statement: BucketStatement[] } };
  return document.Statement;
}

const denials = (template: Template) =>
  readPolicy(template)
    .filter(({ Sid }) => Sid !== undefined)
    .map((s) => [s.Effect, s.Principal, s.Action, readResources(s), s.Condition]);

const writing = ['s3:PutObject', 's3:ReplicateObject'];
const deleting = ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:ReplicateDelete'];

const unless = (role: string) => ({
  ArnNotEquals: { 'aws:PrincipalArn': { 'Fn::GetAtt': [expect.stringMatching(role), 'Arn'] } },
});

describe('the bucket', () => {
  test('is private, versioned, forgets what was replaced a week ago, and is emptied with the stack', () => {
    const template = toTemplate();
    template.hasResource('AWS::S3::Bucket', {
      Properties: {
        PublicAccessBlockConfiguration: {
          ...{ BlockPublicAcls: true, BlockPublicPolicy: true },
          ...{ IgnorePublicAcls: true, RestrictPublicBuckets: true },
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        VersioningConfiguration: { Status: 'Enabled' },
        LifecycleConfiguration: {
          Rules: [
            {
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
              NoncurrentVersionExpiration: { NoncurrentDays: 7 },
              Status: 'Enabled',
            },
          ],
        },
      },
      DeletionPolicy: 'Delete',
    });
    template.resourceCountIs('Custom::S3AutoDeleteObjects', 1);
  });

  test('is reached over TLS only', () => {
    const conditions = readPolicy(toTemplate())
      .filter((s) => s.Effect === 'Deny' && s.Action === 's3:*')
      .map((s) => s.Condition);
    expect(conditions).toContainEqual({ Bool: { 'aws:SecureTransport': 'false' } });
  });

  test('only the publisher may write the snapshot, and only the emptying function may delete it', () => {
    expect(denials(toTemplate())).toEqual([
      ['Deny', { AWS: '*' }, writing, [`${bucket}/v1/edge`], unless('ProxyPublisherRole')],
      [
        'Deny',
        { AWS: '*' },
        deleting,
        [`${bucket}/v1/edge`],
        unless('CustomS3AutoDeleteObjectsCustomResourceProviderRole'),
      ],
    ]);
  });

  test('of several proxies has a policy in which no Sid occurs twice', () => {
    const template = toTemplate((stack) => {
      const shared = new Bucket(stack, 'Shared');
      new SigningProxy(stack, 'Other', { parameterPath: '/other', snapshot: { bucket: shared } });
      return { snapshot: { bucket: shared } };
    });
    const ids = readPolicy(template).flatMap(({ Sid }) => Sid ?? []);
    expect([ids.length, new Set(ids).size]).toEqual([4, 4]);
  });

  test('of yours keeps its settings, and gets the two denials for the object', () => {
    const template = toTemplate((stack) => ({ snapshot: { bucket: new Bucket(stack, 'Own') } }));
    template.resourceCountIs('AWS::S3::Bucket', 1);
    template.resourceCountIs('Custom::S3AutoDeleteObjects', 0);
    expect(denials(template)).toEqual([
      ['Deny', { AWS: '*' }, writing, ['<Own.Arn>/v1/edge'], unless('PublisherRole')],
      ['Deny', { AWS: '*' }, deleting, ['<Own.Arn>/v1/edge'], undefined],
    ]);
  });

  test('whose policy is not the stack’s to write is warned of', () => {
    const stack = createStack((scope) => ({
      snapshot: { bucket: Bucket.fromBucketName(scope, 'Theirs', 'their-bucket') },
    }));
    Template.fromStack(stack).resourceCountIs('AWS::S3::BucketPolicy', 0);
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('v1/edge'));
  });

  test('of another stack of the app makes no circle of the two', () => {
    const app = createApp();
    const own = new Bucket(new Stack(app, 'Buckets'), 'Own');
    const stack = new Stack(app, 'Host');
    new SigningProxy(stack, 'Proxy', { snapshot: { bucket: own } });
    expect(() => Template.fromStack(stack)).not.toThrow();
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('PutObject'));
  });
});

test('two proxies of a stack share neither bucket nor key, and in one bucket each has its own object', () => {
  const stack = new Stack(createApp(), 'Host');
  new SigningProxy(stack, 'One', { parameterPath: '/one' });
  new SigningProxy(stack, 'Two', { parameterPath: '/two' });
  const shared = new Bucket(stack, 'Shared');
  new SigningProxy(stack, 'Three', { parameterPath: '/three', snapshot: { bucket: shared } });
  new SigningProxy(stack, 'Four', { parameterPath: '/four', snapshot: { bucket: shared } });
  const template = Template.fromStack(stack);
  const used = (role: string) =>
    readStatements(template, role)
      .filter(({ Sid }) => /UseSnapshot/.test(String(Sid)))
      .flatMap(readResources);
  expect(used('OneRole')).toEqual([
    '<OnePublisherSnapshotBucket.Arn>/v1/one',
    '<OnePublisherSnapshotKey.Arn>',
  ]);
  expect(used('TwoRole')).toEqual([
    '<TwoPublisherSnapshotBucket.Arn>/v1/two',
    '<TwoPublisherSnapshotKey.Arn>',
  ]);
  expect(used('ThreeRole')[0]).toBe('<Shared.Arn>/v1/three');
  expect(used('FourRole')[0]).toBe('<Shared.Arn>/v1/four');
});
