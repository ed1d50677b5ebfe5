/** What the publisher is sent: nothing asks for the whole tree, names ask for those parameters. */

/** @returns an event as EventBridge and SQS bring it (functions/publisher/task.ts) */
export function toTaskEvent(parameters: readonly string[] | undefined): object {
  if (parameters === undefined) return {};
  const Records = parameters.map((name) => ({
    body: JSON.stringify({ source: 'aws.ssm', detail: { name, operation: 'Create' } }),
  }));
  return { Records };
}
