import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { addProxyOutputs } from './proxy-outputs.ts';
import { SigningProxy, type SigningProxyProps } from './signing-proxy.ts';

/** How a {@link CountersignStack} is built. */
export interface CountersignStackProps extends StackProps {
  /**
   * The proxy's settings.
   * @default - those of the construct, with the parameter path `/countersign/<stack name>`
   */
  readonly proxy?: SigningProxyProps;

  /**
   * ARNs of the functions and `execute-api` resources that routes may call.
   * @default - none: the proxy answers, and every upstream refuses it
   */
  readonly upstreamArns?: readonly string[];
}

/** The production stack: one proxy without routes, which are written to Parameter Store by those who own them. */
export class CountersignStack extends Stack {
  readonly proxy: SigningProxy;

  constructor(scope: Construct, id: string, props: CountersignStackProps = {}) {
    const { proxy, upstreamArns = [], ...stackProps } = props;
    super(scope, id, {
      description: 'Countersign: a signing proxy with routes in Parameter Store',
      ...stackProps,
    });
    this.proxy = new SigningProxy(this, 'Proxy', {
      parameterPath: `/countersign/${this.stackName}`,
      ...proxy,
    });
    for (const arn of upstreamArns) this.proxy.grantInvokeUpstream(arn);
    addProxyOutputs(this.proxy);
  }
}
