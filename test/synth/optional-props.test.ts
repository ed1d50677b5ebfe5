import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaDeploymentConfig } from 'aws-cdk-lib/aws-codedeploy';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { type IVpc, SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Architecture, HttpMethod, Tracing } from 'aws-cdk-lib/aws-lambda';
import { SigningProxy, type SigningProxyProps } from '../../lib/index.ts';
import { createApp, findOnly, type Json, readResources, readStatements } from './synth-app.ts';

/** A proxy in direct mode, and what else its props need. */
function synthesise(toProps: (stack: Stack) => SigningProxyProps): Template {
  const stack = new Stack(createApp(), 'Host');
  new SigningProxy(stack, 'Proxy', { snapshot: false, ...toProps(stack) });
  return Template.fromStack(stack);
}

function readFunction(template: Template): Record<string, Json> {
  return findOnly(template, 'AWS::Lambda::Function', 'ProxyFunction').Properties as Record<
    string,
    Json
  >;
}

/** What the role may do beside logging and reading documents. */
function readOwn(template: Template) {
  return readStatements(template, 'ProxyRole')
    .slice(2)
    .map((s) => [s.Effect, s.Action, readResources(s), s.Condition]);
}

test('the architecture is a choice', () => {
  const template = synthesise(() => ({ architecture: Architecture.X86_64 }));
  expect(readFunction(template)['Architectures']).toEqual(['x86_64']);
});

describe('roles that routes may assume', () => {
  test('are named one by one in a single statement', () => {
    const template = synthesise((stack) => ({
      assumableRoles: [
        new Role(stack, 'Orders', { assumedBy: new AccountRootPrincipal() }),
        'arn:aws:iam::444455556666:role/countersign-*',
      ],
    }));
    expect(readOwn(template)).toEqual([
      [
        'Allow',
        'sts:AssumeRole',
        ['arn:aws:iam::444455556666:role/countersign-*', '<Orders.Arn>'],
        undefined,
      ],
    ]);
  });

  test.each([
    '*',
    'orders',
    'arn:aws:iam::*:role/orders',
    'arn:aws:iam::111122223333:user/orders',
    'arn:aws:iam::111122223333:role/',
  ])('are refused when they are no roles of a named account: %j', (role) => {
    expect(() => synthesise(() => ({ assumableRoles: [role] }))).toThrow(
      `assumableRoles has ${JSON.stringify(role)}; expected arn:aws:iam::<account>:role/<name>`,
    );
  });
});

describe('the table of rate limits', () => {
  test('is none by default', () => {
    const template = synthesise(() => ({}));
    template.resourceCountIs('AWS::DynamoDB::Table', 0);
    expect(JSON.stringify(readFunction(template))).not.toContain('COUNTERSIGN_LIMIT_TABLE');
  });

  test('is created on demand, forgets by itself, and goes with the stack', () => {
    const template = synthesise(() => ({ rateLimitTable: true }));
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Delete',
      Properties: {
        KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'key', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
        TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
      },
    });
    expect(readOwn(template)).toEqual([
      ['Allow', 'dynamodb:UpdateItem', ['<ProxyRateLimits.Arn>'], undefined],
    ]);
  });

  test('may be one of your own', () => {
    const template = synthesise((stack) => ({
      rateLimitTable: new Table(stack, 'Own', {
        partitionKey: { name: 'key', type: AttributeType.STRING },
      }),
    }));
    template.resourceCountIs('AWS::DynamoDB::Table', 1);
    expect(readOwn(template)).toEqual([['Allow', 'dynamodb:UpdateItem', ['<Own.Arn>'], undefined]]);
    expect(readFunction(template)['Environment']).toMatchObject({
      Variables: { COUNTERSIGN_LIMIT_TABLE: { Ref: expect.stringMatching(/^Own/) } },
    });
  });
});

describe('X-Ray', () => {
  test('passes through by default, which is what Lambda does untold and takes no permission', () => {
    for (const props of [{}, { tracing: Tracing.PASS_THROUGH }]) {
      const template = synthesise(() => props);
      expect(readFunction(template)['TracingConfig']).toBeUndefined();
      expect(readOwn(template)).toEqual([]);
    }
  });

  test('records the function when it is active; X-Ray knows no narrower resource', () => {
    const template = synthesise(() => ({ tracing: Tracing.ACTIVE }));
    expect(readFunction(template)['TracingConfig']).toEqual({ Mode: 'Active' });
    expect(readOwn(template)).toEqual([
      ['Allow', ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], ['*'], undefined],
    ]);
  });
});

test('CORS is answered by Lambda only where that is asked for', () => {
  const cors = { allowedOrigins: ['https://example.com'], allowedMethods: [HttpMethod.GET] };
  synthesise(() => ({ cors })).hasResourceProperties('AWS::Lambda::Url', {
    Cors: { AllowOrigins: ['https://example.com'], AllowMethods: ['GET'] },
  });
});

test('routes without access plugins are refused at run time too, where that is asked for', () => {
  const template = synthesise(() => ({ requireAccessPlugin: true }));
  expect(readFunction(template)['Environment']).toMatchObject({
    Variables: { COUNTERSIGN_REQUIRE_ACCESS_PLUGIN: '1' },
  });
});

describe('in a VPC', () => {
  const actions = [
    'ec2:AssignPrivateIpAddresses',
    'ec2:CreateNetworkInterface',
    'ec2:DeleteNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:UnassignPrivateIpAddresses',
  ];

  test('the role lets Lambda join the network, and code in the function do nothing with that', () => {
    const template = synthesise((stack) => ({ vpc: new Vpc(stack, 'Vpc') }));
    expect(readOwn(template)).toEqual([
      ['Allow', actions, ['*'], undefined],
      ['Deny', actions, ['*'], { Null: { 'lambda:SourceFunctionArn': 'false' } }],
    ]);
    const { ManagedPolicyArns: managed } = findOnly(template, 'AWS::IAM::Role', 'ProxyRole')
      .Properties as Record<string, Json>;
    expect(managed).toBeUndefined();
  });

  test('the function is in the private subnets, behind a group that lets nothing in', () => {
    const template = synthesise((stack) => ({ vpc: new Vpc(stack, 'Vpc') }));
    const subnets = Object.keys(template.findResources('AWS::EC2::Subnet'));
    const isPrivate = subnets.filter((id) => id.includes('Private')).map((id) => ({ Ref: id }));
    expect(readFunction(template)['VpcConfig']).toMatchObject({ SubnetIds: isPrivate });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: Match.absent(),
    });
  });

  test('the function takes the subnets and the groups that it is given', () => {
    const template = synthesise((stack) => {
      const vpc = new Vpc(stack, 'Vpc', {
        natGateways: 0,
        subnetConfiguration: [{ name: 'Own', subnetType: SubnetType.PRIVATE_ISOLATED }],
      });
      const group = new SecurityGroup(stack, 'Group', { vpc: vpc as IVpc });
      const vpcSubnets = { subnetType: SubnetType.PRIVATE_ISOLATED };
      return { vpc, vpcSubnets, securityGroups: [group] };
    });
    template.resourceCountIs('AWS::EC2::SecurityGroup', 1);
    expect(JSON.stringify(readFunction(template)['VpcConfig'])).toMatch(/Group.*VpcOwnSubnet/);
  });
});

describe('an alias', () => {
  const findAlias = (template: Template) =>
    Object.keys(template.findResources('AWS::Lambda::Alias'))[0];

  test('has the function URL and both its permissions, and follows the newest version', () => {
    const template = synthesise(() => ({ alias: {} }));
    const [version] = Object.keys(template.findResources('AWS::Lambda::Version'));
    template.hasResource('AWS::Lambda::Alias', {
      UpdatePolicy: Match.absent(),
      Properties: { Name: 'live', FunctionVersion: { 'Fn::GetAtt': [version, 'Version'] } },
    });
    template.hasResourceProperties('AWS::Lambda::Url', { Qualifier: 'live' });
    const permissions = Object.values(template.findResources('AWS::Lambda::Permission'));
    expect(permissions.map(({ Properties: p }) => [p.Action, p.FunctionName])).toEqual([
      ['lambda:InvokeFunctionUrl', { Ref: findAlias(template) }],
      ['lambda:InvokeFunction', { Ref: findAlias(template) }],
    ]);
  });

  const createAlarm = (stack: Stack) =>
    new Alarm(stack, 'Alarm', {
      metric: new Metric({ namespace: 'AWS/Lambda', metricName: 'Errors' }),
      threshold: 1,
      evaluationPeriods: 1,
    });

  test('that is shifted all at once has nothing for alarms to stop', () => {
    expect(() => synthesise((stack) => ({ alias: { alarms: [createAlarm(stack)] } }))).toThrow(
      'set gradual too',
    );
  });

  test('is shifted step by step by CodeDeploy, which watches the alarms', () => {
    const gradual = LambdaDeploymentConfig.LINEAR_10PERCENT_EVERY_1MINUTE;
    const template = synthesise((stack) => ({
      alias: { name: 'prod', gradual, alarms: [createAlarm(stack)] },
    }));
    template.hasResource('AWS::Lambda::Alias', {
      Properties: { Name: 'prod' },
      UpdatePolicy: { CodeDeployLambdaAliasUpdate: Match.anyValue() },
    });
    template.hasResourceProperties('AWS::CodeDeploy::DeploymentGroup', {
      DeploymentConfigName: 'CodeDeployDefault.LambdaLinear10PercentEvery1Minute',
      AlarmConfiguration: { Enabled: true, Alarms: [{ Name: Match.anyValue() }] },
      AutoRollbackConfiguration: { Enabled: true },
    });
  });
});
