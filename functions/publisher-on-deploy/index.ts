/**
 * Custom resource of CloudFormation that publishes: of the whole tree before a proxy serves, and of the routes that a stack
 * has created. It is the publisher with an answer to CloudFormation, in the same role.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { answer, type Outcome } from '../create-route/answer.ts';
import type { ResourceEvent } from '../create-route/event.ts';
import { readConfig } from '../proxy/config.ts';
import { withTimeLimit } from '../proxy/http/time.ts';
import { publishPatiently } from './publish-patiently.ts';
import { toReason } from './to-reason.ts';
import { toTaskEvent } from './to-task-event.ts';

/** What Lambda says of the invocation, as far as it is used. */
interface InvocationContext {
  getRemainingTimeInMillis(): number;
}

/** As `lib/publisher/deployed-snapshot.ts` writes it. */
interface SnapshotEvent extends Omit<ResourceEvent, 'ResourceProperties'> {
  readonly ResourceProperties: {
    readonly Uri: string;
    readonly Parameters?: readonly string[];
  };
}

const clock = { now: () => Date.now(), sleep: (ms: number) => sleep(ms) };
/** Left of the invocation to say that it did not come to an end. */
const reserveMs = 20_000;

export async function handler(event: SnapshotEvent, context: InvocationContext): Promise<void> {
  const deadline = clock.now() + context.getRemainingTimeInMillis() - reserveMs;
  const outcome = await run(event, deadline);
  // CloudFormation waits for an answer that does not come, so that every outcome is answered.
  await answer(event, outcome, clock);
}

async function run(event: SnapshotEvent, deadline: number): Promise<Outcome> {
  const { Uri, Parameters } = event.ResourceProperties;
  const PhysicalResourceId = event.PhysicalResourceId ?? (Parameters ? `${Uri}#created` : Uri);
  // The bucket's own end decides about the object.
  if (event.RequestType === 'Delete') return { Status: 'SUCCESS', PhysicalResourceId };
  try {
    await publish(toTaskEvent(Parameters), deadline);
    return { Status: 'SUCCESS', PhysicalResourceId };
  } catch (error) {
    const Reason = error instanceof Error ? error.message : String(error);
    return { Status: 'FAILED', PhysicalResourceId, Reason };
  }
}

async function publish(event: object, deadline: number): Promise<void> {
  // Here, so that a wrong variable is an answer as well: CloudFormation would wait for one.
  const publisher = await import('../publisher/index.ts');
  const { parameterPath: root, snapshot } = readConfig();
  const limitMs = deadline - clock.now();
  const seconds = Math.round(limitMs / 1000);
  let failure: unknown = new Error(`not done after ${seconds} s; the log says what was slow`);
  const tryOnce = () =>
    publisher.handler(event).catch((error: unknown) => {
      failure = error;
      throw error;
    });
  const onOver = () => {
    throw failure;
  };
  try {
    await withTimeLimit<unknown>(publishPatiently(tryOnce, { clock, deadline }), limitMs, onOver);
  } catch (error) {
    const { uri = 'nowhere', keyId } = snapshot ?? {};
    throw new Error(toReason(error, { root, uri, keyId }), { cause: error });
  }
}
