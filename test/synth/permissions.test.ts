import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AuthorizationType, MockIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Key } from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { type InvokeScope, SigningProxy, type Upstream } from '../../lib/index.ts';
import {
  createApp,
  findOnly,
  parameters,
  readResources,
  readStatements,
  type Statement,
  synthesise,
  toText,
} from './synth-app.ts';

/** What a grant adds to the role of a proxy, in a stack where `create` makes the upstream. */
function readGranted(create: (stack: Stack) => Upstream, scope?: InvokeScope): Statement[] {
  const stack = new Stack(createApp(), 'Host');
  const proxy = new SigningProxy(stack, 'Proxy');
  proxy.grantInvokeUpstream(create(stack), scope).assertSuccess();
  const statements = readStatements(Template.fromStack(stack), 'Proxy');
  return statements.filter(({ Action: action }) => String(action).includes('nvoke'));
}

function createFunction(stack: Stack): lambda.Function {
  return new lambda.Function(stack, 'Upstream', {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => ({});'),
  });
}

describe('the role', () => {
  test('may, in direct mode, write to its own log group and read its own documents, and nothing else', () => {
    const statements = readStatements(synthesise());
    expect(statements.map((s) => [s.Effect, s.Action, readResources(s), s.Condition])).toEqual([
      ['Allow', ['logs:CreateLogStream', 'logs:PutLogEvents'], ['<ProxyLogGroup.Arn>'], undefined],
      [
        'Allow',
        ['ssm:GetParameterHistory', 'ssm:GetParameters', 'ssm:GetParametersByPath'],
        // GetParametersByPath is authorised on the path itself, the others on what is below it.
        [`${parameters}/countersign/Countersign`, `${parameters}/countersign/Countersign/*`],
        undefined,
      ],
    ]);
  });

  test('is assumed by Lambda alone and carries no managed policy', () => {
    const role = findOnly(synthesise(), 'AWS::IAM::Role').Properties;
    expect(role).toEqual({
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Principal: { Service: 'lambda.amazonaws.com' },
          },
        ],
      },
    });
  });

  test('may decrypt with a given key what Parameter Store encrypted below the path, and only that', () => {
    const stack = new Stack(createApp(), 'Host');
    const encryptionKey = new Key(stack, 'Key');
    new SigningProxy(stack, 'Proxy', { parameterPath: '/edge', encryptionKey, snapshot: false });
    const [statement] = readStatements(Template.fromStack(stack)).filter(
      (s) => s.Action === 'kms:Decrypt',
    );
    if (!statement) throw new Error('no statement');
    expect(readResources(statement)).toEqual(['<Key.Arn>']);
    const condition = statement.Condition as { StringLike: Record<string, never> };
    expect(Object.keys(condition)).toEqual(['StringLike']);
    expect(Object.entries(condition.StringLike).map(([k, v]) => [k, toText(v)])).toEqual([
      ['kms:EncryptionContext:PARAMETER_ARN', `${parameters}/edge/*`],
    ]);
  });
});

describe('a grant on a function', () => {
  const urlStatements = (arn: string) => [
    {
      actions: 'lambda:InvokeFunctionUrl',
      resources: [arn],
      condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
    },
    {
      actions: 'lambda:InvokeFunction',
      resources: [arn],
      condition: { Bool: { 'lambda:InvokedViaFunctionUrl': true } },
    },
  ];
  const toPlain = (statements: Statement[]) =>
    statements.map((s) => ({
      actions: s.Action,
      resources: readResources(s),
      condition: s.Condition,
    }));

  test('with a URL gives two statements, each with the one condition key its request has', () => {
    const granted = readGranted((stack) =>
      createFunction(stack).addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM }),
    );
    expect(toPlain(granted)).toEqual(urlStatements('<Upstream.Arn>'));
  });

  test('whose URL belongs to an alias names the alias', () => {
    const granted = readGranted((stack) => {
      const version = createFunction(stack).currentVersion as lambda.IVersion;
      return new lambda.Alias(stack, 'Live', { aliasName: 'live', version }).addFunctionUrl();
    });
    expect(toPlain(granted)).toEqual(urlStatements('<Upstream.Arn>:live'));
  });

  test('imported from another account throws nothing and touches nothing but the role', () => {
    const arn = 'arn:aws:lambda:eu-west-1:111122223333:function:theirs';
    const stack = new Stack(createApp(), 'Host');
    const proxy = new SigningProxy(stack, 'Proxy', { snapshot: false });
    proxy.grantInvokeUpstream(lambda.Function.fromFunctionArn(stack, 'Theirs', arn));
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Lambda::Permission', 2);
    expect(toPlain(readStatements(template).slice(-2))).toEqual(urlStatements(arn));
  });

  test('may be given by ARN, with a qualifier or without', () => {
    for (const name of ['theirs', 'theirs:live']) {
      const arn = `arn:aws-cn:lambda:cn-north-1:111122223333:function:${name}`;
      expect(toPlain(readGranted(() => arn))).toEqual(urlStatements(arn));
    }
  });
});

describe('a grant on an API', () => {
  const toPairs = (statements: Statement[]) => statements.map((s) => [s.Action, readResources(s)]);
  const api = 'arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:';

  function createRestApi(stack: Stack): RestApi {
    const rest = new RestApi(stack, 'Users');
    rest.root.addMethod('GET', new MockIntegration(), { authorizationType: AuthorizationType.IAM });
    return rest;
  }

  test('of REST kind covers its deployed stage', () => {
    expect(toPairs(readGranted(createRestApi))).toEqual([
      ['execute-api:Invoke', [`${api}<Users>/<UsersDeploymentStageprod>/*/*`]],
    ]);
  });

  test('is narrowed to a method and a path', () => {
    const scope = { stage: 'v1', method: 'GET', path: '/users/*' };
    expect(toPairs(readGranted(createRestApi, scope))).toEqual([
      ['execute-api:Invoke', [`${api}<Users>/v1/GET/users/*`]],
    ]);
  });

  test('of HTTP kind covers its default stage, by its literal name', () => {
    const granted = readGranted((stack) => new HttpApi(stack, 'Users'));
    expect(toPairs(granted)).toEqual([['execute-api:Invoke', [`${api}<Users>/$default/*/*`]]]);
  });

  test('that is imported covers all its stages unless one is named', () => {
    const rest = (stack: Stack) => RestApi.fromRestApiId(stack, 'Theirs', 'abc123');
    const http = (stack: Stack) =>
      HttpApi.fromHttpApiAttributes(stack, 'Theirs', { httpApiId: 'abc123' });
    for (const create of [rest, http]) {
      expect(toPairs(readGranted(create))).toEqual([
        ['execute-api:Invoke', [`${api}abc123/*/*/*`]],
      ]);
      expect(toPairs(readGranted(create, { stage: 'prod' }))).toEqual([
        ['execute-api:Invoke', [`${api}abc123/prod/*/*`]],
      ]);
    }
  });

  test('may be given by ARN, and is taken as it stands', () => {
    const arn = 'arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/GET/users';
    expect(toPairs(readGranted(() => arn))).toEqual([['execute-api:Invoke', [arn]]]);
  });
});

test('a grant on anything else is refused with the two kinds of ARN that it takes', () => {
  const proxy = new SigningProxy(new Stack(createApp(), 'Host'), 'Proxy');
  const others = [
    'arn:aws:lambda:eu-west-1:*:function:orders',
    'arn:aws:execute-api:eu-west-1:1111*:abc123/prod/GET/users',
    'arn:aws:execute-api:eu-west-1:????????????:*/*',
    'arn:aws:lambda:eu-west-1:11112222333?:function:orders',
    'arn:aws:lambda:eu-west-1:111122223333:layer:x',
    'arn:aws:lambda:*',
    'arn:aws:execute-api:eu-west-1:111122223333:abc123',
    'arn:aws:s3:::bucket',
    '*',
  ];

  for (const arn of others) {
    expect(() => proxy.grantInvokeUpstream(arn)).toThrow(
      /not the ARN of an upstream.*lambda.*execute-api/,
    );
  }
});

test('a path that is known only at deployment gives ARNs with one slash as well', () => {
  const stack = new Stack(createApp(), 'Host');
  const { valueAsString: parameterPath } = new CfnParameter(stack, 'Path');
  const plugins = { 'aws-lambda': { function_uri: 'https://a.lambda-url.us-east-1.on.aws/' } };
  const proxy = new SigningProxy(stack, 'Proxy', { parameterPath, snapshot: false });
  proxy.addRoute('one', { uri: '/one', plugins });
  const template = Template.fromStack(stack);
  const resources = readStatements(template).flatMap(readResources);

  expect(new Set(resources.filter((arn) => arn.includes(':ssm:')))).toEqual(
    new Set([`${parameters}<Path>/routes/*`, `${parameters}<Path>`, `${parameters}<Path>/*`]),
  );
});
