import { createMatcher } from '../../functions/proxy/routes/create-matcher.ts';
import { hashName, toMethodNames, toMethodSet } from '../../functions/proxy/routes/match-index.ts';
import { codeThrownBy, toRequest, toRoute } from '../support/builders.ts';

const longest = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`;

test.each([
  ['api.example.com', '*.example.com', true],
  ['a.b.example.com', '*.example.com', true],
  ['example.com', '*.example.com', false],
  ['.example.com', '*.example.com', false],
  ['apiexample.com', '*.example.com', false],
  ['api-example.com', '*-example.com', false],
  [longest, longest, true],
  [`e${longest}`, `e${longest}`, false],
  ['', 'mutant', false],
])('the host %s is one of %s: %s', (host, name, isOne) => {
  const matcher = createMatcher([toRoute({ hosts: [name] })]);
  const match = () => matcher.match(toRequest({ host }));

  if (isOne) expect(match).not.toThrow();
  else expect(codeThrownBy(match)).toBe('NO_ROUTE');
});

test('a prefix inside a segment takes no segment that is shorter', () => {
  const matcher = createMatcher([
    toRoute({ id: 'long', uri: '/version*' }),
    toRoute({ id: 'short', uri: '/v*' }),
  ]);
  const match = (path: string) => matcher.match(toRequest({ path }));

  expect(match('/version2')).toMatchObject({ route: { id: 'long' }, rest: '2' });
  expect(match('/ver')).toMatchObject({ route: { id: 'short' }, rest: 'er' });
  expect(codeThrownBy(() => match('/'))).toBe('NO_ROUTE');
});

test('names are hashed as FNV-1a hashes them backwards', () => {
  // The published value of 'a', which begins with the published offset basis.
  expect(hashName('') >>> 0).toBe(0x811c9dc5);
  expect(hashName('a') >>> 0).toBe(0xe40c292c);
  expect(hashName('raboof') >>> 0).toBe(0xbf9cf968);
});

test('a method that no document may name is in no set', () => {
  expect(toMethodSet(['PROPFIND'])).toBe(0);
  expect(toMethodNames(toMethodSet(['PUT', 'PROPFIND', 'GET']))).toEqual(['GET', 'PUT']);
});
