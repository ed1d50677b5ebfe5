/** Many generated cases over a few lanes, in chunks with a seed of their own: a chunk that fails can be run again alone. */
import fc from 'fast-check';

export interface CampaignOptions {
  readonly runs: number;
  readonly seed: number;
  /** Environments that work at the same time. */
  readonly lanes: number;
  /** No new chunk begins after this time. */
  readonly limitMs: number;
  /** Called after each chunk. */
  readonly onProgress?: (done: number) => void;
}

/** A lane's work: a property to be checked, and what it counted. */
export interface Worker<T> {
  readonly arbitrary: fc.Arbitrary<T>;
  /** @throws Finding */
  readonly check: (value: T) => Promise<void>;
  close(): Promise<void>;
}

export interface CampaignResult {
  readonly runs: number;
  /** Kind of outcome → how often it was seen. */
  readonly outcomes: Readonly<Record<string, number>>;
}

const chunkRuns = 1000;

/** @throws an Error with the chunk's seed and the smallest input that fails */
export async function runCampaign<T>(
  start: (count: (outcome: string) => void) => Promise<Worker<T>>,
  { runs, seed, lanes, limitMs, onProgress }: CampaignOptions,
): Promise<CampaignResult> {
  const outcomes: Record<string, number> = {};
  const count = (outcome: string) => {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  };
  const startedAt = Date.now();
  let begun = 0;
  let done = 0;
  let hasFailed = false;
  const work = async () => {
    const worker = await start(count);
    let isClosed = false;
    try {
      while (begun < runs && !hasFailed && Date.now() - startedAt < limitMs) {
        const numRuns = Math.min(chunkRuns, runs - begun);
        const chunkSeed = seed + begun / chunkRuns;
        begun += numRuns;
        await fc.assert(fc.asyncProperty(worker.arbitrary, worker.check), {
          seed: chunkSeed,
          numRuns,
          interruptAfterTimeLimit: 10 * 60_000,
        });
        done += numRuns;
        onProgress?.(done);
      }
      isClosed = true;
      await worker.close();
    } catch (error) {
      hasFailed = true;
      // What closing finds wrong comes from the failure that is reported.
      if (!isClosed) await worker.close().catch(() => undefined);
      throw error;
    }
  };
  const results = await Promise.allSettled(Array.from({ length: lanes }, work));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return { runs: done, outcomes: toSorted(outcomes) };
}

function toSorted(outcomes: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(outcomes).sort(([, a], [, b]) => b - a));
}
