import { assertSafePath, findUnsafePath } from '../../functions/proxy/http/path.ts';
import { isUnsafe } from '../fuzz/path-reader.ts';
import { codeThrownBy } from '../support/builders.ts';

const dotSegments = [
  '/..',
  '/.',
  '/a/..',
  '/a/../b',
  '/a/./b',
  '/a/.',
  '/a/%2e%2e/b',
  '/open/.%09./secret',
  '/a/%2e%0a%2e',
  '/a/.%0D./b',
  '/a/%09..',
  '/a/..%20',
  '/a/..%20/b',
  '/a/%2E%2e',
  '/a/.%2e/b',
  '/a/%2e./b',
  '/a/%2e',
  '/a/..;/b',
  '/a/..;x=1/b',
  '/a/.;/b',
  '/a/..%3b/b',
  '/a/..%3Bx/b',
  '/a/%2e%2e;/b',
  '/a/%252e%252e/b',
  '/a/%25252e%25252e/b',
  '/a/..%2fb',
  '/a/..%2Fb',
  '/a%2f..%2fb',
  '/a/..%5cb',
  '/a%5c..%5cb',
  '/a/..%255cb',
  '/a/..%252fb',
  '/a\\..\\b',
  '/a/..\\b',
  '/a\\..',
  '/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '/a/%2%65%2e/b',
];

test.each(dotSegments)(
  '%s is refused, because a reader could take it for a dot segment',
  (path) => {
    expect(findUnsafePath(path)).toBe('the path holds a dot segment');
  },
);

test.each(['/a/..%3fx', '/a/..%3Fx=1', '/a/..%23x', '/a/%2e%2e%3f'])(
  '%s is refused, because a reader that decodes before it looks for ? or # sees a dot segment',
  (path) => {
    expect(findUnsafePath(path)).toBeDefined();
  },
);

test.each([
  '/a/%u002e%U002E/b',
  '/%u0061dmin',
  '/a/%25u002e',
  '/a/%c0%ae/b',
  '/a/%C1%A1',
  '/a/%e0%80%af',
  '/a/%E0%81%A1',
  '/a/%f0%80%80%ae',
  '/a/%25c0%25ae',
])('%s is refused, because a lenient reader decodes ASCII in it', (path) => {
  expect(findUnsafePath(path)).toMatch(/ASCII/);
  expect(isUnsafe(path)).toBe(true);
});

test.each([
  '/%u4f60',
  '/%u00e9',
  '/%u00',
  '/%c3%a9',
  '/%e0%b8%81',
  '/%c0x',
  '/%C0%20la',
  '/%f0%90%80%80',
])('%s is not refused, because no reader takes it for ASCII', (path) => {
  expect(findUnsafePath(path)).toBeUndefined();
  expect(isUnsafe(path)).toBe(false);
});

test.each(['/a%00b', '/%00', '/a/%2500', '/a\0b'])(
  '%j is refused, because a reader in C would stop at the NUL',
  (path) => {
    expect(findUnsafePath(path)).toBe('the path holds a NUL byte');
  },
);

test.each([
  '/',
  '//',
  '/a//b/',
  '/a..b',
  '/..a',
  '/a..',
  '/...',
  '/.well-known/x',
  '/a.b/c.d',
  '/file..txt',
  '/a%2fb',
  '/a%5Cb',
  '/a\\b',
  '/100%',
  '/%zz/%',
  '/a%20b',
  '/a;b=c/d',
  '/a;../b',
  '/%25',
  '/%2525',
  '/%FF%fe',
  "/!$&'()*+,;=:@-_~",
])('%s is left alone', (path) => {
  expect(findUnsafePath(path)).toBeUndefined();
});

test('a path that is still encoded after four decodings is refused', () => {
  expect(findUnsafePath('/%25252541')).toBeUndefined();
  expect(findUnsafePath('/%252525252541')).toBe(
    'the path is percent-encoded more than 4 times over',
  );
});

test('a dot segment at the very beginning is one too', () => {
  expect(findUnsafePath('..')).toBe('the path holds a dot segment');
});

test('a safe path is let through', () => {
  expect(() => assertSafePath('/a/b')).not.toThrow();
});

test('a refused path is the code UNSAFE_PATH', () => {
  expect(codeThrownBy(() => assertSafePath('/..'))).toBe('UNSAFE_PATH');
});

test('a long path of nested encodings costs a few passes, not one for each layer', () => {
  // Prepare: 200,000 layers of encoding around one dot
  const path = `/${'%25'.repeat(200_000)}2e`;

  // Act: no more calls of replace than decodings, whatever the length
  const replace = jest.spyOn(String.prototype, 'replace');
  const reason = findUnsafePath(path);
  const passes = replace.mock.calls.length;
  replace.mockRestore();

  // Assess
  expect(reason).toBeUndefined();
  expect(passes).toBeLessThanOrEqual(5);
});

test('what is told at a glance is what reading the path again and again tells', () => {
  const pieces = ['%', '2', '5', 'e', '.', '0', '/', '%65', '%32', '%2E', 'a'];
  const differing: string[] = [];
  const visit = (path: string, rest: number) => {
    if ((findUnsafePath(path) !== undefined) !== isUnsafe(path)) differing.push(path);
    if (rest > 0) for (const piece of pieces) visit(path + piece, rest - 1);
  };
  visit('/', 4);

  expect(differing).toEqual([]);
});
