import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { SigningProxy } from '../proxy/signing-proxy.ts';
import { type AlarmThresholds, ProxyAlarms } from './alarms.ts';
import { ProxyDashboard } from './dashboard.ts';
import { SavedQueries } from './saved-queries.ts';

/** The optional settings of a {@link ProxyMonitoring}. */
export interface MonitoringOptions {
  /**
   * Gets a message when an alarm starts and when it ends. The topic must not be encrypted with the key `aws/sns`, which
   * alarms cannot use.
   * @default - no messages are sent; the console shows the alarms
   */
  readonly topic?: ITopic | undefined;

  /**
   * Thresholds of the alarms; `false` for no alarms.
   * @default - all alarms with their default thresholds
   */
  readonly alarms?: AlarmThresholds | false | undefined;

  /**
   * Whether there is a dashboard.
   * @default true
   */
  readonly dashboard?: boolean | undefined;

  /**
   * Whether Logs Insights queries are saved.
   * @default true
   */
  readonly queries?: boolean | undefined;
}

/** Props of a {@link ProxyMonitoring}. */
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
