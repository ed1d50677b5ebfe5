/**
 * How the queue hands changes to the publisher. All runs replace the same object, so more of them at a time would only wait for
 * each other.
 */
export const batching = { maxMessages: 1000, windowSeconds: 1, maxConcurrency: 2 } as const;
