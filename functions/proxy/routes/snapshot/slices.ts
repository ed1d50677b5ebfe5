/** Work on many bytes that leaves the event loop to requests in between. */

/** Hashed or decrypted in a quarter of a millisecond. */
export const sliceBytes = 256 * 1024;

/** Calls `work` with one slice after another. Between two of them, everything else that waits has its turn. */
export async function inSlices(bytes: Buffer, work: (slice: Buffer) => void): Promise<void> {
  for (let start = 0; start < bytes.length; start += sliceBytes) {
    if (start > 0) await new Promise(setImmediate);
    work(bytes.subarray(start, start + sliceBytes));
  }
}
