import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { SigningProxy } from '../proxy/signing-proxy.ts';
import {
  type ProxyMetricName,
  type PublisherMetricName,
  toLambdaMetric,
  toProxyMetric,
  toSearch,
} from './proxy-metrics.ts';

/** Props of a {@link ProxyDashboard}. */
export interface ProxyDashboardProps {
  readonly proxy: SigningProxy;
  /** Shown at the top. */
  readonly alarms: readonly Alarm[];
}

const period = Duration.minutes(5);

/**
 * A dashboard of one page: whether the proxy works, which routes fail, and whether the proxy or an upstream causes the
 * failures.
 */
export class ProxyDashboard extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: ProxyDashboardProps) {
    super(scope, id);
    const { proxy, alarms } = props;
    this.dashboard = new Dashboard(this, 'Dashboard', { defaultInterval: Duration.hours(3) });
    if (alarms.length > 0) {
      this.dashboard.addWidgets(
        new AlarmStatusWidget({ alarms: [...alarms], width: 24, height: 2 }),
      );
    }
    this.dashboard.addWidgets(...toLambdaRow(proxy));
    if (proxy.metrics !== 'off') {
      this.dashboard.addWidgets(...toLatencyRow(proxy));
      this.dashboard.addWidgets(...toDocumentRow(proxy));
    }
    if (proxy.metrics === 'routes') this.dashboard.addWidgets(...toRouteRow(proxy));
  }
}

function toLambdaRow(proxy: SigningProxy): IWidget[] {
  const count = (name: Parameters<typeof toLambdaMetric>[1]) => toLambdaMetric(proxy, name, period);
  return [
    graph('Requests', [count('UrlRequestCount')]),
    graph('4xx, 5xx, throttled, cut or crashed', [
      count('Url4xxCount'),
      count('Url5xxCount'),
      count('Throttles'),
      count('Errors'),
    ]),
    ...(proxy.metrics === 'off'
      ? []
      : [graph('Errors of the proxy by code', [search(proxy, 'errors', 'Sum', 'error')])]),
  ];
}

function toLatencyRow(proxy: SigningProxy): IWidget[] {
  const of = (name: ProxyMetricName, statistic: string) =>
    toProxyMetric(proxy, name, { statistic, period, label: `${name} ${statistic}` });
  return [
    graph('Until the answer begins', [of('ttfbMs', 'p50'), of('ttfbMs', 'p99')], 'ms'),
    graph(
      'Of the upstream, and of the proxy',
      [
        of('upstreamMs', 'p50'),
        of('upstreamMs', 'p99'),
        of('addedMs', 'p50'),
        of('addedMs', 'p99'),
      ],
      'ms',
    ),
    graph('Bytes', [of('requestBytes', 'Sum'), of('responseBytes', 'Sum')], 'bytes'),
  ];
}

function toDocumentRow(proxy: SigningProxy): IWidget[] {
  const of = (name: ProxyMetricName | PublisherMetricName, statistic: string) =>
    toProxyMetric(proxy, name, { statistic, period });
  const changes = ['acceptedDocuments', 'refusedDocuments', 'deletedParameters'] as const;
  return [
    graph('Age of the routes', [of('tableAgeSeconds', 'Maximum')], 's'),
    graph('Documents not in force, and changes', [
      of('invalidDocuments', 'Maximum'),
      ...(proxy.publisher ? changes.map((name) => of(name, 'Sum')) : []),
    ]),
    graph('Cold starts', [of('coldStarts', 'Sum')]),
  ];
}

function toRouteRow(proxy: SigningProxy): IWidget[] {
  return [
    graph('Requests by route', [search(proxy, 'ttfbMs', 'SampleCount', 'route')]),
    graph('5xx by route', [search(proxy, 'serverErrors', 'Sum', 'route')]),
    graph('p99 by route', [search(proxy, 'ttfbMs', 'p99', 'route')], 'ms'),
  ];
}

function search(
  proxy: SigningProxy,
  name: ProxyMetricName,
  statistic: string,
  by: 'route' | 'error',
): IMetric {
  return toSearch(proxy, name, { statistic, by, period });
}

function graph(title: string, left: IMetric[], unit?: string): GraphWidget {
  const leftYAxis = { min: 0, showUnits: false, ...(unit && { label: unit }) };
  return new GraphWidget({ title, left, leftYAxis, width: 8, height: 6 });
}
