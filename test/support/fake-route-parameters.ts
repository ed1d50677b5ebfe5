/** An in-memory Parameter Store for the custom resource of routes. */
import type { Route, Tag } from '../../functions/create-route/event.ts';
import type { RouteParameters } from '../../functions/create-route/parameters.ts';

interface Stored {
  value: string;
  version: number;
  tags: Map<string, string>;
  description?: string;
}

export interface FakeRouteParameters extends RouteParameters {
  /** Every call: operation and name. */
  readonly calls: string[];
  /** Calls with these beginnings fail. */
  readonly failing: Set<string>;
  /** Writes a parameter as an operator does. */
  put(name: string, value: string, description?: string): void;
  /** Values by name. */
  list(): Readonly<Record<string, string>>;
  tagsOf(name: string): readonly Tag[];
}

export function createFakeRouteParameters(): FakeRouteParameters {
  const stored = new Map<string, Stored>();
  const calls: string[] = [];
  const failing = new Set<string>();
  const record = (call: string) => {
    calls.push(call);
    if ([...failing].some((start) => call.startsWith(start))) throw new Error('refused');
  };
  const toTags = (name: string) =>
    [...(stored.get(name)?.tags ?? [])].map(([Key, Value]) => ({ Key, Value }));
  return {
    ...{ calls, failing, tagsOf: toTags },
    put(name, value, description) {
      const { version = 0, tags = new Map() } = stored.get(name) ?? {};
      const more = description === undefined ? {} : { description };
      stored.set(name, { value, version: version + 1, tags, ...more });
    },
    list: () => Object.fromEntries([...stored].map(([name, { value }]) => [name, value])),
    read: async (names) => {
      record(`read ${names.join(' ')}`);
      const found = names.flatMap((name) => {
        const parameter = stored.get(name);
        return parameter ? [[name, { ...parameter }] as const] : [];
      });
      return new Map(found);
    },
    create: async ({ name, value }: Route, tags) => {
      record(`create ${name}`);
      if (stored.has(name)) return false;
      const own = new Map(tags.map(({ Key, Value }) => [Key, Value]));
      stored.set(name, { value, version: 1, tags: own });
      return true;
    },
    readTags: async (name) => {
      record(`readTags ${name}`);
      return toTags(name);
    },
    readDescription: async (name) => {
      record(`readDescription ${name}`);
      return stored.get(name)?.description;
    },
    addTags: async (name, tags) => {
      record(`addTags ${name}`);
      for (const { Key, Value } of tags) stored.get(name)?.tags.set(Key, Value);
    },
    removeTag: async (name, key) => {
      record(`removeTag ${name}`);
      stored.get(name)?.tags.delete(key);
    },
    delete: async (name) => {
      record(`delete ${name}`);
      stored.delete(name);
    },
  };
}
