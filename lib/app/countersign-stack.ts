import { Annotations, Stack, type StackProps } from 'aws-cdk-lib';
import { SecurityGroup, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { type MonitoringOptions, ProxyMonitoring } from '../monitoring/monitoring.ts';
import { SigningProxy } from '../proxy/signing-proxy.ts';
import type { SigningProxyProps } from '../proxy/signing-proxy-props.ts';
import { withoutUndefined } from '../proxy/without-undefined.ts';
import { addProxyOutputs } from './proxy-outputs.ts';

/** An existing VPC, with the subnets and security groups that the function uses. */
export interface NetworkProps {
  readonly vpcId: string;
  /** Private subnets from which the upstreams and AWS's endpoints can be reached. */
  readonly subnetIds: readonly string[];
  /**
   * Ids of security groups.
   * @default - one that allows all outbound traffic and no inbound traffic
   */
  readonly securityGroupIds?: readonly string[] | undefined;
}

/** Props of a {@link CountersignStack}. */
export interface CountersignStackProps extends StackProps {
  /**
   * The proxy's settings.
   * @default - those of the construct, with the parameter path `/countersign/<stack name>`
   */
  readonly proxy?: SigningProxyProps | undefined;

  /**
   * An existing network for the function, given by ids, so that nothing is looked up. In your own app use `proxy.vpc`
   * instead.
   * @default - none: Lambda's own network, which has internet access
   */
  readonly network?: NetworkProps | undefined;

  /**
   * ARN of the KMS key that SecureStrings below the parameter path are encrypted with.
   * @default - the key `aws/ssm` of the account
   */
  readonly encryptionKeyArn?: string | undefined;

  /**
   * ARN of the operators' SNS topic. It gets a message about each alarm, and about each change of a document that is
   * refused, deletes something or opens a route. The topic's policy and key must allow alarms to publish.
   * @default - no messages are sent
   */
  readonly topicArn?: string | undefined;

  /**
   * Alarms, dashboard and saved queries; `false` for none of them.
   * @default - all of them with default settings
   */
  readonly monitoring?: MonitoringOptions | false | undefined;
}

/** The production stack: one proxy without routes. Operators write its routes to Parameter Store. */
export class CountersignStack extends Stack {
  readonly proxy: SigningProxy;
  readonly monitoring: ProxyMonitoring | undefined;

  constructor(scope: Construct, id: string, props: CountersignStackProps = {}) {
    const { proxy, network, encryptionKeyArn, topicArn, ...others } = props;
    const { monitoring = {}, ...stackProps } = others;
    super(scope, id, {
      description: 'Countersign: a signing proxy with routes in Parameter Store',
      ...stackProps,
    });
    const topic = topicArn ? Topic.fromTopicArn(this, 'Topic', topicArn) : undefined;
    const { snapshot = {}, ...proxyProps } = proxy ?? {};
    this.proxy = new SigningProxy(this, 'Proxy', {
      parameterPath: `/countersign/${this.stackName}`,
      ...(network && importNetwork(this, network)),
      ...(encryptionKeyArn && { encryptionKey: Key.fromKeyArn(this, 'Key', encryptionKeyArn) }),
      ...withoutUndefined(proxyProps),
      snapshot: snapshot && { ...(topic && { topic }), ...withoutUndefined(snapshot) },
    });
    addProxyOutputs(this.proxy);
    this.monitoring = monitoring
      ? new ProxyMonitoring(this, 'Monitoring', {
          proxy: this.proxy,
          ...(topic && { topic }),
          ...withoutUndefined(monitoring),
        })
      : undefined;
  }
}

function importNetwork(
  stack: Stack,
  { vpcId, subnetIds, securityGroupIds }: NetworkProps,
): Pick<SigningProxyProps, 'vpc' | 'vpcSubnets' | 'securityGroups'> {
  // CDK requires availability zones for an imported VPC, but does not use them if the subnets are given.
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId, availabilityZones: ['unused'] });
  const subnets = subnetIds.map((id) => {
    const subnet = Subnet.fromSubnetId(stack, `Subnet-${id}`, id);
    Annotations.of(subnet).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId');
    return subnet;
  });
  const groups = securityGroupIds?.map((id) =>
    SecurityGroup.fromSecurityGroupId(stack, `Group-${id}`, id),
  );
  return { vpc, vpcSubnets: { subnets }, ...(groups && { securityGroups: groups }) };
}
