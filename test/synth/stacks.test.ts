import { Template } from 'aws-cdk-lib/assertions';
import { DemoStack } from '../../lib/index.ts';
import {
  createApp,
  findOnly,
  type Json,
  readAllResources,
  readResources,
  readStatements,
  synthesise,
  toText,
} from './synth-app.ts';

function readOutputs(template: Template): Record<string, string> {
  const outputs = Object.entries(template.findOutputs('*'));
  return Object.fromEntries(outputs.map(([id, { Value: value }]) => [id, toText(value)]));
}

describe('the production stack', () => {
  test('prints its URL, its parameter path and the command that adds a route', () => {
    expect(readOutputs(synthesise())).toEqual({
      Url: '<ProxyFunctionFunctionUrl.FunctionUrl>',
      ParameterPath: '/countersign/Countersign',
      AddRouteCommand:
        'aws ssm put-parameter --region <AWS::Region> --type String --overwrite ' +
        '--name /countersign/Countersign/routes/my-route --value file://my-route.json',
    });
  });

  test('has no route and may call nothing until it is told what', () => {
    const template = synthesise();
    template.resourceCountIs('Custom::CountersignRoutes', 0);
    expect(JSON.stringify(readStatements(template))).not.toContain('nvoke');
  });

  test('may call the upstreams whose ARNs it is given', () => {
    const lambda = 'arn:aws:lambda:eu-west-1:111122223333:function:orders';
    const api = 'arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/GET/users';
    const statements = readStatements(synthesise({ proxy: { upstreams: [lambda, api] } })).slice(2);
    expect(statements.map((s) => [s.Action, readResources(s)])).toEqual([
      ['lambda:InvokeFunctionUrl', [lambda]],
      ['lambda:InvokeFunction', [lambda]],
      ['execute-api:Invoke', [api]],
    ]);
  });

  test('keeps its shape', () => {
    const text = JSON.stringify(synthesise().toJSON());
    const normalised = text.replace(/\b[0-9a-f]{64}\.zip\b/g, '<asset hash>.zip');
    expect(JSON.parse(normalised)).toMatchSnapshot();
  });
});

describe('the demo stack', () => {
  const template = Template.fromStack(new DemoStack(createApp(), 'CountersignDemo'));

  test('has a greeter that refuses unsigned calls: an IAM URL and no permission for anyone', () => {
    const hello = findOnly(template, 'AWS::Lambda::Url', 'Hello').Properties;
    expect(hello).toMatchObject({ AuthType: 'AWS_IAM' });
    const permissions = template.findResources('AWS::Lambda::Permission');
    expect(Object.keys(permissions).filter((id) => id.startsWith('Hello'))).toEqual([]);
  });

  test('has an exact and a prefix route to the greeter, signed with the role', () => {
    const { ParameterPath, Routes } = findOnly(template, 'Custom::CountersignRoutes')
      .Properties as unknown as { ParameterPath: string; Routes: { Id: string; Value: Json }[] };
    expect(ParameterPath).toBe('/countersign/CountersignDemo');
    const routes = Routes.map(({ Id, Value }) => [Id, JSON.parse(toText(Value))]);
    const plugins = {
      'aws-lambda': {
        function_uri: '<HelloFunctionFunctionUrl.FunctionUrl>',
        authorization: { iam: {} },
      },
    };
    expect(routes).toEqual([
      ['hello', { uri: '/hello', plugins }],
      ['aws', { uri: '/aws/*', plugins }],
    ]);
  });

  test('lets the proxy call the greeter through its URL, and the greeter only write its log', () => {
    const proxy = readStatements(template, 'ProxyRole').map((s) => s.Action);
    expect(proxy.slice(4)).toEqual(['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction']);
    const hello = readStatements(template, 'Hello').map((s) => s.Action);
    expect(hello).toEqual([['logs:CreateLogStream', 'logs:PutLogEvents']]);
  });

  test('leaves nothing behind when it is destroyed', () => {
    const kept = readAllResources(template).filter(
      ({ DeletionPolicy }) => DeletionPolicy !== undefined && DeletionPolicy !== 'Delete',
    );
    expect(kept).toEqual([]);
  });

  test('prints the refused call and the same call through the proxy', () => {
    expect(readOutputs(template)).toMatchObject({
      DirectCall: "curl -i '<HelloFunctionFunctionUrl.FunctionUrl>?name=APISIX'",
      SignedCall: "curl -i '<ProxyFunctionFunctionUrl.FunctionUrl>hello?name=APISIX'",
    });
  });
});
