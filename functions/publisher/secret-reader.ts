/** The values of the secrets that documents name: paced, and so many a run and no more. */
import type { Clock } from '../proxy/http/time.ts';
import { createNamedReader } from '../proxy/routes/named-reader.ts';

/** What a reading knows of secrets. */
export interface SecretReading {
  readonly values: ReadonlyMap<string, string>;
  /** Names that were left for a later reading. What was published of them stays. */
  readonly unknown: ReadonlySet<string>;
}

/** Reads secrets, and remembers the ones that it may not read. Its functions throw when Parameter Store does not answer. */
export interface SecretReader {
  /** Reads what some documents name. */
  read(names: readonly string[]): Promise<SecretReading>;
  /** Reads what all documents name, or a part of it that is another one each minute. */
  poll(names: readonly string[]): Promise<SecretReading>;
  /** Has secrets read again that could not be read: they changed. */
  forget(names: readonly string[]): void;
}

/** How secrets are read. */
export interface SecretReaderOptions {
  /** One call, of at most ten names. */
  readonly readBatch: (names: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly now: Clock;
}

/** Secrets that one poll reads: a hundred calls of Parameter Store. */
const maxPolled = 1000;
const minuteMs = 60_000;

/** Creates a reader. A name that is refused costs a few calls once, and one call in some minutes afterwards. */
export function createSecretReader({ readBatch, now }: SecretReaderOptions): SecretReader {
  const named = createNamedReader({ readBatch, now });
  const toReading = (
    names: readonly string[],
    { values, undecided, failure }: Awaited<ReturnType<typeof named.readAll>>,
  ): SecretReading => {
    if (failure !== undefined) throw failure;
    const known = names.flatMap((name) => {
      const value = values.get(name);
      return value === undefined || undecided.has(name) ? [] : [[name, value] as const];
    });
    return { values: new Map(known), unknown: undecided };
  };
  return {
    read: async (names) => toReading(names, await named.readMore(names)),
    async poll(names) {
      const part = selectPart(names, Math.floor(now() / minuteMs));
      const { values, unknown } = toReading(part, await named.readAll(part, names));
      const isRead = new Set(part);
      const left = names.filter((name) => !isRead.has(name));
      return { values, unknown: new Set([...unknown, ...left]) };
    },
    forget: named.forget,
  };
}

/** @returns as many names as one poll may read; each has its turn */
export function selectPart(names: readonly string[], turn: number): readonly string[] {
  const parts = Math.ceil(names.length / maxPolled);
  if (parts < 2) return names;
  const start = (turn % parts) * maxPolled;
  return names.slice(start, start + maxPolled);
}
