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
import type { Publisher } from '../publisher/publisher.ts';
import { toLambdaMetric, toProxyMetric } from './proxy-metrics.ts';

/** Thresholds of a proxy's alarms. `false` omits an alarm. docs/operations.md says what to do about each alarm. */
export interface AlarmThresholds {
  /**
   * Percentage of requests with a 5xx response, of the proxy or of the upstream, in two of three periods of 5 minutes.
   * @default 5
   */
  readonly serverErrorPercent?: number | false | undefined;

  /**
   * Minimum number of requests in 5 minutes for the percentage to count. One failure among two requests is not an
   * outage.
   * @default 20
   */
  readonly serverErrorLeastRequests?: number | undefined;

  /**
   * p99 of `ttfbMs`, in three consecutive periods of 5 minutes: one in 100 responses began later than this.
   * @default Duration.seconds(3)
   */
  readonly latencyP99?: Duration | false | undefined;

  /**
   * Number of requests in 5 minutes that Lambda refused with 429 because no environment was available.
   * @default 1
   */
  readonly throttles?: number | false | undefined;

  /**
   * Age of the route table that requests were answered with, in three consecutive periods of 5 minutes. An environment
   * whose refreshes fail tries again every 5 minutes or more often.
   * @default Duration.minutes(15)
   */
  readonly tableAge?: Duration | false | undefined;

  /**
   * Whether there is an alarm while the newest version of a document is not in force.
   * @default true
   */
  readonly invalidDocument?: boolean | undefined;

  /**
   * Whether there is an alarm when a run of the publisher fails.
   * @default true
   */
  readonly publisherFailure?: boolean | undefined;

  /**
   * Whether there is an alarm when no run of the publisher has finished for 15 minutes. One starts every minute.
   * @default true
   */
  readonly publisherSilence?: boolean | undefined;

  /**
   * Whether there is an alarm while the dead-letter queue contains changes, on which the publisher has failed five
   * times.
   * @default true
   */
  readonly lostChanges?: boolean | undefined;
}

/** Props of {@link ProxyAlarms}. */
export interface ProxyAlarmsProps extends AlarmThresholds {
  readonly proxy: SigningProxy;
  /**
   * Gets a message when an alarm starts and when it ends.
   * @default - no messages are sent
   */
  readonly topic?: ITopic | undefined;
}

type AlarmChoice = Omit<AlarmProps, 'threshold' | 'comparisonOperator'> &
  Partial<Pick<AlarmProps, 'comparisonOperator'>>;

const period = Duration.minutes(5);

/** The alarms of one proxy. Alarms on the proxy's own metrics require that these metrics are on. */
export class ProxyAlarms extends Construct {
  readonly alarms: readonly Alarm[];
  readonly #props: ProxyAlarmsProps;

  constructor(scope: Construct, id: string, props: ProxyAlarmsProps) {
    super(scope, id);
    this.#props = props;
    const own = props.proxy.metrics === 'off' ? [] : this.#addOwn();
    const { publisher } = props.proxy;
    const publishing = publisher ? this.#addPublisher(publisher) : [];
    this.alarms = [...this.#addLambda(), ...publishing, ...own].filter(
      (alarm) => alarm !== undefined,
    );
  }

  #addLambda(): (Alarm | undefined)[] {
    const { proxy, serverErrorPercent = 5, throttles = 1 } = this.#props;
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
    ];
  }

  #addPublisher({ function: own, events }: Publisher): (Alarm | undefined)[] {
    const { proxy, publisherFailure = true, publisherSilence = true } = this.#props;
    const { lostChanges = true } = this.#props;
    return [
      this.#add('PublisherFailures', publisherFailure && 1, {
        metric: own.metricErrors({ period }),
        alarmDescription:
          'A run of the publisher failed: it could not read documents, or not read or write the snapshot. Its log has the reason.',
        evaluationPeriods: 1,
      }),
      this.#add('PublisherSilence', publisherSilence && 1, {
        metric: toProxyMetric(proxy, 'publisherRuns', { statistic: 'Sum', period }),
        alarmDescription:
          'No run of the publisher comes to its end: edits are not in force. Its log, or its schedule, has the reason.',
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        evaluationPeriods: 3,
        treatMissingData: TreatMissingData.BREACHING,
      }),
      this.#add('LostChanges', lostChanges && 1, {
        metric: events.deadLetters.metricApproximateNumberOfMessagesVisible({
          statistic: 'Maximum',
          period,
        }),
        alarmDescription:
          'The publisher failed on a change five times. Its log has the reason; a schedule publishes what the change was about.',
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
        // The slowest of ten requests says nothing about the 99th percentile.
        evaluateLowSampleCountPercentile: 'ignore',
      }),
      this.#add('TableAge', tableAge !== false && tableAge.toSeconds(), {
        metric: toProxyMetric(proxy, 'tableAgeSeconds', { statistic: 'Maximum', period }),
        alarmDescription:
          'Requests are answered by old routes: the snapshot, or Parameter Store, cannot be read. The query "documents" has the reason.',
        evaluationPeriods: 3,
      }),
      this.#add('InvalidDocuments', invalidDocument && 1, {
        metric: toProxyMetric(proxy, 'invalidDocuments', { statistic: 'Maximum', period }),
        alarmDescription:
          'The newest version of a document is not in force, or not all of it. The query "documents" names it, and what answers 503.',
        evaluationPeriods: 1,
        // Without requests there are no data points, although the document is still invalid.
        treatMissingData: TreatMissingData.IGNORE,
      }),
    ];
  }

  #add(
    id: string,
    threshold: number | false,
    props: AlarmChoice & { readonly metric: IMetric },
  ): Alarm | undefined {
    if (threshold === false) return undefined;
    const alarm = new Alarm(this, id, {
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // A period without requests has no data points, and is not a failure.
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
