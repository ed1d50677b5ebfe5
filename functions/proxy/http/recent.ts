/** A bounded memory of what clients name. */

/** A map that forgets its oldest entries rather than grow without end. */
export interface Recent<T> {
  get(name: string): T | undefined;
  /** Makes the entry the newest. */
  set(name: string, value: T): void;
}

/** Counters take some 200 bytes each: 2 MB a limit, however many addresses and headers a flood makes up. */
const maxNames = 10_000;

/** Creates a map that forgets its least recently written entry beyond a maximum number of entries. */
export function createRecent<T>(max = maxNames): Recent<T> {
  const entries = new Map<string, T>();
  return {
    get: (name) => entries.get(name),
    set(name, value) {
      entries.delete(name);
      entries.set(name, value);
      if (entries.size <= max) return;
      const [oldest] = entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
    },
  };
}
