import { type App, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readDeploySettings } from '../../lib/deploy-settings.ts';
import { CountersignStack, DemoStack } from '../../lib/index.ts';
import {
  createApp,
  findOnly,
  readAllResources,
  readResources,
  readStatements,
  synthesise,
  toText,
} from './synth-app.ts';

/** The only wildcards in the identity policies of both stacks, each with its reason. */
const explainedWildcards = ['Countersign', 'CountersignDemo'].map((stack) => ({
  resource: `arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/countersign/${stack}/*`,
  reason: 'Documents are added below the path without a deployment: that is what the path is for.',
}));

function createStacks(app: App): [CountersignStack, DemoStack] {
  return [new CountersignStack(app, 'Countersign'), new DemoStack(app, 'CountersignDemo')];
}

function readOutputs(template: Template): Record<string, string> {
  const outputs = Object.entries(template.findOutputs('*'));
  return Object.fromEntries(outputs.map(([id, { Value: value }]) => [id, toText(value)]));
}

describe('cdk-nag', () => {
  test('finds nothing in either stack but the wildcards that are explained', () => {
    const app = createApp();
    createStacks(app);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    Validations.of(app).acknowledge(
      ...explainedWildcards.map(({ resource, reason }) => ({
        id: `AwsSolutions::AwsSolutions-IAM5[Resource::${resource}]`,
        reason,
      })),
    );
    expect(() => app.synth()).not.toThrow();
  });

  test('would stop a synth that has an unexplained one', () => {
    const app = createApp();
    createStacks(app);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).toThrow('AwsSolutions-IAM5');
  });
});

test('no statement of either stack has a wildcard that is not explained', () => {
  const wildcards = createStacks(createApp())
    .flatMap((stack) => readStatements(Template.fromStack(stack)))
    .flatMap((statement) => [...[statement.Action].flat(), ...readResources(statement)])
    .filter((text) => text.includes('*'));
  expect(wildcards).toEqual(explainedWildcards.map(({ resource }) => resource));
});

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
    template.resourceCountIs('AWS::SSM::Parameter', 0);
    expect(JSON.stringify(readStatements(template))).not.toContain('nvoke');
  });

  test('may call the upstreams whose ARNs it is given', () => {
    const lambda = 'arn:aws:lambda:eu-west-1:111122223333:function:orders';
    const api = 'arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/GET/users';
    const statements = readStatements(synthesise({ upstreamArns: [lambda, api] })).slice(2);
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
    const routes = Object.values(template.findResources('AWS::SSM::Parameter')).map(
      ({ Properties: { Name, Value } }) => [Name, JSON.parse(toText(Value))],
    );
    const plugins = {
      'aws-lambda': {
        function_uri: '<HelloFunctionFunctionUrl.FunctionUrl>',
        authorization: { iam: {} },
      },
    };
    expect(routes).toEqual([
      ['/countersign/CountersignDemo/routes/hello', { uri: '/hello', plugins }],
      ['/countersign/CountersignDemo/routes/aws', { uri: '/aws/*', plugins }],
    ]);
  });

  test('lets the proxy call the greeter through its URL, and the greeter only write its log', () => {
    const proxy = readStatements(template, 'Proxy').map((s) => s.Action);
    expect(proxy.slice(2)).toEqual(['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction']);
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

describe('the context of a deployment', () => {
  const read = (context: Record<string, unknown>) => readDeploySettings(createApp(context).node);

  test('may be empty', () => {
    expect(read({})).toEqual({
      stackName: 'Countersign',
      demo: false,
      usersDemo: false,
      upstreamArns: [],
      proxy: {},
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
      upstreamArns: ['arn:a', 'arn:b'],
      proxy: { debugHeaders: false, reservedConcurrentExecutions: 20 },
    });
    expect(text.proxy.refreshInterval?.toSeconds()).toBe(30);
  });

  test.each([
    ['demo', 'yes', 'true or false'],
    ['stackName', '', 'a text'],
    ['memorySize', '1GB', 'a whole number'],
    ['upstreams', 'arn:a,,arn:b', 'separated by commas'],
    ['logLevel', 'verbose', 'debug, info, warn, error'],
  ])('with %s=%s is refused by the name of the key', (key, value, expected) => {
    expect(() => read({ [key]: value })).toThrow(
      new RegExp(`^Context ${key} is "${value}"; expected .*${expected}`),
    );
  });
});
