/** The type of a figure: a file in bench/figures, and a line in bench/run.ts. */
import type { Peer } from './peer.ts';
import type { Row } from './row.ts';

export interface Figure {
  readonly name: string;
  /** @param measured rows of earlier figures, for figures that are computed from them */
  measure(bench: Bench, measured: readonly Row[]): Promise<readonly Row[]>;
}

/** The inputs of every figure. */
export interface Bench {
  /** Path of the measured Node binary. */
  readonly node: string;
  readonly peer: Peer;
  readonly isQuick: boolean;
  /** Path of an aws-sigv4-proxy to compare with. */
  readonly sigv4Proxy: string | undefined;
  /** Paths of the built handlers. */
  readonly handlers: {
    readonly proxy: string;
    readonly empty: string;
    /** Undefined if its packages could not be installed. */
    readonly sdk: string | undefined;
  };
  /** Environment variables of the proxy's process. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Runs every subject once in each round. Each round begins with another subject, so that drift and order affect all
 * alike.
 */
export async function alternate<T extends object>(
  rounds: number,
  subjects: readonly T[],
  run: (subject: T, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < subjects.length; turn += 1) {
      const subject = subjects[(round + turn) % subjects.length];
      if (subject !== undefined) await run(subject, round);
    }
  }
}
