/** The one shape of a figure: a file in bench/figures, and a line in bench/run.ts. */
import type { Peer } from './peer.ts';
import type { Row } from './row.ts';

export interface Figure {
  readonly name: string;
  /** @param measured rows of the figures before it, for what is computed from them */
  measure(bench: Bench, measured: readonly Row[]): Promise<readonly Row[]>;
}

/** What every figure can use. */
export interface Bench {
  /** Path of the Node binary that is measured. */
  readonly node: string;
  readonly peer: Peer;
  readonly isQuick: boolean;
  /** Path of an aws-sigv4-proxy to compare with. */
  readonly sigv4Proxy: string | undefined;
  /** Paths of the built handlers. */
  readonly handlers: {
    readonly proxy: string;
    readonly empty: string;
    /** Undefined when its packages could not be installed. */
    readonly sdk: string | undefined;
  };
  /** What the proxy's process finds in its environment (DESIGN §5). */
  readonly env: Readonly<Record<string, string>>;
}

/** Runs every subject once a round, each round beginning with another one: drift and order hit all alike. */
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
