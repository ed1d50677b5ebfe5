/** Which node of an upstream a request goes to, by each algorithm. */
import { chooseNode } from '../../functions/proxy/upstream/balance/choose.ts';
import { createConsistentHash } from '../../functions/proxy/upstream/balance/consistent-hash.ts';
import { createEwma } from '../../functions/proxy/upstream/balance/ewma.ts';
import { createHealth } from '../../functions/proxy/upstream/balance/health.ts';
import { createLeastConnections } from '../../functions/proxy/upstream/balance/least-connections.ts';
import type { Picker, Weighted } from '../../functions/proxy/upstream/balance/node.ts';
import { createRoundRobin } from '../../functions/proxy/upstream/balance/round-robin.ts';

const toNodes = (weights: Readonly<Record<string, number>>): Weighted[] =>
  Object.entries(weights).map(([name, weight]) => ({ name, weight, priority: 0 }));

const pickNames = (picker: Picker, nodes: readonly Weighted[], count: number) =>
  Array.from({ length: count }, () => picker.pick(nodes, '').name);

const countNames = (names: readonly string[]) => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

describe('roundrobin', () => {
  test.each([
    [{ a: 5, b: 1, c: 1 }, 'aabacaa'],
    [{ a: 1, b: 1, c: 1 }, 'abc'],
    [{ a: 4, b: 2, c: 1 }, 'abacaba'],
    [{ a: 2, b: 1 }, 'aba'],
  ])('spreads turns as nginx does: %j', (weights, expected) => {
    const nodes = toNodes(weights);
    const picker = createRoundRobin(nodes, () => 0);

    const names = pickNames(picker, nodes, 2 * expected.length);

    expect(names.join('')).toBe(expected.repeat(2));
  });

  test('any environment begins at some turn of the same order', () => {
    const nodes = toNodes({ a: 50, b: 10, c: 10 });
    const begun = Array.from({ length: 7 }, (_, turn) => {
      const picker = createRoundRobin(nodes, () => turn / 7 + 0.01);
      return pickNames(picker, nodes, 7).join('');
    });

    expect(begun[0]).toBe('aabacaa');
    expect(begun.map((order) => order[0]).join('')).toBe('aabacaa');
    for (const order of begun) expect(countNames([...order])).toEqual({ a: 5, b: 1, c: 1 });
  });

  test('huge weights take no more turns to begin with than small ones', () => {
    let turns = 0;
    const counted = toNodes({ a: 999_983, b: 999_979 }).map(({ name, priority, weight }) => ({
      ...{ name, priority },
      get weight() {
        turns += 1;
        return weight;
      },
    }));

    createRoundRobin(counted, () => 0.999);

    expect(turns).toBeLessThan(5000);
  });

  test('a node that is left out for a time does not get its turns back all at once', () => {
    const nodes = toNodes({ a: 1, b: 1 });
    const picker = createRoundRobin(nodes, () => 0);

    pickNames(picker, nodes.slice(0, 1), 50);

    expect(pickNames(picker, nodes, 4).join('')).toMatch(/^(ab|ba)(ab|ba)$/);
  });
});

describe('chash', () => {
  const keys = Array.from({ length: 3000 }, (_, index) => `key-${index}`);
  const pickAll = (nodes: readonly Weighted[]) => {
    const picker = createConsistentHash();
    return keys.map((key) => picker.pick(nodes, key).name);
  };

  test('a key goes to the same node in every environment, whatever the order of nodes', () => {
    const nodes = toNodes({ a: 1, b: 1, c: 1 });

    expect(pickAll([...nodes].reverse())).toEqual(pickAll(nodes));
  });

  test('when a node goes, only its own keys move, and they spread over the others', () => {
    const nodes = toNodes({ a: 1, b: 1, c: 1, d: 1 });
    const before = pickAll(nodes);
    const after = pickAll(nodes.filter(({ name }) => name !== 'b'));
    const moved = keys.flatMap((_, index) => (before[index] === after[index] ? [] : [index]));

    expect(moved.every((index) => before[index] === 'b')).toBe(true);
    const others = countNames(moved.map((index) => after[index] ?? ''));
    expect(Object.keys(others).sort()).toEqual(['a', 'c', 'd']);
    for (const count of Object.values(others)) expect(count).toBeGreaterThan(moved.length / 5);
  });

  test('a long key is read once, however many nodes there are', () => {
    const read: string[] = [];
    const picker = createConsistentHash((text) => {
      read.push(text);
      return [text.length, 1];
    });
    const key = 'k'.repeat(1_000_000);

    picker.pick(toNodes(Object.fromEntries([...'abcdefgh'].map((name) => [name, 1]))), key);

    expect(read.filter((text) => text === key)).toHaveLength(1);
  });

  test('keys spread by weight', () => {
    const { a = 0, b = 0 } = countNames(pickAll(toNodes({ a: 3, b: 1 })));

    expect(a / (a + b)).toBeGreaterThan(0.7);
    expect(a / (a + b)).toBeLessThan(0.8);
  });
});

describe('least_conn', () => {
  const begin = (weights: Readonly<Record<string, number>>) => {
    const nodes = toNodes(weights);
    const picker = createLeastConnections(createRoundRobin(nodes, () => 0));
    const send = () => {
      const { name } = picker.pick(nodes, '');
      picker.begin?.(name);
      return name;
    };
    return { picker, send };
  };

  test('a request goes to the node with the fewest under way', () => {
    const { picker, send } = begin({ a: 1, b: 1 });
    const first = send();
    const second = send();
    expect(new Set([first, second])).toEqual(new Set(['a', 'b']));

    picker.end?.(second);

    expect([send(), send()]).toContain(second);
    picker.end?.(first);
    picker.end?.(first);
    expect(send()).toBe(first);
  });

  test('a node of twice the weight has twice as many under way', () => {
    const { send } = begin({ a: 2, b: 1 });

    expect(countNames(Array.from({ length: 30 }, send))).toEqual({ a: 20, b: 10 });
  });

  test('among idle nodes the turns of roundrobin decide, so that no node has all requests', () => {
    const { picker, send } = begin({ a: 2, b: 1 });
    const names = Array.from({ length: 6 }, () => {
      const name = send();
      picker.end?.(name);
      return name;
    });

    expect(names.join('')).toBe('abaaba');
  });
});

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
