/** How long a condition may take to come true: far more than it needs, so that only a hang fails. */
const patienceMs = 60_000;
const pauseMs = 20;

/** @returns the first value that is not undefined and not false; throws when there is none in time */
export async function eventually<T>(
  read: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const value = await read();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`not within ${patienceMs} ms: ${read}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
