import type { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Measurements } from '../../functions/proxy/log/metrics.ts';
import type { SigningProxy } from '../proxy/signing-proxy.ts';

/** Names of the proxy's own metrics; the compiler knows those that the runtime makes. */
export type ProxyMetricName = keyof Measurements;

/** What the publisher counts. */
export type PublisherMetricName =
  | 'publisherRuns'
  | 'acceptedDocuments'
  | 'refusedDocuments'
  | 'deletedParameters';

interface MetricOptions {
  /** For example `p99`, `Sum`, `SampleCount`. */
  readonly statistic: string;
  readonly period: Duration;
  readonly label?: string;
}

const namespace = 'Countersign';

/** A metric of the proxy as a whole, or of its publisher. */
export function toProxyMetric(
  { parameterPath }: SigningProxy,
  metricName: ProxyMetricName | PublisherMetricName,
  options: MetricOptions,
): Metric {
  return new Metric({
    namespace,
    metricName,
    dimensionsMap: { proxy: parameterPath },
    ...options,
  });
}

/** One line for each value of the last dimension, such as each route, including routes that are added later. */
export function toSearch(
  { parameterPath }: SigningProxy,
  metricName: ProxyMetricName,
  { by, statistic, period }: MetricOptions & { readonly by: 'route' | 'error' },
): IMetric {
  const schema = `{${namespace},proxy,${by}}`;
  const search = `${schema} MetricName="${metricName}" proxy="${parameterPath}"`;
  return new MathExpression({
    expression: `SEARCH('${search}', '${statistic}', ${period.toSeconds()})`,
    usingMetrics: {},
    label: '',
    period,
  });
}

/** Lambda's own, which cost nothing and count what no code of the proxy can: throttled and crashed requests. */
export function toLambdaMetric(
  proxy: SigningProxy,
  metricName: 'UrlRequestCount' | 'Url4xxCount' | 'Url5xxCount' | 'Throttles' | 'Errors',
  period: Duration,
): Metric {
  return proxy.function.metric(metricName, { statistic: 'Sum', period });
}
