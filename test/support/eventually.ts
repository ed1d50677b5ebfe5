/** Maximum time for a condition. It is much longer than needed, so that only a hang fails. */
const patienceMs = 120_000;
const firstPauseMs = 5;
const maxPauseMs = 250;

/**
 * Reads repeatedly until there is a value. Each pause is 1.5 times as long as the last one, because reads cost CPU.
 * @returns the first value that is neither undefined nor false; throws if there is none in time
 */
export async function eventually<T>(
  read: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const end = Date.now() + patienceMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, maxPauseMs)) {
    const value = await read();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`not within ${patienceMs} ms: ${read}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
