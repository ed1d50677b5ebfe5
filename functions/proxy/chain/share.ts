/** What several plugins of an environment use together, such as the client of a table. */

/** @returns the value of the key; the first call for a key makes it with `create` */
export type Share = <T>(key: string, create: () => T) => T;

/** Creates an empty store. Each key belongs to one kind of value: the types cannot tell. */
export function createShare(): Share {
  const made = new Map<string, unknown>();
  return <T>(key: string, create: () => T): T => {
    if (!made.has(key)) made.set(key, create());
    return made.get(key) as T;
  };
}
