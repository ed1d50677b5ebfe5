import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { SigningProxy } from '../proxy/signing-proxy.ts';
import { type AlarmThresholds, ProxyAlarms } from './alarms.ts';
import { ProxyDashboard } from './dashboard.ts';
import { SavedQueries } from './saved-queries.ts';

/** What of a {@link ProxyMonitoring} can be chosen. */
export interface MonitoringOptions {
  /**
   * Is told when an alarm goes off, and when it is over. It must not be encrypted with the key `aws/sns`, which alarms
   * cannot use.
   * @default - alarms show in the console and tell nobody
   */
  readonly topic?: ITopic;

  /**
   * When alarms go off; `false` for none.
   * @default - all of them, with their own defaults
   */
  readonly alarms?: AlarmThresholds | false;

  /**
   * Whether there is a dashboard.
   * @default true
   */
  readonly dashboard?: boolean;

  /**
   * Whether Logs Insights queries are saved.
   * @default true
   */
  readonly queries?: boolean;
}

/** How a {@link ProxyMonitoring} is built. */
export interface ProxyMonitoringProps extends MonitoringOptions {
  readonly proxy: SigningProxy;
}

/** Alarms, a dashboard and saved queries for one proxy and its publisher. */
export class ProxyMonitoring extends Construct {
  readonly alarms: ProxyAlarms | undefined;
  readonly dashboard: ProxyDashboard | undefined;
  readonly queries: SavedQueries | undefined;

  constructor(scope: Construct, id: string, props: ProxyMonitoringProps) {
    super(scope, id);
    const { proxy, topic, alarms = {}, dashboard = true, queries = true } = props;
    if (alarms) this.alarms = new ProxyAlarms(this, 'Alarms', { proxy, topic, ...alarms });
    if (dashboard) {
      this.dashboard = new ProxyDashboard(this, 'Dashboard', {
        proxy,
        alarms: this.alarms?.alarms ?? [],
      });
    }
    if (queries) this.queries = new SavedQueries(this, 'Queries', { proxy });
  }
}
