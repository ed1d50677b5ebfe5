/** How long a condition may take to come true: far more than it needs, so that only a hang fails. */
const patienceMs = 120_000;
const firstPauseMs = 5;
const maxPauseMs = 250;

/**
 * Reads again until there is a value. Each pause is half as long again as the one before it: reads cost CPU, most of all
 * those that send a request.
 *
 * @returns the first value that is not undefined and not false; throws when there is none in time
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
