/** A clock with virtual time. It calls waiting code in the order of time, without real pauses. */

/** A clock that advances when all code that could run has run. */
export interface VirtualClock {
  /** Milliseconds since the epoch, as `Date.now`. */
  readonly now: () => number;
  at(ms: number, run: () => void): void;
  sleep(ms: number): Promise<void>;
  /** Starts real work, such as gzip on another thread. Virtual time stands still until it ends. */
  begin(): void;
  end(): void;
  /** Runs until the clock has the time `ms`. */
  runUntil(ms: number): Promise<void>;
}

/** Waits during real work; virtual time continues meanwhile. */
export async function released<T>(
  promise: Promise<T>,
  clock: Pick<VirtualClock, 'begin' | 'end'>,
): Promise<T> {
  clock.end();
  try {
    return await promise;
  } finally {
    clock.begin();
  }
}

/** Does real work. Virtual time stands still, except for waits that are {@link released}. */
export async function standingStill<T>(
  work: () => Promise<T>,
  clock: Pick<VirtualClock, 'begin' | 'end'>,
): Promise<T> {
  clock.begin();
  try {
    return await work();
  } finally {
    clock.end();
  }
}

interface Alarm {
  readonly ms: number;
  /** Of two alarms for the same time, the one that was set first comes first. */
  readonly order: number;
  readonly run: () => void;
}

/** @param startMs time of the clock at the beginning */
export function createVirtualClock(startMs: number): VirtualClock {
  const alarms: Alarm[] = [];
  let nowMs = startMs;
  let order = 0;
  let working = 0;
  const settle = async () => {
    do await new Promise((resolve) => setImmediate(resolve));
    while (working > 0);
  };
  const clock: VirtualClock = {
    now: () => nowMs,
    at(ms, run) {
      order += 1;
      push(alarms, { ms: Math.max(nowMs, Math.ceil(ms)), order, run });
    },
    sleep: (ms) => new Promise((resolve) => clock.at(nowMs + ms, resolve)),
    begin() {
      working += 1;
    },
    end() {
      working -= 1;
    },
    async runUntil(ms) {
      await settle();
      for (let next = alarms[0]; next && next.ms <= ms; next = alarms[0]) {
        nowMs = next.ms;
        while (alarms[0]?.ms === nowMs) pop(alarms)?.run();
        await settle();
      }
      nowMs = ms;
    },
  };
  return clock;
}

function isBefore(a: Alarm, b: Alarm): boolean {
  return a.ms < b.ms || (a.ms === b.ms && a.order < b.order);
}

/** Adds to a binary heap, whose first item is the next alarm. */
function push(heap: Alarm[], alarm: Alarm): void {
  let at = heap.length;
  heap.push(alarm);
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above] as Alarm;
    if (!isBefore(alarm, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = alarm;
}

function pop(heap: Alarm[]): Alarm | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (heap.length > 0 && last) sink(heap, last);
  return first;
}

function sink(heap: Alarm[], alarm: Alarm): void {
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    const [a, b] = [heap[left], heap[left + 1]];
    const child = a && b && isBefore(b, a) ? left + 1 : left;
    const below = heap[child];
    if (!below || !isBefore(below, alarm)) break;
    heap[at] = below;
    at = child;
  }
  heap[at] = alarm;
}
