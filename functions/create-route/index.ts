/**
 * Custom resource of CloudFormation that creates route documents once. What exists is never written again, whoever
 * wrote it, and only what nobody has touched since and no other resource owns is deleted. Its role may not overwrite
 * either (`ssm:Overwrite`).
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
/** IAM tells all of AWS about a new policy within seconds, and at times within a minute. */
const propagationMs = 60_000;

/** Creates the routes of one resource, adds its owner tag, and releases them. */
export async function handler(event: ResourceEvent, context: InvocationContext): Promise<void> {
  const deadline = clock.now() + context.getRemainingTimeInMillis() - reserveMs;
  // What may not be deleted is left, at once: a policy that goes with the stack does not come back.
  const deniedMs = event.RequestType === 'Delete' ? 0 : propagationMs;
  const attempt = createPatience({ clock, deadline, deniedMs });
  const parameters = createRouteParameters(client, attempt);
  const isOver = () => clock.now() > deadline;
  const outcome = await handleEvent(event, { parameters, isOver, log });
  // CloudFormation waits for an answer that does not come, so that every outcome is answered.
  await answer(event, outcome, clock);
}

/** Neither the document nor the answer's URL: the one may hold secrets, the other is one. */
function log(outcome: string, parameter: string, reason?: string): void {
  process.stdout.write(`${JSON.stringify({ message: `route ${outcome}`, parameter, reason })}\n`);
}
