import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, NestedStack, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DISABLE_ASSET_STAGING_CONTEXT } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { CountersignStack, SigningProxy, type SigningProxyProps } from '../../lib/index.ts';
import { createApp, root, synthesise } from './synth-app.ts';

function createProxy(props: SigningProxyProps = {}): SigningProxy {
  return new SigningProxy(new Stack(createApp(), 'Host'), 'Proxy', props);
}

function synthesiseProxy(props: SigningProxyProps = {}): Template {
  return Template.fromStack(Stack.of(createProxy(props)));
}

describe('the function', () => {
  test('runs the built handler on Node 24, arm64, with the documented defaults', () => {
    synthesise().hasResourceProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 512,
      Timeout: 300,
      ReservedConcurrentExecutions: Match.absent(),
      VpcConfig: Match.absent(),
    });
  });

  test('is deployed as exactly the bytes of dist/proxy', () => {
    const app = createApp({ [DISABLE_ASSET_STAGING_CONTEXT]: false });
    new CountersignStack(app, 'Countersign', { proxy: { snapshot: false } });
    const { directory } = app.synth();
    const assets = readdirSync(directory).filter((name) => name.startsWith('asset.'));
    expect(assets).toHaveLength(1);
    const deployed = readFolder(join(directory, assets[0] ?? ''));
    expect([...deployed.keys()]).toContain('index.mjs');
    expect(deployed).toEqual(readFolder(join(root, 'dist', 'proxy')));
  });

  test('takes its size and limits from the props', () => {
    synthesiseProxy({
      memorySize: 1024,
      timeout: Duration.seconds(30),
      reservedConcurrentExecutions: 0,
    }).hasResourceProperties('AWS::Lambda::Function', {
      MemorySize: 1024,
      Timeout: 30,
      ReservedConcurrentExecutions: 0,
    });
  });

  test('that has not been built is refused with the command that builds it', () => {
    const codePath = join(root, 'docs');
    expect(() => createProxy({ codePath })).toThrow(
      `${codePath} holds no index.mjs. Run "npm run build" first.`,
    );
  });
});

describe('the public URL', () => {
  test('asks for no signature, streams, and leaves CORS to the upstreams', () => {
    synthesise().hasResourceProperties('AWS::Lambda::Url', {
      AuthType: 'NONE',
      InvokeMode: 'RESPONSE_STREAM',
      Cors: Match.absent(),
    });
  });

  test('has both permissions without which AWS answers 403, and neither allows the Invoke API', () => {
    const permissions = Object.values(synthesise().findResources('AWS::Lambda::Permission')).map(
      ({ Properties: { FunctionName: _, ...rest } }) => rest,
    );
    expect(permissions).toEqual([
      { Action: 'lambda:InvokeFunctionUrl', Principal: '*', FunctionUrlAuthType: 'NONE' },
      { Action: 'lambda:InvokeFunction', Principal: '*', InvokedViaFunctionUrl: true },
    ]);
  });
});

describe('the log group', () => {
  test('is kept for a month, and retained when the stack is deleted', () => {
    synthesise().hasResource('AWS::Logs::LogGroup', {
      Properties: { RetentionInDays: 30 },
      DeletionPolicy: 'Retain',
    });
  });

  test('is the one that the function writes to', () => {
    const template = synthesise();
    const [logGroup] = Object.keys(template.findResources('AWS::Logs::LogGroup'));
    template.hasResourceProperties('AWS::Lambda::Function', {
      LoggingConfig: { LogGroup: { Ref: logGroup } },
    });
  });

  test('takes its retention and its end from the props', () => {
    synthesiseProxy({
      logRetention: RetentionDays.ONE_YEAR,
      logRemovalPolicy: RemovalPolicy.DESTROY,
    }).hasResource('AWS::Logs::LogGroup', {
      Properties: { RetentionInDays: 365 },
      DeletionPolicy: 'Delete',
    });
  });
});

describe('the environment', () => {
  test('holds the parameter path and metrics by default; else the runtime keeps its own defaults', () => {
    synthesise().hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          COUNTERSIGN_PARAMETER_PATH: '/countersign/Countersign',
          COUNTERSIGN_METRICS: 'routes',
        },
      },
    });
  });

  test('carries every setting of the runtime contract', () => {
    const template = synthesiseProxy({
      parameterPath: '/edge/prod',
      refreshInterval: Duration.minutes(1),
      allowedHosts: ['vpc-search.example.com:8443', '*.internal.example'],
      logLevel: 'debug',
      debugHeaders: true,
      metrics: 'total',
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          COUNTERSIGN_PARAMETER_PATH: '/edge/prod',
          COUNTERSIGN_REFRESH_SECONDS: '60',
          COUNTERSIGN_ALLOWED_HOSTS: 'vpc-search.example.com:8443,*.internal.example',
          COUNTERSIGN_LOG_LEVEL: 'debug',
          COUNTERSIGN_DEBUG_HEADERS: '1',
          COUNTERSIGN_METRICS: 'total',
        },
      },
    });
  });

  test.each(['https://a.example', 'a.example/path', '*', 'a b'])('refuses the host %j', (host) => {
    expect(() => createProxy({ allowedHosts: [host] })).toThrow(JSON.stringify(host));
  });

  test.each([Duration.seconds(0), Duration.days(2)])('refuses to refresh every %s', (interval) => {
    expect(() => createProxy({ refreshInterval: interval })).toThrow('expected 1 to 86400');
  });
});

describe('the parameter path', () => {
  test('follows from the stack and the construct, so that two proxies never share a tree', () => {
    const stack = new Stack(createApp(), 'Host');
    const inner = new SigningProxy(new Construct(stack, 'Edge'), 'Proxy');
    expect(inner.parameterPath).toBe('/countersign/Host/Edge/Proxy');
    expect(new SigningProxy(stack, 'Other').parameterPath).toBe('/countersign/Host/Other');
  });

  test('inside a nested stack is known at synth', () => {
    const nested = new NestedStack(new Stack(createApp(), 'Host'), 'Nested');
    expect(new SigningProxy(nested, 'Proxy').parameterPath).toBe('/countersign/Host/Nested/Proxy');
  });

  test.each([
    ['/', 'read every parameter'],
    ['countersign', 'each segment follows one slash'],
    ['/countersign/', 'each segment follows one slash'],
    ['/a//b', 'each segment follows one slash'],
    ['/a b', 'each segment follows one slash'],
    ['/aws/countersign', 'reserves'],
    ['/ssm', 'reserves'],
    ['/1/2/3/4/5/6/7/8/9/10/11/12/13/14', 'at most 13'],
  ])('refuses %j', (parameterPath, reason) => {
    expect(() => createProxy({ parameterPath })).toThrow(reason);
  });
});

function readFolder(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'hex')]));
}
