import { Stack, type StackProps } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { DocumentGuard, type DocumentGuardOptions } from './document-guard.ts';
import { type MonitoringOptions, ProxyMonitoring } from './monitoring.ts';
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

  /**
   * ARN of the operators' SNS topic: it is told of alarms, and of changes of documents that are refused, delete
   * something or open a route. Its own policy and key must let alarms publish.
   * @default - nobody is told
   */
  readonly topicArn?: string;

  /**
   * Alarms, dashboard and saved queries; `false` for none of them.
   * @default - all, with their defaults
   */
  readonly monitoring?: MonitoringOptions | false;

  /**
   * The function that reads each changed document at once; `false` for none.
   * @default - one with its defaults
   */
  readonly documentGuard?: DocumentGuardOptions | false;
}

/** The production stack: one proxy without routes, which are written to Parameter Store by those who own them. */
export class CountersignStack extends Stack {
  readonly proxy: SigningProxy;
  readonly guard: DocumentGuard | undefined;
  readonly monitoring: ProxyMonitoring | undefined;

  constructor(scope: Construct, id: string, props: CountersignStackProps = {}) {
    const { proxy, topicArn, monitoring = {}, documentGuard = {}, ...stackProps } = props;
    super(scope, id, {
      description: 'Countersign: a signing proxy with routes in Parameter Store',
      ...stackProps,
    });
    this.proxy = new SigningProxy(this, 'Proxy', {
      parameterPath: `/countersign/${this.stackName}`,
      ...proxy,
    });
    addProxyOutputs(this.proxy);
    const topic = topicArn && Topic.fromTopicArn(this, 'Topic', topicArn);
    const common = { proxy: this.proxy, ...(topic && { topic }) };
    this.guard = documentGuard
      ? new DocumentGuard(this, 'Guard', { ...common, ...documentGuard })
      : undefined;
    this.monitoring = monitoring
      ? new ProxyMonitoring(this, 'Monitoring', { ...common, guard: this.guard, ...monitoring })
      : undefined;
  }
}
