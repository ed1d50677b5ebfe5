/** Small decisions about documents: how many faults are named, which plugin a name means, whose place a route takes. */
import {
  DocumentError,
  type DocumentIssue,
} from '../../functions/proxy/documents/document-error.ts';
import { maxIssues } from '../../functions/proxy/documents/schema.ts';
import { createConsumers } from '../../functions/proxy/routes/consumers.ts';
import { addInheritedSteps, addSteps, attempt } from '../../functions/proxy/routes/gathered.ts';
import { countMistakes, findMeantPlugin } from '../../functions/proxy/routes/meant-plugin.ts';
import { isOtherLife } from '../../functions/proxy/routes/other-life.ts';
import { createPlaceCount } from '../../functions/proxy/routes/place-count.ts';
import { toRoutePlace } from '../../functions/proxy/routes/route-place.ts';
import { thrownBy } from '../support/builders.ts';
import { toConsumer } from '../support/plugin-rig.ts';

const toIssues = (count: number): DocumentIssue[] =>
  Array.from({ length: count }, (_, index) => ({ pointer: `/${index}`, found: '', expected: '' }));

describe('the parts of a document', () => {
  const mostSteps = 20_000;

  /** @returns how many issues are kept, or the issues of the error that ends the reading */
  function run(known: number, patternSteps: number, error: Error) {
    const gathered = { pools: [], warnings: [], substituted: [], patternSteps };
    const issues = toIssues(known);
    const fail = () => {
      throw error;
    };
    try {
      attempt({ gathered, issues }, fail);
      return issues.length;
    } catch (thrown) {
      return thrown instanceof DocumentError ? thrown.issues : thrown;
    }
  }

  test('that are malformed are kept, up to as many as a person corrects at once', () => {
    const error = new DocumentError(toIssues(3));

    expect(run(0, mostSteps, error)).toBe(3);
    expect(run(maxIssues - 4, 0, error)).toBe(maxIssues - 1);
    expect(run(maxIssues - 3, 0, error)).toHaveLength(maxIssues);
    expect(run(maxIssues - 1, 0, error)).toHaveLength(maxIssues);
    expect(run(maxIssues, 0, error)).toBe(error.issues);
    expect(run(0, mostSteps + 1, error)).toBe(error.issues);
  });

  test('that fail by a bug end the reading', () => {
    const bug = new TypeError('a bug');

    expect(run(0, 0, bug)).toBe(bug);
  });

  test('have expressions of 20,000 steps at most', () => {
    const gathered = { pools: [], warnings: [], substituted: [], patternSteps: 1 };

    expect(() => addSteps(gathered, mostSteps - 1, '/x')).not.toThrow();
    expect(thrownBy(() => addSteps(gathered, 1, '/x'))).toMatchObject({
      issues: [{ pointer: '/x', found: '20001 with those before' }],
    });
  });

  test('have expressions of shared objects of as many steps more, which do not count for their own', () => {
    const gathered = { pools: [], warnings: [], substituted: [], patternSteps: mostSteps };

    addInheritedSteps(gathered, 2, '/x');
    addInheritedSteps(gathered, mostSteps - 2, '/x');
    expect(gathered.patternSteps).toBe(mostSteps);
    expect(thrownBy(() => addInheritedSteps(gathered, 1, '/x'))).toMatchObject({
      issues: [{ pointer: '/x', found: '20001 with those before' }],
    });
  });
});

test.each([
  ['key-auth', 'key-auth'],
  ['Key_Auth', 'key-auth'],
  ['KEY auth', 'key-auth'],
  ['keyath', 'key-auth'],
  ['kyeauth', 'key-auth'],
  ['kyeat', undefined],
  ['corsx', 'cors'],
  ['corrx', 'corr-x'],
  ['a-b', 'a-b'],
  ['ab', 'ab'],
  ['my-LDAP-thing', 'my-LDAP-thing'],
  ['proxy-cache', undefined],
  [`${'x'.repeat(36)}auth`, `${'x'.repeat(36)}auth`],
  [`${'x'.repeat(37)}auth`, undefined],
])('the name %s means the plugin %s', (name, expected) => {
  const names = ['key-auth', 'cors', 'corr-x', 'a-b', 'ab'];
  const registry = Object.fromEntries(names.map((known) => [known, async () => ({}) as never]));

  expect(findMeantPlugin(name, registry as never)).toBe(expected);
});

test.each([
  ['', 'abc', 3],
  ['abc', '', 3],
  ['kitten', 'sitting', 3],
  ['flaw', 'lawn', 2],
  ['same', 'same', 0],
])('from %j to %j there are %d mistakes', (one, other, count) => {
  expect(countMistakes(one, other)).toBe(count);
});

test.each([
  [{ version: 1 }, undefined, false],
  [{ version: 1 }, { version: 2 }, true],
  [{ version: 3 }, { version: 2 }, false],
  [{ version: 2, modifiedMs: 5 }, { version: 2, modifiedMs: 5 }, false],
  [{ version: 2, modifiedMs: 6 }, { version: 2, modifiedMs: 5 }, true],
  [{ version: 2, modifiedMs: 6 }, { version: 2, modifiedMs: undefined }, false],
  [{ version: 2, modifiedMs: undefined }, { version: 2, modifiedMs: 5 }, false],
  [{ version: 3, modifiedMs: 6 }, { version: 2, modifiedMs: 5 }, false],
])('%j behind %j is another life: %s', (now, seen, expected) => {
  expect(isOtherLife(now as never, seen as never)).toBe(expected);
});

describe('the places of a document', () => {
  const paths = (count: number, path: string) => Array(count).fill(path) as string[];
  const hosts = (count: number) => paths(count, 'h');

  test.each<[string, object, object, string]>([
    ['2000 pairs', { hosts: hosts(40), uris: paths(50, '/a') }, {}, '2001 with those before'],
    ['2000 pairs', { hosts: hosts(40), uris: paths(50, '/a/b') }, { uri: '/a/b' }, '2001 with'],
    ['4000 segments', { uris: paths(1000, '/a/b/c/d') }, {}, '4001 with those before'],
    ['4000 segments', { uris: paths(1999, '/a') }, { uri: '/a'.repeat(2002) }, '4001 with'],
    ['4000 segments of hosts', { hosts: hosts(500), uri: '/a/b/c/d/e/f/g/h' }, {}, '4001 with'],
  ])('are %s at most, of all its routes', (_, most, more, found) => {
    const count = createPlaceCount();
    count(most, '/0');

    const { issues } = thrownBy(() => count(more, '/1')) as { issues: readonly DocumentIssue[] };
    expect(issues[0]).toMatchObject({ pointer: '/1/uris', found: expect.stringContaining(found) });
    expect(issues[0]?.expected).toContain(found.startsWith('2001') ? 'pairs' : 'segments');
  });

  test.each([
    [{}, ['/'], [''], undefined],
    [{ uri: '/a', host: 'h' }, ['/a'], ['h'], undefined],
    [
      { uris: ['/a', '/b', '/a'], hosts: ['h', 'h'], methods: ['GET', 'PUT'] },
      ['/a', '/b'],
      ['h'],
      new Set(['GET', 'PUT']),
    ],
  ])('of %j are its paths, hosts and methods, each once', (document, uris, own, methods) => {
    const place = toRoutePlace({ priority: 7, ...document } as never);

    expect(place.uris.map(({ text }) => text)).toEqual(uris);
    expect([place.hosts, place.methods, place.priority]).toEqual([own, methods, 7]);
  });
});

describe('consumers', () => {
  const keyed = (name: string, key: string, parts: object = {}) => ({
    ...toConsumer(name, new Map([['key-auth', { key, settings: key }]])),
    ...parts,
  });
  const ofAnn = (key: string, parts: object = {}) =>
    keyed('ann', key, { credentialId: `c-${key}`, ...parts });

  test('with one name or one key are conflicts, of which the first wins', () => {
    const [ann, again, bob] = [keyed('ann', 'a'), keyed('ann', 'b'), keyed('bob', 'a')];
    const { conflicts, find } = createConsumers([ann, again, bob]);

    expect(conflicts).toEqual([
      { winner: ann, loser: again, over: 'username' },
      { winner: ann, loser: bob, over: 'key-auth' },
    ]);
    expect(find('key-auth', 'a')?.consumer).toBe(ann);
    expect(find('key-auth', 'b')).toBeUndefined();
  });

  test('come before credentials, which may be orphans', () => {
    const [ann, more, same] = [keyed('ann', 'a'), ofAnn('b'), ofAnn('a')];
    const orphan = keyed('zoe', 'z', { credentialId: 'c' });
    const { conflicts, orphans, find } = createConsumers([more, same, orphan, ann]);

    expect(find('key-auth', 'b')).toMatchObject({ consumer: ann, credentialId: 'c-b' });
    expect(find('key-auth', 'a')?.credentialId).toBeUndefined();
    expect(conflicts).toEqual([{ winner: ann, loser: same, over: 'key-auth' }]);
    expect(orphans).toEqual([orphan]);
  });

  test('reserve the names of their headers, however these are written', () => {
    const named = { ...keyed('ann', 'a'), identityHeaders: ['x_team', 'x-role'] };

    expect([...createConsumers([named]).reserved]).toEqual(['x-team', 'x-role']);
  });

  test('may share a user name by their credentials, and no consumer has it twice', () => {
    const named = (name: string, id: string) => ({
      ...toConsumer(name, new Map([['basic-auth', { key: 'u', settings: id }]])),
      credentialId: id,
    });
    const plain = ['ann', 'bob'].map((name) => toConsumer(name, new Map()));
    const [first, other, again] = [named('ann', 'a'), named('bob', 'b'), named('ann', 'c')];
    const { conflicts, findAll } = createConsumers([...plain, first, other, again]);

    expect(findAll('basic-auth', 'u').map(({ credentialId }) => credentialId)).toEqual(['a', 'b']);
    expect(conflicts).toEqual([{ winner: first, loser: again, over: 'basic-auth' }]);
  });

  test('or credentials that lack something let nobody in', () => {
    const off = { isAvailable: false };
    const { find, findByName } = createConsumers([
      ...[keyed('ann', 'a'), ofAnn('b', off), ofAnn('c')],
      ...[keyed('bob', 'd', off), keyed('bob', 'e', { credentialId: 'x' })],
    ]);

    expect(['a', 'b', 'c', 'd', 'e'].map((key) => find('key-auth', key) !== undefined)).toEqual([
      ...[true, false, true],
      ...[false, false],
    ]);
    expect([findByName('ann')?.username, findByName('bob')]).toEqual(['ann', undefined]);
  });
});
