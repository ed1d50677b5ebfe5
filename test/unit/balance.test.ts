/** Which node of an upstream a request goes to, by each algorithm. */
import { createConsistentHash } from '../../functions/proxy/upstream/balance/consistent-hash.ts';
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

    createRoundRobin(counted, () => 0.999).pick(counted, '');

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

  test('a key has the node that it had in earlier versions', () => {
    const picker = createConsistentHash();
    const nodes = toNodes({ a: 1, b: 1, c: 1, d: 1 });
    const names = [...'abcdefghijklmnopqrst'].map((key) => picker.pick(nodes, key).name);

    expect(names.join('')).toBe('dcbaadbbddcbcaccdbcc');
  });

  test('the name of a node is read once, and of equal nodes the first is chosen', () => {
    const read: string[] = [];
    const picker = createConsistentHash((text) => {
      read.push(text);
      return [1, 1];
    });
    const nodes = toNodes({ a: 1, b: 1 });

    expect([picker.pick(nodes, 'k').name, picker.pick(nodes, 'k').name]).toEqual(['a', 'a']);
    expect(read).toEqual(['k', 'a', 'b', 'k']);
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

  test('the counts are kept, whatever the turns are', () => {
    const candidates: string[] = [];
    const first: Picker = {
      pick: (nodes) => {
        candidates.push(nodes.map(({ name }) => name).join(''));
        return nodes[0] as (typeof nodes)[number];
      },
    };
    const picker = createLeastConnections(first);
    for (const name of ['a', 'a', 'b', 'c', 'c']) picker.begin?.(name);
    picker.pick(toNodes({ a: 2, b: 1, c: 1 }), '');
    picker.end?.('c');
    picker.end?.('c');
    picker.pick(toNodes({ a: 2, b: 1, c: 1 }), '');

    expect(candidates).toEqual(['ab', 'c']);
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
