import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { createBuiltCode, toBuiltPath } from '../proxy/built-code.ts';
import { createFunctionRole } from '../proxy/function-role.ts';
import { SigningProxy } from '../proxy/signing-proxy.ts';
import type { SigningProxyProps } from '../proxy/signing-proxy-props.ts';
import { withoutUndefined } from '../proxy/without-undefined.ts';
import { addProxyOutputs } from './proxy-outputs.ts';

/** Props of a {@link DemoStack}. */
export interface DemoStackProps extends StackProps {
  /**
   * The proxy's settings.
   * @default - the construct's, with the parameter path `/countersign/<stack name>`, no logs left behind, and at
   * most the account's concurrency
   */
  readonly proxy?: SigningProxyProps | undefined;

  /**
   * Folder of the greeter's built code.
   * @default - `dist/hello` of this package, written by `npm run build`
   */
  readonly helloCodePath?: string | undefined;
}

/** A demo: a greeter behind a function URL with IAM authorization, a proxy that may call it, and two routes to it. */
export class DemoStack extends Stack {
  readonly proxy: SigningProxy;
  /** The URL of the greeter, which refuses unsigned requests. */
  readonly helloUrl: string;

  constructor(scope: Construct, id: string, props: DemoStackProps = {}) {
    const { proxy, helloCodePath, ...stackProps } = props;
    super(scope, id, {
      description: 'Countersign demo: a greeter behind IAM, and the proxy in front of it',
      ...stackProps,
    });
    const hello = createGreeter(this, helloCodePath ?? toBuiltPath('hello'));
    this.helloUrl = hello.url;
    // The role's credentials sign requests. Region and service follow from the host of function_uri.
    const plugins = {
      'aws-lambda': { function_uri: hello.url, authorization: { iam: {} } },
    };
    this.proxy = new SigningProxy(this, 'Proxy', {
      parameterPath: `/countersign/${this.stackName}`,
      logRemovalPolicy: RemovalPolicy.DESTROY,
      upstreams: [hello],
      routes: { hello: { uri: '/hello', plugins }, aws: { uri: '/aws/*', plugins } },
      ...withoutUndefined(proxy ?? {}),
    });
    addProxyOutputs(this.proxy);
    this.#addTryOutputs();
  }

  #addTryOutputs(): void {
    new CfnOutput(this, 'DirectCall', {
      value: `curl -i '${this.helloUrl}?name=APISIX'`,
      description: 'Unsigned: the greeter refuses it with 403',
    });
    new CfnOutput(this, 'SignedCall', {
      value: `curl -i '${this.proxy.url}hello?name=APISIX'`,
      description: 'The same call through the proxy: 200 "Hello, APISIX!"',
    });
  }
}

function createGreeter(stack: Stack, codePath: string): lambda.FunctionUrl {
  const scope = new Construct(stack, 'Hello');
  const logGroup = new LogGroup(scope, 'LogGroup', {
    retention: RetentionDays.ONE_WEEK,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const greeter = new lambda.Function(scope, 'Function', {
    description: 'Countersign demo upstream',
    runtime: lambda.Runtime.NODEJS_24_X,
    architecture: lambda.Architecture.ARM_64,
    handler: 'index.handler',
    code: createBuiltCode(codePath),
    role: createFunctionRole(scope, 'Role', logGroup),
    logGroup,
    memorySize: 128,
    timeout: Duration.seconds(3),
  });
  return greeter.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });
}
