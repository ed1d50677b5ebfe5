/** The global `jest`, as far as unit tests use it. */
import { ModernFakeTimers } from '@jest/fake-timers';

type Methods = Record<string, (...values: unknown[]) => unknown>;

/** @returns what stands for the global `jest` */
export function createFakes() {
  const config = { fakeTimers: {}, rootDir: process.cwd() } as never;
  const timers = new ModernFakeTimers({ config, global: globalThis });
  const restores: (() => void)[] = [];
  return {
    useFakeTimers: (options: Parameters<ModernFakeTimers['useFakeTimers']>[0]) =>
      timers.useFakeTimers(options),
    useRealTimers: () => timers.useRealTimers(),
    setSystemTime: (time: number) => timers.setSystemTime(time),
    advanceTimersByTimeAsync: (ms: number) => timers.advanceTimersByTimeAsync(ms),
    getTimerCount: () => timers.getTimerCount(),
    spyOn: (object: Methods, method: string) => {
      const spy = spyOn(object, method);
      restores.push(spy.mockRestore);
      return spy;
    },
    fn: (own: (...values: unknown[]) => unknown = () => undefined) => {
      const calls: unknown[][] = [];
      const call = (...values: unknown[]) => {
        calls.push(values);
        return own(...values);
      };
      return Object.assign(call, { mock: { calls } });
    },
    restoreAllMocks: () => {
      for (const restore of restores.splice(0)) restore();
    },
  };
}

function spyOn(object: Methods, method: string) {
  const calls: unknown[][] = [];
  const original = object[method];
  if (original === undefined) throw new Error(`there is no method ${method}`);
  object[method] = function (this: unknown, ...values: unknown[]) {
    calls.push(values);
    return original.apply(this, values);
  };
  const mockRestore = () => {
    object[method] = original;
  };
  return { mock: { calls }, mockRestore };
}
