import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { addProxyOutputs } from './proxy-outputs.ts';
import { SigningProxy } from './signing-proxy.ts';
import type { SigningProxyProps } from './signing-proxy-props.ts';

/** How a {@link CountersignStack} is built. */
export interface CountersignStackProps extends StackProps {
  /**
   * The proxy's settings.
   * @default - those of the construct, with the parameter path `/countersign/<stack name>`
   */
  readonly proxy?: SigningProxyProps;
}

/** The production stack: one proxy without routes, which are written to Parameter Store by those who own them. */
export class CountersignStack extends Stack {
  readonly proxy: SigningProxy;

  constructor(scope: Construct, id: string, props: CountersignStackProps = {}) {
    const { proxy, ...stackProps } = props;
    super(scope, id, {
      description: 'Countersign: a signing proxy with routes in Parameter Store',
      ...stackProps,
    });
    this.proxy = new SigningProxy(this, 'Proxy', {
      parameterPath: `/countersign/${this.stackName}`,
      ...proxy,
    });
    addProxyOutputs(this.proxy);
  }
}
