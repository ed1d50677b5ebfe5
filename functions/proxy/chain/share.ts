/** What several plugins of an environment use together, such as the client of a table. */

/** @returns what stands under the key; `create` makes it when it is asked for the first time */
export type Share = <T>(key: string, create: () => T) => T;

/** Creates an empty store. Each key belongs to one kind of value: the types cannot tell. */
export function createShare(): Share {
  const made = new Map<string, unknown>();
  return <T>(key: string, create: () => T): T => {
    if (!made.has(key)) made.set(key, create());
    return made.get(key) as T;
  };
}
