/** What `-c` and cdk.json say, read into settings of the stacks. */
import { Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Architecture, Tracing } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { readDeploySettings } from '../../lib/app/deploy-settings.ts';
import { CountersignStack } from '../../lib/index.ts';
import { createApp } from './synth-app.ts';

describe('the context of a deployment', () => {
  const read = (context: Record<string, unknown>) => readDeploySettings(createApp(context).node);

  test('may be empty', () => {
    expect(read({})).toEqual({
      stackName: 'Countersign',
      stack: {},
      demo: false,
      usersDemo: false,
      proxy: {},
      imported: {},
      watch: {},
    });
  });

  test('is understood as the text of -c and as the JSON of cdk.json alike', () => {
    const text = read({
      stackName: 'Staging',
      demo: 'true',
      upstreams: 'arn:a, arn:b',
      allowedHosts: 'a.example,b.example',
      refreshSeconds: '30',
      debugHeaders: 'false',
      reservedConcurrency: '20',
    });
    const json = read({
      stackName: 'Staging',
      demo: true,
      upstreams: ['arn:a', 'arn:b'],
      allowedHosts: ['a.example', 'b.example'],
      refreshSeconds: 30,
      debugHeaders: false,
      reservedConcurrency: 20,
    });
    expect(text).toEqual(json);
    expect(text).toMatchObject({
      demo: true,
      proxy: {
        upstreams: ['arn:a', 'arn:b'],
        debugHeaders: false,
        reservedConcurrentExecutions: 20,
      },
    });
    expect(text.proxy.refreshInterval?.toSeconds()).toBe(30);
  });

  test('reaches every setting of the construct that is no construct itself', () => {
    const { stack, proxy } = read({
      region: 'us-east-1',
      parameterPath: '/edge',
      assumableRoles: 'arn:aws:iam::111122223333:role/orders',
      secretPaths: '/shared, /partners',
      envPrefix: 'STAGE_',
      requireAccessPlugin: 'true',
      rateLimitTable: 'true',
      architecture: 'x86_64',
      logRetentionDays: '365',
      logLevel: 'warn',
      memorySize: '1024',
      timeoutSeconds: '60',
      tracing: 'true',
    });
    expect(stack).toEqual({ env: { region: 'us-east-1' } });
    expect(proxy).toEqual({
      parameterPath: '/edge',
      assumableRoles: ['arn:aws:iam::111122223333:role/orders'],
      secretPaths: ['/shared', '/partners'],
      envPrefix: 'STAGE_',
      requireAccessPlugin: true,
      rateLimitTable: true,
      architecture: Architecture.X86_64,
      logRetention: RetentionDays.ONE_YEAR,
      logLevel: 'warn',
      memorySize: 1024,
      timeout: Duration.seconds(60),
      tracing: Tracing.ACTIVE,
    });
  });

  test('takes an alias, CORS, a network and a key that exist', () => {
    const { proxy, imported } = read({
      alias: 'live',
      corsOrigins: 'https://a.example, https://b.example',
      corsMethods: 'get,POST',
      corsCredentials: 'true',
      corsMaxAgeSeconds: '60',
      vpcId: 'vpc-12345678',
      subnetIds: 'subnet-12345678,subnet-87654321',
      securityGroupIds: 'sg-12345678',
      encryptionKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/1',
    });
    expect(proxy).toEqual({
      alias: { name: 'live' },
      cors: {
        allowedOrigins: ['https://a.example', 'https://b.example'],
        allowedMethods: ['GET', 'POST'],
        allowCredentials: true,
        maxAge: Duration.seconds(60),
      },
    });
    const stack = new CountersignStack(createApp(), 'Networked', { proxy, ...imported });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Lambda::Function', {
      VpcConfig: {
        SubnetIds: ['subnet-12345678', 'subnet-87654321'],
        SecurityGroupIds: ['sg-12345678'],
      },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: 'kms:Decrypt',
            Resource: 'arn:aws:kms:eu-west-1:111122223333:key/1',
          }),
        ]),
      },
    });
  });

  test.each([
    [{ corsMethods: 'GET' }, /corsOrigins is missing/],
    [{ corsOrigins: 'https://a.example', corsMethods: 'OPTIONS' }, /corsMethods is "OPTIONS"/],
    [{ vpcId: 'vpc-1' }, /vpcId and subnetIds go together/],
    [{ securityGroupIds: 'sg-1' }, /vpcId and subnetIds go together/],
  ])('with %j is refused, naming the key', (context, message) => {
    expect(() => read(context)).toThrow(message);
  });

  test('asks for an edge by any of its keys, or by edge=true', () => {
    expect(read({ edge: 'true' }).proxy.edge).toEqual({});
    const keys = {
      domainName: 'api.example.com',
      certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/x',
      hostedZoneId: 'Z1',
      hostedZoneName: 'example.com',
      webAclArn: 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/x/y',
      originSecretVersion: 'v2',
    };
    const { hostedZoneId, hostedZoneName: zoneName, ...others } = keys;
    expect(read(keys).proxy.edge).toEqual({ ...others, hostedZone: { hostedZoneId, zoneName } });
    expect(read({ managedWebAclRequests: '2000' }).proxy.edge).toEqual({
      managedWebAclRequests: 2000,
    });
    expect(read({ ...keys, edge: 'false' }).proxy.edge).toBeUndefined();
    expect(() => read({ hostedZoneId: 'Z1' })).toThrow('go together');
  });

  test.each([
    ['demo', 'yes', 'true or false'],
    ['stackName', '', 'a text'],
    ['memorySize', '1GB', 'a whole number'],
    ['upstreams', 'arn:a,,arn:b', 'separated by commas'],
    ['logLevel', 'verbose', 'debug, info, warn, error'],
    ['metrics', 'on', 'off, total, routes'],
    ['monitoring', 'no', 'true or false'],
    ['architecture', 'sparc', 'arm64, x86_64'],
    ['logRetentionDays', '31', '1, 3, 5, 7, 14, 30, .*3653'],
  ])('with %s=%s is refused by the name of the key', (key, value, expected) => {
    expect(() => read({ [key]: value })).toThrow(
      new RegExp(`^Context ${key} is "${value}"; expected .*${expected}`),
    );
  });
});
