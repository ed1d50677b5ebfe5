import type { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Measurements } from '../../functions/proxy/log/metrics.ts';
import type { SigningProxy } from '../proxy/signing-proxy.ts';

/** Names of the proxy's own metrics. The type follows from the metrics that the function writes. */
export type ProxyMetricName = keyof Measurements;

/** Names of the publisher's metrics. */
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

/**
 * A search expression that draws one line for each value of the last dimension, such as each route. It includes routes
 * that are added later.
 */
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

/**
 * A metric of Lambda itself. These cost nothing, and count requests that the proxy's code never sees: throttled and
 * crashed ones.
 */
export function toLambdaMetric(
  proxy: SigningProxy,
  metricName: 'UrlRequestCount' | 'Url4xxCount' | 'Url5xxCount' | 'Throttles' | 'Errors',
  period: Duration,
): Metric {
  return proxy.function.metric(metricName, { statistic: 'Sum', period });
}
