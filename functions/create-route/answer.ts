/** The response to CloudFormation. */
import type { ResourceEvent } from './event.ts';
import type { Clock } from './patience.ts';

/** Of an event, what an answer is made of. */
export type AnsweredEvent = Pick<
  ResourceEvent,
  'ResponseURL' | 'StackId' | 'RequestId' | 'LogicalResourceId'
>;

export interface Outcome {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly PhysicalResourceId: string;
  readonly Reason?: string;
}

const maxAttempts = 4;
/** CloudFormation takes answers of 4096 bytes, ids included. */
const maxReasonLength = 1000;

/** @throws Error if the response could not be sent; Lambda then runs the event again */
export async function answer(event: AnsweredEvent, outcome: Outcome, clock: Clock): Promise<void> {
  const body = toBody(event, outcome);
  for (let attempt = 1; ; attempt += 1) {
    try {
      // Bytes, because fetch gives texts a content type, and the URL is signed for none.
      const response = await fetch(event.ResponseURL, { method: 'PUT', body: Buffer.from(body) });
      if (response.ok) return;
      throw new Error(`CloudFormation answered ${response.status}`);
    } catch (error) {
      if (attempt === maxAttempts) throw error;
      await clock.sleep(attempt * 200);
    }
  }
}

function toBody({ StackId, RequestId, LogicalResourceId }: AnsweredEvent, outcome: Outcome) {
  const { Reason: reason, ...rest } = outcome;
  const isLong = reason !== undefined && reason.length > maxReasonLength;
  const shown = isLong ? `${reason.slice(0, maxReasonLength)}… (the log has all of it)` : reason;
  return JSON.stringify({ ...rest, Reason: shown, StackId, RequestId, LogicalResourceId });
}
