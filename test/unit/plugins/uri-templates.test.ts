// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables as documents write them.
/** URIs of documents: what each part of a template becomes. */
import * as v from 'valibot';
import { compileGroups, maxPathSize } from '../../../functions/proxy/documents/pattern-groups.ts';
import { compileRegexUri } from '../../../functions/proxy/plugins/regex-uri.ts';
import { compileAlternatives } from '../../../functions/proxy/plugins/request-condition.ts';
import { responseHeaders } from '../../../functions/proxy/plugins/response-headers.ts';
import { compileUri, type Uri } from '../../../functions/proxy/plugins/uri-template.ts';
import { codeThrownBy, thrownBy, toExchange, toRequest } from '../../support/builders.ts';

const written = ({ origin, path, query, fragment }: Uri) => [origin, path, query, fragment];
const asked = (path: string, query = '', host = 'own.example') =>
  toExchange({ request: toRequest({ path, query, host }) });

test.each<[string, string, string, string[]]>([
  ['/.$arg_x', '/', 'x=b', ['', '/.b', '', '']],
  ['/a?b=?c', '/', '', ['', '/a', 'b=?c', '']],
  ['/a/?../c', '/', '', ['', '/a/', '../c', '']],
  ['/a?b=../c#..', '/', '', ['', '/a', 'b=../c', '#..']],
  ['/a#bc', '/', '', ['', '/a', '', '#bc']],
  ['$request_uri&x=1', '/a', 'b=c', ['', '/a', 'b=c&x=1', '']],
  ['/a?$query_string', '/', 'b=c&d', ['', '/a', 'b=c&d', '']],
  ['/a/$args', '/', 'b=c&d', ['', '/a/b%3Dc%26d', '', '']],
  ['/a/$uri', '/b%2Fc', '', ['', '/a//b%2Fc', '', '']],
  ['/a?u=$uri', '/b%2Fc', '', ['', '/a', 'u=%2Fb%252Fc', '']],
  ['https://$host', '/', '', ['https://own.example', '', '', '']],
  ['https://x.example//y', '/', '', ['https://x.example', '//y', '', '']],
])('the template %s makes of %s and %s: %j', (text, path, query, expected) => {
  const toUri = compileUri(text, { pointer: '', mayHaveOrigin: true });

  expect(written(toUri(asked(path, query)))).toEqual(expected);
});

test('without an origin a number sign is a character, of the path or of the query', () => {
  const toUri = compileUri('/a#b?c#d', { pointer: '', mayHaveOrigin: false });

  expect(written(toUri(asked('/')))).toEqual(['', '/a%23b', 'c%23d', '']);
});

test('a path that begins with a group begins with a slash', () => {
  const toUri = compileUri('$1/', { pointer: '', mayHaveOrigin: false, groupCount: 1 });

  expect(toUri(asked('/'), ['', 'a']).path).toBe('/a/');
  expect(toUri(asked('/'), ['', '/a']).path).toBe('/a/');
  expect(toUri(asked('/'), ['', '//a']).path).toBe('/a/');
  const toGroup = compileUri('$1', { pointer: '', mayHaveOrigin: false, groupCount: 1 });
  expect(toGroup(asked('/'), ['', '']).path).toBe('/');
});

test.each(['a/b', 'a b', 'a@b', '', '[::1'])('%j is no host that a redirect may name', (host) => {
  const toUri = compileUri('https://$host/', { pointer: '', mayHaveOrigin: true });

  expect(codeThrownBy(() => toUri(asked('/', '', host)))).toBe('MALFORMED_REQUEST');
});

test.each([
  [true, ', or a URL that begins with its scheme and host'],
  [false, 'a path that begins with /:'],
])(
  'a template that begins otherwise is told what it may begin with: %s',
  (mayHaveOrigin, words) => {
    const error = thrownBy(() => compileUri('$arg_x', { pointer: '', mayHaveOrigin }));

    expect(String(error)).toContain(words);
  },
);

describe('what is around the find of an expression', () => {
  const replace = (expression: string, template: string, path: string, mayHaveOrigin = true) => {
    const options = { expression, template, mayHaveOrigin, countSteps() {} };
    const replaced = compileRegexUri({ ...options, pointers: ['', ''] }).replace(asked(path));
    return replaced && written(replaced.uri);
  };

  test.each<[string, string, string, string[]]>([
    ['^/old', '/new', '/old/x', ['', '/new/x', '', '']],
    ['^/old', '/new?a=1', '/old/x', ['', '/new', 'a=1/x', '']],
    ['^/old', '/new#f', '/old/x', ['', '/new', '', '#f/x']],
    ['^/old', '/new?a=1#f', '/old/x', ['', '/new', 'a=1', '#f/x']],
    ['^/old', 'https://h.example//new', '/old/x', ['https://h.example', '//new/x', '', '']],
    ['^/old', 'https://h.example', '/old/x', ['https://h.example', '/x', '', '']],
    ['hello', 'https://h.example', '/a/hello/b', ['', '/a/https://h.example/b', '', '']],
    ['hello', 'x#y', '/a/hello/b', ['', '/a/x%23y/b', '', '']],
    ['/a', 'b', '/a/', ['', '/b/', '', '']],
    ['x', '.', '/axb', ['', '/a.b', '', '']],
    ['a', '', '//a/b', ['', '/b', '', '']],
    ['^/test/(.*)', '/x?q=$1', '/test/%C3%A9', ['', '/x', 'q=%C3%A9', '']],
  ])('%s → %s, of the path %s: %j', (expression, template, path, expected) => {
    expect(replace(expression, template, path)).toEqual(expected);
  });

  test('makes no path unsafe', () => {
    expect(codeThrownBy(() => replace('x', '?y', '/a/..x'))).toBe('UNSAFE_PATH');
  });
});

test('an expression has as many steps as a path is searched for, and they are counted', () => {
  const counted: [number, string][] = [];
  const compile = (length: number) =>
    compileRegexUri({
      ...{ expression: `^${'x'.repeat(length)}`, template: '/', mayHaveOrigin: false },
      pointers: ['/a/0', '/a/1'],
      countSteps: (steps, pointer) => counted.push([steps, pointer]),
    });
  const rest = compileGroups('^x').size - 1;
  compile(maxPathSize - rest);

  expect(counted).toEqual([[maxPathSize, '/a/0']]);
  expect(String(thrownBy(() => compile(maxPathSize - rest + 1)))).toContain('at most 250 steps');
});

test('alternatives may name variables that only a plugin knows', () => {
  const more = new Map([['kind', () => 'a']]);
  const context = { pointer: '', countSteps() {}, findMore: (name: string) => more.get(name) };

  expect(compileAlternatives([[['kind', '==', 'a']]], context)(asked('/'))).toBe(true);
  expect(() => compileAlternatives([[['other', '==', 'a']]], context)).toThrow('a variable');
});

test.each<[unknown, string[]]>([
  [{ 'X-A': 'b', 'X-C': 1 }, []],
  [{ 'X-A': {} }, ['X-A']],
  [{ Connection: 'x' }, ['Connection']],
  [{ Connection: {} }, ['Connection']],
  [[], ['']],
])('of the headers %j are malformed: %j', (headers, expected) => {
  const { issues = [] } = v.safeParse(responseHeaders, headers);

  expect(issues.map((issue) => v.getDotPath(issue) ?? '')).toEqual(expected);
});
