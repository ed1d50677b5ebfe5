/** The events that invoke the publisher: changes in Parameter Store, in batches of one second, and two schedules. */
import { Duration } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { secretsEvent } from '../../functions/publisher/task.ts';
import { batching } from './batching.ts';

/** Props of {@link ChangeEvents}. */
export interface ChangeEventsProps {
  readonly parameterPath: string;
  readonly function: lambda.Function;
  readonly functionTimeout: Duration;
  readonly reconcileEvery: Duration;
}

/** Five attempts at a failing batch take an hour and a half. By then the schedule has published its changes. */
const maxReceiveCount = 5;

/** A rule for changes, with a queue and its dead-letter queue, and two schedules. They invoke the publisher. */
export class ChangeEvents extends Construct {
  readonly rule: Rule;
  readonly queue: Queue;
  /** The dead-letter queue: changes on which the publisher failed five times. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: ChangeEventsProps) {
    super(scope, id);
    const { function: publisher, parameterPath, functionTimeout, reconcileEvery } = props;
    const common = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
    this.deadLetters = new Queue(this, 'DeadLetters', {
      ...common,
      retentionPeriod: Duration.days(14),
    });
    this.queue = new Queue(this, 'Queue', {
      ...common,
      // AWS advises six times the function's timeout, so that no batch is received twice while Lambda is throttled.
      // Here a batch may be published twice without harm, and with AWS's value a failed batch would wait an hour and a
      // half for its next attempt.
      visibilityTimeout: functionTimeout.plus(Duration.minutes(1)),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount },
    });
    this.rule = new Rule(this, 'Rule', {
      description: `Changes of the documents below ${parameterPath}`,
      eventPattern: {
        source: ['aws.ssm'],
        detailType: ['Parameter Store Change'],
        detail: {
          name: [{ prefix: `${parameterPath}/` }],
          operation: ['Create', 'Update', 'Delete'],
        },
      },
      targets: [new SqsQueue(this.queue)],
    });
    publisher.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: batching.maxMessages,
        // What Parameter Store does not show yet comes again.
        reportBatchItemFailures: true,
        maxBatchingWindow: Duration.seconds(batching.windowSeconds),
        maxConcurrency: batching.maxConcurrency,
      }),
    );
    new Rule(this, 'Reconcile', {
      description: `All documents below ${parameterPath}, since events are delivered at best effort`,
      schedule: Schedule.rate(reconcileEvery),
      targets: [new LambdaFunction(publisher)],
    });
    new Rule(this, 'Secrets', {
      description: `Secrets of ${parameterPath}, since Secrets Manager rotates without an event`,
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(publisher, { event: RuleTargetInput.fromObject(secretsEvent) })],
    });
  }
}
