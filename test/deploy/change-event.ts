/** The event of a change in Parameter Store, taken to the deployed queue: the emulator's Parameter Store sends none. */
import { strict as assert } from 'node:assert';
import { AwsClient } from 'aws4fetch';
import { LOCAL_REGION } from '../../local/stack/credentials.ts';
import { credentials } from './cloud.ts';

export interface Change {
  /** Begins the names of the stack's rules. */
  readonly stack: string;
  /** Of the parameter. */
  readonly name: string;
  readonly operation: 'Create' | 'Update' | 'Delete';
}

interface DeployedRule {
  readonly Name: string;
  readonly EventPattern?: string;
}

/**
 * Does what EventBridge does: compares the event with the pattern of the deployed rule, and sends it to the rule's target. From
 * there on it is the emulator's work: its queue invokes the deployed publisher.
 */
export async function deliverChange(url: string, { stack, ...detail }: Change): Promise<void> {
  const events = createCall(url, { service: 'events', target: 'AWSEvents', version: '1.1' });
  const sqs = createCall(url, { service: 'sqs', target: 'AmazonSQS', version: '1.0' });
  const { Rules } = await events<{ Rules: DeployedRule[] }>('ListRules', { NamePrefix: stack });
  const [rule, ...others] = Rules.filter(({ EventPattern }) => EventPattern !== undefined);
  assert.ok(rule && others.length === 0, `${Rules.length} rules, expected one with a pattern`);
  const event = JSON.stringify(toEvent(detail));
  const input = { EventPattern: rule.EventPattern, Event: event };
  const { Result } = await events<{ Result: boolean }>('TestEventPattern', input);
  assert.ok(Result, `${rule.EventPattern} does not match ${event}`);
  const { Targets } = await events<{ Targets: { Arn: string }[] }>('ListTargetsByRule', {
    Rule: rule.Name,
  });
  const QueueName = Targets[0]?.Arn.split(':').at(-1);
  const { QueueUrl } = await sqs<{ QueueUrl: string }>('GetQueueUrl', { QueueName });
  await sqs('SendMessage', { QueueUrl, MessageBody: event });
}

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html */
function toEvent(detail: Omit<Change, 'stack'>): object {
  return {
    ...{ version: '0', id: '6a7e4feb-b491-4cf7-a9f1-bf3703467718', account: '000000000000' },
    ...{ 'detail-type': 'Parameter Store Change', source: 'aws.ssm', region: LOCAL_REGION },
    ...{ time: '2026-11-28T06:00:00Z', resources: [], detail: { ...detail, type: 'String' } },
  };
}

interface Service {
  readonly service: string;
  /** Prefix of the operation in `x-amz-target`. */
  readonly target: string;
  readonly version: string;
}

function createCall(url: string, { service, target, version }: Service) {
  const aws = new AwsClient({ ...credentials, service, region: LOCAL_REGION, retries: 0 });
  return async <T>(operation: string, input: object): Promise<T> => {
    const headers = {
      'content-type': `application/x-amz-json-${version}`,
      'x-amz-target': `${target}.${operation}`,
    };
    const body = JSON.stringify(input);
    const response = await aws.fetch(`${url}/`, { method: 'POST', headers, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${operation} answers ${response.status} ${text}`);
    return JSON.parse(text || '{}') as T;
  };
}
