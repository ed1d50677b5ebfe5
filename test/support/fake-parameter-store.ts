/** Parameter Store in memory, as a ParameterReader. */
import type { Parameter, ParameterReader } from '../../functions/proxy/routes/parameters.ts';

export interface FakeParameterStore extends ParameterReader {
  /** Writes a new version. Objects are written as JSON. */
  put(name: string, value: unknown): void;
  remove(name: string): void;
  /** Makes every call fail from now on; undefined stops this. */
  fail(error: Error | undefined): void;
  failHistory(error: Error | undefined): void;
  readonly calls: string[];
}

export function createFakeParameterStore(root: string): FakeParameterStore {
  const versions = new Map<string, Parameter[]>();
  const calls: string[] = [];
  let modifiedMs = 0;
  let failure: Error | undefined;
  let historyFailure: Error | undefined;
  const newest = () => [...versions.values()].flatMap((list) => list.slice(-1));
  const note = (call: string, error: Error | undefined) => {
    calls.push(call);
    if (error) throw error;
  };
  return {
    calls,
    put(name, value) {
      const kept = versions.get(name) ?? [];
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      modifiedMs += 1;
      versions.set(name, [...kept, { name, value: text, version: kept.length + 1, modifiedMs }]);
    },
    remove(name) {
      versions.delete(name);
    },
    fail(error) {
      failure = error;
    },
    failHistory(error) {
      historyFailure = error;
    },
    async readTree(path) {
      note(`tree ${path}`, failure);
      return newest().filter(({ name }) => name.startsWith(`${root}/`));
    },
    async readHistory(name) {
      note(`history ${name}`, failure ?? historyFailure);
      return [...(versions.get(name) ?? [])].reverse();
    },
    async readNamed(names) {
      if (names.length > 0) note(`named ${names.join(' ')}`, failure);
      const found = newest().filter(({ name }) => names.includes(name));
      return new Map(found.map(({ name, value }) => [name, value]));
    },
  };
}
