/** The newest log lines of the local proxy, as CloudWatch Logs' FilterLogEvents returns them. */
import { fitsPattern } from './filter-pattern.ts';

/** The log group of the local proxy. */
export const LOCAL_LOG_GROUP = '/aws/lambda/countersign-proxy';

/** Lines beyond these are forgotten, oldest first. FilterLogEvents returns at most as many in a page. */
const maxLines = 10_000;

/** An error of CloudWatch Logs. */
export interface LogsError {
  readonly type: string;
  readonly message: string;
}

/** A log group on this machine. */
export interface LogGroup {
  write(line: string): void;
  /**
   * Answers `FilterLogEvents`. One page has all events.
   * @returns the events, or an error
   */
  filter(input: Readonly<Record<string, unknown>>): { readonly events: object[] } | LogsError;
}

/** Creates an empty log group. */
export function createLogGroup(now: () => number = Date.now): LogGroup {
  const events: { readonly eventId: string; timestamp: number; message: string }[] = [];
  let count = 0;
  return {
    write(message) {
      count += 1;
      events.push({ eventId: String(count), timestamp: now(), message });
      if (events.length > maxLines) events.shift();
    },
    filter({ logGroupName, filterPattern = '', startTime = 0 }) {
      if (logGroupName !== LOCAL_LOG_GROUP) {
        const message = `The specified log group does not exist: the local stack has ${LOCAL_LOG_GROUP}.`;
        return { type: 'ResourceNotFoundException', message };
      }
      try {
        const found = events.filter(
          ({ timestamp, message }) =>
            timestamp >= Number(startTime) && fitsPattern(message, String(filterPattern)),
        );
        return { events: found };
      } catch (error) {
        return { type: 'InvalidParameterException', message: (error as Error).message };
      }
    },
  };
}
