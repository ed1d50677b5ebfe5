/** Work on many bytes that leaves the event loop to requests in between. */
import type { Turn } from '../../http/background.ts';

/** Hashed or decrypted in a fifth of a millisecond. */
export const sliceBytes = 256 * 1024;

/** Bytes, and the turns that work on them takes. */
export interface Sliced {
  readonly bytes: Buffer;
  /** Awaited between two slices. */
  readonly turn: Turn;
}

/** Calls `work` with one slice after another. Between two of them, everything else that waits has its turn. */
export async function inSlices(
  { bytes, turn }: Sliced,
  work: (slice: Buffer) => void,
): Promise<void> {
  for (let start = 0; start < bytes.length; start += sliceBytes) {
    if (start > 0) await turn();
    work(bytes.subarray(start, start + sliceBytes));
  }
}
