/** Which node of an upstream is chosen: by its times, by its health and priority, and where there is none. */
import { chooseNode } from '../../functions/proxy/upstream/balance/choose.ts';
import { createConsistentHash } from '../../functions/proxy/upstream/balance/consistent-hash.ts';
import { createEwma } from '../../functions/proxy/upstream/balance/ewma.ts';
import { createHealth } from '../../functions/proxy/upstream/balance/health.ts';
import type { Picker, Weighted } from '../../functions/proxy/upstream/balance/node.ts';
import { createRoundRobin } from '../../functions/proxy/upstream/balance/round-robin.ts';

const toNodes = (weights: Readonly<Record<string, number>>): Weighted[] =>
  Object.entries(weights).map(([name, weight]) => ({ name, weight, priority: 0 }));

describe('ewma', () => {
  const begin = (names: string) => {
    let nowMs = 0;
    const draws: number[] = [];
    const picker = createEwma(
      () => nowMs,
      () => draws.shift() ?? 0,
    );
    const nodes = toNodes(Object.fromEntries([...names].map((name) => [name, 1])));
    return {
      picker,
      wait: (ms: number) => {
        nowMs += ms;
      },
      pick: (...chance: number[]) => {
        draws.push(...chance);
        return picker.pick(nodes, '').name;
      },
    };
  };

  test('of two nodes that are drawn, the faster one is chosen', () => {
    const { picker, pick } = begin('abc');
    picker.measure?.('a', { tookMs: 100, hasFailed: false });
    picker.measure?.('b', { tookMs: 20, hasFailed: false });
    picker.measure?.('c', { tookMs: 50, hasFailed: false });

    expect(pick(0, 0)).toBe('b');
    expect(pick(0.4, 0)).toBe('b');
    expect(pick(0, 0.9)).toBe('c');
    expect(pick(0.9, 0)).toBe('c');
  });

  test('a node that fails fast is no fast node', () => {
    const { picker, pick } = begin('ab');
    picker.measure?.('a', { tookMs: 1, hasFailed: true });
    picker.measure?.('b', { tookMs: 300, hasFailed: false });

    expect([pick(0, 0), pick(0.9, 0)]).toEqual(['b', 'b']);
  });

  test('what was measured long ago counts no more', () => {
    const { picker, pick, wait } = begin('ab');
    picker.measure?.('a', { tookMs: 5000, hasFailed: false });
    wait(120_000);
    picker.measure?.('b', { tookMs: 100, hasFailed: false });

    expect([pick(0, 0), pick(0.9, 0)]).toEqual(['a', 'a']);
  });

  test('an average is weighted by its age', () => {
    const { picker, pick, wait } = begin('ab');
    picker.measure?.('a', { tookMs: 100, hasFailed: false });
    wait(10_000);
    // 100/e of the first, and the rest of the second: 163 ms.
    picker.measure?.('a', { tookMs: 200, hasFailed: false });
    picker.measure?.('b', { tookMs: 160, hasFailed: false });
    expect(pick(0, 0)).toBe('b');
    picker.measure?.('b', { tookMs: 10_000, hasFailed: false });
    wait(5000);
    picker.measure?.('b', { tookMs: 176, hasFailed: false });

    // Now 166 ms, beside 163 ms of five seconds ago.
    expect([pick(0, 0), pick(0.9, 0)]).toEqual(['a', 'a']);
  });

  test('what was measured at the same time counts once, and what was measured lately nearly whole', () => {
    const { picker, pick } = begin('ab');
    picker.measure?.('a', { tookMs: 100, hasFailed: false });
    picker.measure?.('a', { tookMs: 200, hasFailed: false });
    picker.measure?.('b', { tookMs: 150, hasFailed: false });
    expect([pick(0, 0), pick(0.9, 0)]).toEqual(['a', 'a']);
    const other = begin('ab');
    other.picker.measure?.('a', { tookMs: 100, hasFailed: false });
    other.wait(1000);
    // Beside 90 ms that are left of a.
    other.picker.measure?.('b', { tookMs: 80, hasFailed: false });

    expect([other.pick(0, 0), other.pick(0.9, 0)]).toEqual(['b', 'b']);
  });

  test('of equally fast nodes the one that was drawn first is chosen', () => {
    expect([begin('ab').pick(0, 0), begin('ab').pick(0.9, 0)]).toEqual(['a', 'b']);
  });

  test('the only node is chosen', () => {
    expect(begin('a').pick(0.7, 0.7)).toBe('a');
  });
});

describe('the choice for one request', () => {
  const passive = {
    healthy: { http_statuses: [200], successes: 2 },
    unhealthy: { http_statuses: [503], http_failures: 1, tcp_failures: 1, timeouts: 1 },
  };
  const begin = (nodes: readonly Weighted[]) => {
    const health = createHealth(passive, () => 0);
    const state = { picker: createRoundRobin(nodes, () => 0), health };
    const run = (tries: number) => {
      const tried = new Set<Weighted>();
      return Array.from({ length: tries }, () => {
        const node = chooseNode(state, { nodes, tried, key: '' });
        tried.add(node);
        return node.name;
      });
    };
    return { health, run };
  };

  test('each try goes to a node that has not had the request, then to any', () => {
    const { run } = begin(toNodes({ a: 9, b: 1, c: 1 }));

    const names = run(5);

    expect(new Set(names.slice(0, 3))).toEqual(new Set(['a', 'b', 'c']));
    expect(names).toHaveLength(5);
  });

  test('nodes of a lower priority are for requests that the higher ones have failed', () => {
    const { run, health } = begin([
      { name: 'spare', weight: 100, priority: -1 },
      { name: 'a', weight: 1, priority: 0 },
      { name: 'b', weight: 1, priority: 0 },
    ]);
    expect(run(3)[2]).toBe('spare');

    health.report('a', 'timeouts');
    health.report('b', 503);

    expect(run(1)).toEqual(['spare']);
  });

  test('a node that rests is not chosen, unless all of them rest', () => {
    const { run, health } = begin(toNodes({ a: 1, b: 1 }));
    health.report('a', 'tcp_failures');
    expect([...run(1), ...run(1), ...run(1)]).toEqual(['b', 'b', 'b']);

    health.report('b', 'tcp_failures');

    expect(new Set([...run(1), ...run(1)])).toEqual(new Set(['a', 'b']));
  });
});

test('where all nodes rest, a try goes to one that has not had the request', () => {
  const [a, b] = toNodes({ a: 1, b: 1 }) as [Weighted, Weighted];
  const health = { isResting: () => true, report() {} };
  const picker: Picker = { pick: (nodes) => nodes[0] as (typeof nodes)[number] };

  const choose = (...tried: Weighted[]) =>
    chooseNode({ picker, health }, { nodes: [a, b], tried: new Set(tried), key: '' });

  expect([choose(), choose(a), choose(a, b)]).toEqual([a, b, a]);
});

test.each([
  ['roundrobin', createRoundRobin([], () => 0.9)],
  ['chash', createConsistentHash()],
  [
    'ewma',
    createEwma(
      () => 0,
      () => 0,
    ),
  ],
])('%s does not choose among no nodes', (_, picker) => {
  expect(() => picker.pick([], '')).toThrow('no node to choose');
  expect(() =>
    chooseNode({ picker, health: undefined }, { nodes: [], tried: new Set<Weighted>(), key: '' }),
  ).toThrow('without nodes');
});
