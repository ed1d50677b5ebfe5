/** Lambda's event → what there is to do. */

/** A change of one parameter, as EventBridge tells of it. */
export interface Change {
  /** Absolute name of the parameter. */
  readonly name: string;
  readonly isDeletion: boolean;
  /** When the event was made, in epoch ms; undefined where it does not say. */
  readonly timeMs?: number | undefined;
  /** The SQS message that brought it, while it may come again. */
  readonly messageId?: string | undefined;
}

/** What one invocation of the publisher is for. */
export type Task =
  | { readonly kind: 'changes'; readonly changes: readonly Change[] }
  /** Secrets that documents refer to are read again: some of them rotate without an event. */
  | { readonly kind: 'secrets' }
  /** The whole tree is read. */
  | {
      readonly kind: 'everything';
      /** A deployment waits for it. @default false */
      readonly isDeployment?: boolean | undefined;
    };

/** What the schedule of every minute sends. */
export const secretsEvent = { countersign: 'secrets' } as const;

/** What a deployment sends. */
export const deploymentEvent = { countersign: 'deployment' } as const;

/** A change whose reading is older than its event comes again twice at most. */
const maxReceiveCount = 3;

/**
 * @param event an SQS batch of EventBridge events, one such event, {@link secretsEvent}, {@link deploymentEvent}, or
 * anything else, which asks for everything
 * @param root without trailing slash
 */
export function parseTask(event: unknown, root: string): Task {
  const { Records: records, source, countersign } = Object(event);
  if (Array.isArray(records)) {
    return { kind: 'changes', changes: records.flatMap((record) => parseRecord(record, root)) };
  }
  if (source === 'aws.ssm') return { kind: 'changes', changes: parseChange(event, root) };
  if (countersign === secretsEvent.countersign) return { kind: 'secrets' };
  return { kind: 'everything', isDeployment: countersign === deploymentEvent.countersign };
}

/** A message that is no JSON would come back for ever: it is left out. */
function parseRecord(record: unknown, root: string): Change[] {
  const { body, messageId, attributes } = Object(record);
  const isLast =
    Number(Object(attributes).ApproximateReceiveCount ?? maxReceiveCount) >= maxReceiveCount;
  const message = typeof messageId === 'string' && !isLast ? { messageId } : {};
  try {
    return parseChange(JSON.parse(String(body)), root).map((change) => ({ ...change, ...message }));
  } catch {
    return [];
  }
}

/** @returns nothing for what is no change of a parameter below the root; a label puts no value in force */
function parseChange(event: unknown, root: string): Change[] {
  const { source, detail, time } = Object(event);
  const { name, operation } = Object(detail);
  const isBelow = typeof name === 'string' && name.startsWith(`${root}/`);
  if (source !== 'aws.ssm' || !isBelow) return [];
  if (!['Create', 'Update', 'Delete'].includes(operation)) return [];
  const timeMs = Date.parse(String(time));
  return [
    { name, isDeletion: operation === 'Delete', ...(Number.isNaN(timeMs) ? {} : { timeMs }) },
  ];
}
