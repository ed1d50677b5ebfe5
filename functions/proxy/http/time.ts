/** The clock, and waiting with a limit. */

/** Wall clock in epoch ms. */
export type Clock = () => number;

/**
 * @param onOver what to do when the time is over: its value is the result, its error the rejection
 * @returns the promise's own result when that comes first; the promise itself goes on either way
 */
export async function withTimeLimit<T>(
  promise: Promise<T>,
  limitMs: number,
  onOver: () => T,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<T>((resolve, reject) => {
    timer = setTimeout(() => {
      try {
        resolve(onOver());
      } catch (error) {
        reject(error);
      }
    }, limitMs);
  });
  return Promise.race([promise, over]).finally(() => clearTimeout(timer));
}
