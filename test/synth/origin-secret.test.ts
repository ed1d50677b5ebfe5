import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { type EdgeProps, SigningProxy } from '../../lib/index.ts';
import {
  createApp,
  findOnly,
  type Json,
  parameters,
  readResources,
  readStatements,
  type Statement,
} from './synth-app.ts';

const certificateArn = 'arn:aws:acm:us-east-1:111122223333:certificate/abc';
const _domain = { domainName: 'api.example.com', certificateArn };

function synthesise(toEdge: (stack: Stack) => EdgeProps, region?: string): Template {
  const stack = new Stack(createApp(), 'Host', region === undefined ? {} : { env: { region } });
  new SigningProxy(stack, 'Proxy', { parameterPath: '/edge', edge: toEdge(stack) });
  return Template.fromStack(stack);
}

const isOfSecret = ({ Sid }: Statement) => String(Sid).includes('OriginSecret');

function readConfig(template: Template): Record<string, Json> {
  const { DistributionConfig: config } = findOnly(template, 'AWS::CloudFront::Distribution')
    .Properties as Record<string, Record<string, Json>>;
  return config ?? {};
}

describe('the origin secret', () => {
  test('is generated with a field to send and an empty one to rotate with', () => {
    synthesise(() => ({})).hasResourceProperties('AWS::SecretsManager::Secret', {
      GenerateSecretString: {
        SecretStringTemplate: '{"previous":""}',
        GenerateStringKey: 'current',
        PasswordLength: 48,
        ExcludePunctuation: true,
      },
    });
  });

  test('is sent by a reference that CloudFormation resolves; no template holds its value', () => {
    const [origin] = readConfig(synthesise(() => ({})))['Origins'] as Record<string, Json>[];
    expect(origin?.['OriginCustomHeaders']).toEqual([
      {
        HeaderName: 'x-origin-verify',
        HeaderValue: {
          'Fn::Join': [
            '',
            [
              '{{resolve:secretsmanager:',
              { Ref: expect.stringMatching(/^ProxyEdgeOriginSecret/) },
              ':SecretString:current::}}',
            ],
          ],
        },
      },
    ]);
  });

  test('is read again by CloudFormation when its version is named', () => {
    const config = readConfig(synthesise(() => ({ originSecretVersion: 'b2c3' })));
    expect(JSON.stringify(config['Origins'])).toContain(':SecretString:current::b2c3}}');
  });

  test('is known to the function by reference, and is all that the edge lets the publisher read', () => {
    const template = synthesise(() => ({}));
    const { Environment: environment } = findOnly(
      template,
      'AWS::Lambda::Function',
      'ProxyFunction',
    ).Properties as Record<string, Record<string, Record<string, Json>>>;
    expect(JSON.stringify(environment?.['Variables']?.['COUNTERSIGN_ORIGIN_SECRET'])).toMatch(
      /\$secret:\/\/ssm\/\/aws\/reference\/secretsmanager\//,
    );
    const statements = readStatements(template, 'ProxyPublisherRole').filter(isOfSecret);
    expect(readStatements(template, 'ProxyRole').filter(isOfSecret)).toEqual([]);
    expect(statements.map(({ Action: action }) => action)).toEqual([
      'ssm:GetParameters',
      'secretsmanager:GetSecretValue',
    ]);
    // The name is the two parts of the ARN's last field before the random end.
    const field = '<ProxyEdgeOriginSecret>[6]';
    expect(statements.flatMap(readResources)).toEqual([
      `${parameters}/aws/reference/secretsmanager/${field}[0]-${field}[1]`,
      '<ProxyEdgeOriginSecret>',
    ]);
  });

  test('is read by the proxy itself in direct mode', () => {
    const stack = new Stack(createApp(), 'Host');
    new SigningProxy(stack, 'Proxy', { edge: {}, snapshot: false });
    const statements = readStatements(Template.fromStack(stack), 'ProxyRole').filter(isOfSecret);
    expect(statements.map(({ Action: action }) => action)).toEqual([
      'ssm:GetParameters',
      'secretsmanager:GetSecretValue',
    ]);
  });

  test('may be one of your own, under a key of your own', () => {
    const template = synthesise((stack) => ({
      originSecret: new Secret(stack, 'Own', { encryptionKey: new Key(stack, 'Key') }),
    }));
    template.resourceCountIs('AWS::SecretsManager::Secret', 1);
    const decrypt = readStatements(template, 'ProxyPublisherRole').filter(
      ({ Sid }) => Sid === 'DecryptOriginSecret',
    );
    expect(decrypt.map(readResources)).toEqual([['<Key.Arn>']]);
  });

  test('that is known by name is granted by its name and the six characters that AWS adds', () => {
    const template = synthesise((stack) => ({
      originSecret: Secret.fromSecretNameV2(stack, 'Own', 'countersign-origin'),
    }));
    const [, read] = readStatements(template, 'ProxyPublisherRole').filter(isOfSecret);
    if (!read) throw new Error('no statement');
    expect(readResources(read)).toEqual([
      'arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:countersign-origin-??????',
    ]);
  });
});
