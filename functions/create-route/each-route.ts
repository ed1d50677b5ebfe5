/** Processes routes one after the other. If one fails, the others are still processed. */
import { namesPerRead, type RouteParameters, type StoredRoute } from './parameters.ts';

export interface EachOptions {
  /** Whether the time is over, so that no other route may be started. */
  readonly isOver: () => boolean;
  readonly log: (outcome: string, parameter: string, reason?: string) => void;
}

interface Steps extends EachOptions {
  act(name: string, stored: StoredRoute | undefined): Promise<void>;
  /**
   * Errors that leave the route as it is and do not count as a failure.
   * @default none
   */
  isLeft?(error: unknown): error is Error;
}

/** Throws at the end if routes failed. The error names them, with the reasons. */
export async function forEachRoute(
  parameters: RouteParameters,
  names: readonly string[],
  { isOver, log, act, isLeft }: Steps,
): Promise<void> {
  const failures: string[] = [];
  const attempt = async (name: string, step: () => Promise<void>) => {
    try {
      if (isOver()) throw new Error('there was no time left for it');
      await step();
    } catch (error) {
      const reason = toReason(error);
      if (isLeft?.(error)) {
        log('left', name, reason);
        return;
      }
      log('failed', name, reason);
      failures.push(`${name}: ${reason}`);
    }
  };
  for (let start = 0; start < names.length; start += namesPerRead) {
    const batch = names.slice(start, start + namesPerRead);
    let reading: Promise<ReadonlyMap<string, StoredRoute>> | undefined;
    for (const name of batch) {
      await attempt(name, async () => {
        reading ??= parameters.read(batch);
        await act(name, (await reading).get(name));
      });
    }
  }
  if (failures.length === 0) return;
  throw new Error(`${failures.length} of ${names.length} routes failed. ${failures.join('; ')}`);
}

/** Some of Parameter Store's messages quote the value, and a document may contain secrets. */
function toReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.name}: ${withoutValue(error.message).slice(0, 300)}`;
}

function withoutValue(message: string): string {
  const [begin, end] = ["Value '", "' at '"];
  const from = message.indexOf(begin);
  const to = message.lastIndexOf(end);
  if (from === -1 || to < from) return message;
  return `${message.slice(0, from + begin.length)}…${message.slice(to)}`;
}
