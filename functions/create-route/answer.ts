/** The response to CloudFormation. */
import type { ResourceEvent } from './event.ts';
import type { Clock } from './patience.ts';

/** The members of an event that an answer needs. */
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
/** CloudFormation accepts answers of up to 4096 bytes, including ids. */
const maxReasonLength = 1000;

/** @throws Error if the response could not be sent; Lambda then runs the event again */
export async function answer(event: AnsweredEvent, outcome: Outcome, clock: Clock): Promise<void> {
  const body = toBody(event, outcome);
  for (let attempt = 1; ; attempt += 1) {
    try {
      // The body is bytes, because fetch adds a content type to text, and the URL is signed for a request without one.
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
