/** How an SQS queue delivers messages to a Lambda function whose event source mapping has a batching window. */

export interface DeliveryOptions {
  /** How long a batch is gathered, from its first message on. */
  readonly windowMs: number;
  /** Maximum number of batches at a time. */
  readonly maxConcurrency: number;
  /** How long the function takes for a batch. */
  readonly runMs: number;
}

/** Gathers a batch, waits until the function has handled it, and begins anew. */
interface Slot {
  readonly batches: number[][];
  /** When the last batch goes to the function. */
  closesMs: number;
}

/**
 * Divides messages into batches. A slot that is free takes the next message, so there are as many batches as there can be.
 *
 * @param times when the messages arrive, in ms, in order
 * @returns for each slot its batches, one after the other; messages by their place in `times`
 */
export function toDeliveries(
  times: readonly number[],
  { windowMs, maxConcurrency, runMs }: DeliveryOptions,
): readonly (readonly (readonly number[])[])[] {
  const toSlot = (): Slot => ({ batches: [], closesMs: Number.NEGATIVE_INFINITY });
  const slots = Array.from({ length: maxConcurrency }, toSlot);
  for (const [message, timeMs] of times.entries()) {
    const [first] = slots.toSorted((one, other) => one.closesMs - other.closesMs);
    const gathering = slots.find(({ closesMs }) => closesMs > timeMs);
    const isFree = first !== undefined && first.closesMs + runMs <= timeMs;
    if (gathering && !isFree) gathering.batches.at(-1)?.push(message);
    else if (first) {
      first.batches.push([message]);
      first.closesMs = Math.max(timeMs, first.closesMs + runMs) + windowMs;
    }
  }
  return slots.map(({ batches }) => batches);
}
