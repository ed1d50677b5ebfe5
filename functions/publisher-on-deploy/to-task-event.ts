/** What the publisher is sent: without names the whole tree is asked for. */
import { deploymentEvent } from '../publisher/task.ts';

/** @returns an event as EventBridge and SQS bring it (functions/publisher/task.ts) */
export function toTaskEvent(parameters: readonly string[] | undefined): object {
  if (parameters === undefined) return deploymentEvent;
  const Records = parameters.map((name) => ({
    body: JSON.stringify({ source: 'aws.ssm', detail: { name, operation: 'Create' } }),
  }));
  return { Records };
}
