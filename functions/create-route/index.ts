/**
 * Custom resource of CloudFormation that creates route documents once. It never overwrites an existing parameter. It
 * deletes a parameter only if it is unchanged and no other resource owns it. A policy also denies its role to
 * overwrite (`ssm:Overwrite`).
 */
import { setTimeout } from 'node:timers/promises';
import { SSMClient } from '@aws-sdk/client-ssm';
import { answer } from './answer.ts';
import type { ResourceEvent } from './event.ts';
import { handleEvent } from './handler.ts';
import { createRouteParameters } from './parameters.ts';
import { createPatience } from './patience.ts';

/** The part of Lambda's context object that is used. */
interface InvocationContext {
  getRemainingTimeInMillis(): number;
}

// Attempts are counted in one place only (patience.ts).
const client = new SSMClient({ maxAttempts: 1 });
const clock = { now: Date.now, sleep: (ms: number) => setTimeout(ms) };

/** Time that is reserved to report that the work did not finish. */
const reserveMs = 20_000;
/** A new IAM policy takes effect after seconds, and sometimes after a minute. */
const propagationMs = 60_000;

/** Creates the routes of one resource, adds its owner tag, and releases them. */
export async function handler(event: ResourceEvent, context: InvocationContext): Promise<void> {
  const deadline = clock.now() + context.getRemainingTimeInMillis() - reserveMs;
  // A deletion does not wait for permissions: a policy that is deleted with the stack does not come back.
  const deniedMs = event.RequestType === 'Delete' ? 0 : propagationMs;
  const attempt = createPatience({ clock, deadline, deniedMs });
  const parameters = createRouteParameters(client, attempt);
  const isOver = () => clock.now() > deadline;
  const outcome = await handleEvent(event, { parameters, isOver, log });
  // Every outcome is answered, because CloudFormation would wait for an hour otherwise.
  await answer(event, outcome, clock);
}

/** Logs neither the document, which may contain secrets, nor the answer's URL, which is a secret. */
function log(outcome: string, parameter: string, reason?: string): void {
  process.stdout.write(`${JSON.stringify({ message: `route ${outcome}`, parameter, reason })}\n`);
}
