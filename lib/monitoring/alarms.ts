import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { SigningProxy } from '../proxy/signing-proxy.ts';
import type { DocumentGuard } from './document-guard.ts';
import { toLambdaMetric, toProxyMetric } from './proxy-metrics.ts';

/** When a proxy's alarms go off; `false` leaves one out. docs/operations.md says what to do for each. */
export interface AlarmThresholds {
  /**
   * Percentage of requests that were answered with a 5xx, whoever made it, in two of three periods of 5 minutes.
   * @default 5
   */
  readonly serverErrorPercent?: number | false;

  /**
   * Requests in 5 minutes below which the percentage is not looked at: one of two is no outage.
   * @default 20
   */
  readonly serverErrorLeastRequests?: number;

  /**
   * 99 of 100 answers began sooner: p99 of `ttfbMs`, in three periods of 5 minutes one after the other.
   * @default Duration.seconds(3)
   */
  readonly latencyP99?: Duration | false;

  /**
   * Requests in 5 minutes that Lambda turned away with 429 for want of an environment.
   * @default 1
   */
  readonly throttles?: number | false;

  /**
   * Age of the routes that requests were answered by, in three periods of 5 minutes one after the other. An
   * environment that Parameter Store throttles reads it every 5 minutes at least.
   * @default Duration.minutes(15)
   */
  readonly tableAge?: Duration | false;

  /**
   * Whether a document whose newest version is not in force is an alarm, as long as it is not.
   * @default true
   */
  readonly invalidDocument?: boolean;

  /**
   * Whether a failure of the document guard itself is an alarm.
   * @default true
   */
  readonly guardFailure?: boolean;
}

/** How {@link ProxyAlarms} are built. */
export interface ProxyAlarmsProps extends AlarmThresholds {
  readonly proxy: SigningProxy;
  /** @default - none, and no alarm about it */
  readonly guard?: DocumentGuard | undefined;
  /**
   * Is told when an alarm goes off, and when it is over.
   * @default - nobody is told
   */
  readonly topic?: ITopic | undefined;
}

const period = Duration.minutes(5);

/** The alarms of one proxy. Those on its own metrics need metrics that are on. */
export class ProxyAlarms extends Construct {
  readonly alarms: readonly Alarm[];
  readonly #props: ProxyAlarmsProps;

  constructor(scope: Construct, id: string, props: ProxyAlarmsProps) {
    super(scope, id);
    this.#props = props;
    const own = props.proxy.metrics === 'off' ? [] : this.#addOwn();
    this.alarms = [...this.#addLambda(), ...own].filter((alarm) => alarm !== undefined);
  }

  #addLambda(): (Alarm | undefined)[] {
    const {
      proxy,
      guard,
      serverErrorPercent = 5,
      throttles = 1,
      guardFailure = true,
    } = this.#props;
    return [
      this.#add('ServerErrors', serverErrorPercent, {
        metric: toServerErrorPercent(proxy, this.#props.serverErrorLeastRequests ?? 20),
        alarmDescription: `At least this percentage of answers are 5xx. The query "errors by code" has the reasons.`,
        evaluationPeriods: 3,
        datapointsToAlarm: 2,
      }),
      this.#add('Throttles', throttles, {
        metric: toLambdaMetric(proxy, 'Throttles', period),
        alarmDescription:
          'Lambda answers 429: the reserved concurrency or the account has no more environments.',
        evaluationPeriods: 1,
      }),
      guard &&
        this.#add('GuardFailures', guardFailure && 1, {
          metric: guard.function.metricErrors({ period }),
          alarmDescription:
            'The document guard could not read a change or tell of it. Its log has the reason.',
          evaluationPeriods: 1,
        }),
    ];
  }

  #addOwn(): (Alarm | undefined)[] {
    const { proxy, invalidDocument = true } = this.#props;
    const { latencyP99 = Duration.seconds(3), tableAge = Duration.minutes(15) } = this.#props;
    return [
      this.#add('Latency', latencyP99 !== false && latencyP99.toMilliseconds(), {
        metric: toProxyMetric(proxy, 'ttfbMs', { statistic: 'p99', period }),
        alarmDescription:
          'Answers begin late. The query "slowest routes" tells the upstreams from the proxy.',
        evaluationPeriods: 3,
        // The slowest of ten is no p99.
        evaluateLowSampleCountPercentile: 'ignore',
      }),
      this.#add('TableAge', tableAge !== false && tableAge.toSeconds(), {
        metric: toProxyMetric(proxy, 'tableAgeSeconds', { statistic: 'Maximum', period }),
        alarmDescription:
          'Requests are answered by old routes: Parameter Store cannot be read. The query "documents" has the reason.',
        evaluationPeriods: 3,
      }),
      this.#add('InvalidDocuments', invalidDocument && 1, {
        metric: toProxyMetric(proxy, 'invalidDocuments', { statistic: 'Maximum', period }),
        alarmDescription:
          'The newest version of a document is not in force, or not all of it. The query "documents" names it, and what answers 503.',
        evaluationPeriods: 1,
        // Without requests there are no data points, and the document stays invalid.
        treatMissingData: TreatMissingData.IGNORE,
      }),
    ];
  }

  #add(
    id: string,
    threshold: number | false,
    props: Omit<AlarmProps, 'threshold' | 'comparisonOperator'> & { readonly metric: IMetric },
  ): Alarm | undefined {
    if (threshold === false) return undefined;
    const alarm = new Alarm(this, id, {
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // No traffic is no trouble.
      treatMissingData: TreatMissingData.NOT_BREACHING,
      threshold,
      ...props,
    });
    const { topic } = this.#props;
    if (topic) {
      const action = new SnsAction(topic);
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
    return alarm;
  }
}

function toServerErrorPercent(proxy: SigningProxy, minRequests: number): MathExpression {
  return new MathExpression({
    expression: `IF(requests >= ${minRequests}, 100 * FILL(failed, 0) / requests, 0)`,
    usingMetrics: {
      requests: toLambdaMetric(proxy, 'UrlRequestCount', period),
      failed: toLambdaMetric(proxy, 'Url5xxCount', period),
    },
    label: '5xx, % of requests',
    period,
  });
}
