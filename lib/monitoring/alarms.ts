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
   * environment whose refreshes fail tries one every 5 minutes at least.
   * @default Duration.minutes(15)
   */
  readonly tableAge?: Duration | false;

  /**
   * Whether a document whose newest version is not in force is an alarm, as long as it is not.
   * @default true
   */
  readonly invalidDocument?: boolean;

  /**
   * Whether a run of the publisher that fails is an alarm.
   * @default true
   */
  readonly publisherFailure?: boolean;

  /**
   * Whether it is an alarm that no run of the publisher, which has one every minute, came to its end for 15 minutes.
   * @default true
   */
  readonly publisherSilence?: boolean;

  /**
   * Whether changes that the publisher failed on five times are an alarm, as long as they wait in the queue of those.
   * @default true
   */
  readonly lostChanges?: boolean;
}

/** How {@link ProxyAlarms} are built. */
export interface ProxyAlarmsProps extends AlarmThresholds {
  readonly proxy: SigningProxy;
  /**
   * Is told when an alarm goes off, and when it is over.
   * @default - nobody is told
   */
  readonly topic?: ITopic | undefined;
}

type AlarmChoice = Omit<AlarmProps, 'threshold' | 'comparisonOperator'> &
  Partial<Pick<AlarmProps, 'comparisonOperator'>>;

const period = Duration.minutes(5);

/** The alarms of one proxy. Those on its own metrics need metrics that are on. */
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
          'The publisher could not read documents, write the snapshot or tell of a change. Its log has the reason.',
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
        // The slowest of ten is no p99.
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
        // Without requests there are no data points, and the document stays invalid.
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
