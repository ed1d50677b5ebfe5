import fc from 'fast-check';
import { redirect } from '../../../functions/proxy/plugins/transformation/redirect.ts';
import { headersOf, thrownBy, toServices } from '../../support/builders.ts';
import { preparePlugin, runPlugin, verdictOf } from '../../support/plugin-rig.ts';

type Request = NonNullable<NonNullable<Parameters<typeof runPlugin>[2]>['request']>;

async function locationOf(config: unknown, request: Request): Promise<string | undefined> {
  const { response } = await runPlugin(redirect, config, { request });
  return response && headersOf(response.headers, 'location')[0];
}

describe('the Location of a uri', () => {
  test.each<[string, Request, string]>([
    ['/test/add', { path: '/hello' }, '/test/add'],
    ['$uri/test/add', { path: '/hello' }, '/hello/test/add'],
    [`$uri/test/a\${arg_name}c`, { path: '/hello', query: 'name=json' }, '/hello/test/ajsonc'],
    ['/foo$$uri', { path: '/hello' }, '/foo$/hello'],
    ['/foo\\$uri', { path: '/hello' }, '/foo$uri'],
    ['/a/$arg_x/b', { path: '/hello' }, '/a//b'],
    [`/a/\${arg_x ?? none}/b`, { path: '/hello' }, '/a/none/b'],
    [
      'https://$host$request_uri',
      { path: '/hello', query: 'a=b' },
      'https://proxy.example.com/hello?a=b',
    ],
    ['https://$host:8443$uri', { path: '/x' }, 'https://proxy.example.com:8443/x'],
    ['https://example.com/foo/bar', { path: '/hello' }, 'https://example.com/foo/bar'],
    ['https://example.com?from=$uri', { path: '/a/b' }, 'https://example.com?from=%2Fa%2Fb'],
    ['/new?$args', { query: 'a=1&b=2' }, '/new?a=1&b=2'],
    ['/login?next=$request_uri', { path: '/a', query: 'b=c&d' }, '/login?next=%2Fa%3Fb%3Dc%26d'],
    ['/a#$arg_part', { query: 'part=x%20y' }, '/a#x%20y'],
    ['/grün weiß', {}, '/gr%C3%BCn%20wei%C3%9F'],
    ['//cdn.example.com/x', {}, '//cdn.example.com/x'],
  ])('%s for %j is %s', async (uri, request, location) => {
    expect(await locationOf({ uri }, request)).toBe(location);
  });

  test.each<[string, Request, string]>([
    ['$uri/x', { path: '//evil.example/y' }, '/evil.example/y/x'],
    ['$request_uri', { path: '///evil.example' }, '/evil.example'],
    ['$request_uri', { path: '/\\evil.example' }, '/%5Cevil.example'],
    ['/$arg_next', { query: 'next=/evil.example' }, '/%2Fevil.example'],
    ['/$arg_next', { query: 'next=%5Cevil.example' }, '/%5Cevil.example'],
    ['/x?y=$arg_y', { query: 'y=1%26admin%3Dtrue%23f' }, '/x?y=1%26admin%3Dtrue%23f'],
    ['/x/$arg_y', { query: 'y=%0D%0ASet-Cookie:%20a=b' }, '/x/%0D%0ASet-Cookie%3A%20a%3Db'],
  ])('a client does not choose where %s leads: %j', async (uri, request, location) => {
    expect(await locationOf({ uri }, request)).toBe(location);
  });

  it('a value that would leave the path is refused', async () => {
    const parts = { request: { query: 'x=..' } };

    expect(await verdictOf(redirect, { uri: 'https://example.com/app/$arg_x/y' }, parts)).toBe(
      'UNSAFE_PATH',
    );
  });

  test.each([
    ['$arg_next', 'a client must not choose where it leads'],
    ['$http_x_next/a', 'a client must not choose where it leads'],
    ['https://$arg_tenant.example.com/', 'a client must not choose it'],
    ['https://example.com$arg_x', 'a client must not choose it'],
    ['https://user@example.com/', 'a host name'],
    ['https://example.com\\@evil.example/', 'a host name'],
    ['javascript:alert(1)', 'a path that begins with /'],
    ['test/x', 'a path that begins with /'],
    ['/x/$bad_var', 'no variable bad_var'],
    ['/x/$1', 'no variable 1'],
  ])('the uri %s is refused', (uri, words) => {
    const error = thrownBy(() => preparePlugin(redirect, { uri }));

    expect(String(error)).toContain('at /plugins/it/uri');
    expect(String(error)).toContain(words);
  });
});

describe('the Location of a regex_uri', () => {
  const toThree = ['^/test/(.*)/(.*)/(.*)', '/$1-$2-$3'];

  test.each<[string[], Request, string]>([
    [toThree, { path: '/test/a/b/c' }, '/a-b-c'],
    [['^/test/(.*)', `http://test.com/\${1}`], { path: '/test/hello' }, 'http://test.com/hello'],
    [['^/test/(.*)', '/$1?q=$1'], { path: '/test/a&b' }, '/a&b?q=a%26b'],
    [['^/old', '/new'], { path: '/old/x' }, '/new/x'],
    [['hello', 'world'], { path: '/a/hello/b' }, '/a/world/b'],
    [['^/(\\w+)$', '/x?id=$arg_id&name=$1'], { path: '/ann', query: 'id=7' }, '/x?id=7&name=ann'],
    [['^/test/(.*)', '/$1'], { path: '/test/a%2Fb%20c%C3%A9' }, '/a%2Fb%20c%C3%A9'],
    [['^/test/(.*)', '/$1'], { path: '/test//evil.example' }, '/evil.example'],
    [['^/test/(.*)', '/$1'], { path: '/test/\\evil.example' }, '/%5Cevil.example'],
    [['^/test(.*)', '/$1'], { path: '/test//evil.example' }, '/evil.example'],
    [['^/test(/.*)$', '$1'], { path: '/test/evil' }, '/evil'],
    [['^/(.*)$', '$1'], { path: '/javascript:alert(1)' }, '/javascript:alert(1)'],
    [
      ['^/old', 'https://example.com'],
      { path: '/old.evil.example/x' },
      'https://example.com/.evil.example/x',
    ],
    [
      ['^/old', 'https://example.com'],
      { path: '/old@evil.example' },
      'https://example.com/@evil.example',
    ],
    [
      ['^/old', 'https://$host'],
      { path: '/old.evil.example', host: 'a.example' },
      'https://a.example/.evil.example',
    ],
    [
      ['^/old', 'https://example.com?a=b'],
      { path: '/old.evil.example' },
      'https://example.com?a=b.evil.example',
    ],
    [['^/x|/old', 'https://example.com'], { path: '/a/old.b' }, 'https://example.com/a.b'],
  ])('%j for %j is %s', async (regex_uri, request, location) => {
    expect(await locationOf({ regex_uri }, request)).toBe(location);
  });

  it('a path without the expression goes on to the upstream', async () => {
    const parts = { request: { path: '/other' } };

    expect(await verdictOf(redirect, { regex_uri: toThree }, parts)).toBe('passed');
  });

  it('a path that takes too long to be searched is refused', async () => {
    const parts = { request: { path: `/test/${'a/'.repeat(4000)}` } };

    expect(await verdictOf(redirect, { regex_uri: toThree }, parts)).toBe('MALFORMED_REQUEST');
  });

  test.each([
    [['^/(.*)', 'https://$1.example.com/'], '/regex_uri/1', 'a client must not choose it'],
    [['^/(.*)', '/$2'], '/regex_uri/1', 'no group 2: the expression has 1'],
    [['(', '/x'], '/regex_uri/0', 'RE2 syntax'],
    [['(?=x)', '/x'], '/regex_uri/0', 'RE2 syntax'],
    [['^/x{300}', '/x'], '/regex_uri/0', 'at most 250 steps'],
    [['^/a'], '/regex_uri', 'two texts'],
    [['^/a', '/b', '^/c', '/d'], '/regex_uri', 'two texts'],
  ])('%j is refused', (regex_uri, place, words) => {
    const error = thrownBy(() => preparePlugin(redirect, { regex_uri }));

    expect(String(error)).toContain(`at /plugins/it${place}`);
    expect(String(error)).toContain(words);
  });
});

test('whatever the path is, the answer leads to a path of the same host', async () => {
  const templates = ['$uri/x', '$request_uri', '/$arg_n', '/a$uri'];
  const bit = fc.constantFrom(
    '/',
    '\\',
    '%5C',
    '%2F',
    'evil.example',
    '@',
    ':',
    '?',
    '#',
    '%09',
    'x',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(bit), fc.constantFrom(...templates), async (bits, uri) => {
      const request = {
        path: `/${bits.join('').replaceAll(/[?#]/g, '')}`,
        query: `n=${bits.join('').replaceAll(/[&;#]/g, '')}`,
      };
      const location = await locationOf({ uri }, request);

      expect(new URL(String(location), 'https://own.example/').host).toBe('own.example');
    }),
    { numRuns: 300 },
  );
});

describe('other attributes', () => {
  test.each([
    [{ uri: '/x', append_query_string: true }, '/x?a=1'],
    [{ uri: '/x?b=2', append_query_string: true }, '/x?b=2&a=1'],
    [{ uri: '/x', encode_uri: true }, '/x'],
  ])('%j', async (config, location) => {
    expect(await locationOf(config, { query: 'a=1' })).toBe(location);
  });

  it('the status is 302 unless the document says another one', async () => {
    const ofDefault = await runPlugin(redirect, { uri: '/x' });
    const ofOwn = await runPlugin(redirect, { uri: '/x', ret_code: 308 });

    expect([ofDefault.response?.status, ofOwn.response?.status]).toEqual([302, 308]);
  });

  it('http_to_https redirects nothing, because every request comes over HTTPS', async () => {
    expect(await verdictOf(redirect, { http_to_https: true })).toBe('passed');
    expect(await verdictOf(redirect, { http_to_https: false })).toBe('passed');
    expect(await locationOf({ http_to_https: false, uri: '/x' }, {})).toBe('/x');
  });

  test.each([
    [{ http_to_https: true }, 1],
    [{ http_to_https: false }, 0],
  ])('%j is told %d times', (config, count) => {
    const services = toServices();
    redirect.prepare(config, services, { pointer: '', written: config });

    expect(services.warnings).toHaveLength(count);
  });

  test.each([
    [{}, 'one of http_to_https, uri and regex_uri'],
    [{ uri: '/x', regex_uri: ['a', '/b'] }, 'one of'],
    [{ uri: '/x', http_to_https: true }, 'one of'],
    [{ uri: '/x', regex_uri: ['a', '/b'], http_to_https: false }, 'one of'],
    [{ http_to_https: true, append_query_string: true }, 'not both'],
    [{ uri: '/x', ret_code: 199 }, '200'],
  ])('%j is refused', (config, words) => {
    expect(String(thrownBy(() => preparePlugin(redirect, config)))).toContain(words);
  });
});
