import { readMethodAndPath, readRequest } from '../../functions/proxy/event.ts';
import { ProxyError } from '../../functions/proxy/http/errors.ts';
import { thrownBy, toEvent } from '../support/builders.ts';

const read = (event: unknown) => readRequest(event, 'request-1');

test('path and query are the raw ones, never the decoded copies', () => {
  const event = toEvent({ rawPath: '/a%20b/%C3%A4', rawQueryString: 'a=2&a=1&flag&x=%FF' });
  expect(read(event)).toMatchObject({
    id: 'request-1',
    path: '/a%20b/%C3%A4',
    query: 'a=2&a=1&flag&x=%FF',
  });
});

test.each([
  ['/a b', 'x=1+2&y=%2b#', '/a b?x=1+2&y=%2b#'],
  ['', '', '/'],
])('the target %j with %j is kept as it arrived', (rawPath, rawQueryString, target) => {
  expect(read(toEvent({ rawPath, rawQueryString })).target).toBe(target);
});

test('peer, protocol and host come from the event', () => {
  const headers = { Host: 'Proxy.Example.COM:8443' };
  expect(read(toEvent({ headers }))).toMatchObject({
    sourceIp: '192.0.2.7',
    protocol: 'HTTP/1.1',
    host: 'proxy.example.com:8443',
  });
});

test('without a Host header the domain name of the event is the host', () => {
  expect(read(toEvent({ headers: {} })).host).toBe('proxy.lambda-url.eu-west-1.on.aws');
});

test.each([
  ['get', 'GET'],
  ['PROPFIND', 'PROPFIND'],
  ['M-SEARCH', 'M-SEARCH'],
])('the method %s is %s', (method, expected) => {
  expect(read(toEvent({ method })).method).toBe(expected);
});

test.each([
  ['', '/'],
  ['/a b', '/a%20b'],
  ['/ä', '/%C3%A4'],
])('the raw path %j is read as %j', (rawPath, expected) => {
  expect(read(toEvent({ rawPath })).path).toBe(expected);
});

test('a raw question mark in the path can not begin the query on the request line', () => {
  // Prepare: no function URL sends one, but what is signed as a path must be sent as a path
  const event = toEvent({ rawPath: '/a?b' });

  // Act
  const path = () => read(event).path;

  // Assess: refused, or encoded
  const outcome = (() => {
    try {
      return path();
    } catch (error) {
      return (error as ProxyError).code;
    }
  })();
  expect(['/a%3Fb', 'MALFORMED_REQUEST', 'UNSAFE_PATH']).toContain(outcome);
});

test.each([
  ['is absent', {}, ''],
  ['is null', { body: null }, ''],
  ['is empty', { body: '' }, ''],
  ['is empty and called base64', { body: '', isBase64Encoded: true }, ''],
  ['is text', { body: 'λ=1' }, 'cebb3d31'],
  ['is text that looks like base64', { body: 'AAAA' }, '41414141'],
  ['is base64', { body: 'AP+AfwA=', isBase64Encoded: true }, '00ff807f00'],
])('a body that %s becomes its bytes', (_, parts, expectedHex) => {
  expect(read(toEvent(parts)).body.toString('hex')).toBe(expectedHex);
});

test.each([
  'no base64 at all!',
  'AP+AfwA',
  'AP-Afw_=',
  'AAA\nA',
  'AA AA',
  'A',
  'AAAAA',
  'AAAA*',
  '=AAA',
  'QQ==QQ==',
  'ä',
])('the base64 body %j is malformed', (body) => {
  const error = thrownBy(() => read(toEvent({ body, isBase64Encoded: true })));
  expect(error).toMatchObject({
    code: 'MALFORMED_REQUEST',
    message: 'body: expected base64, found other text',
  });
});

const controls = Array.from({ length: 0x20 }, (_, code) => code).filter((code) => code !== 9);

test.each([...controls, 0x7f])(
  'a header value with the control character %d is malformed',
  (code) => {
    const value = `a${String.fromCharCode(code)}b`;
    for (const parts of [{ headers: { x: value } }, { headers: {}, cookies: [value] }]) {
      expect(thrownBy(() => read(toEvent(parts)))).toMatchObject({ code: 'MALFORMED_REQUEST' });
    }
  },
);

const withContext = (requestContext: unknown) => ({ ...toEvent(), requestContext });

test.each<[string, unknown, string]>([
  [
    'is no object',
    'text',
    'the event: expected an object (a function URL event, payload format 2.0), found string',
  ],
  [
    'is null',
    null,
    'the event: expected an object (a function URL event, payload format 2.0), found object',
  ],
  [
    'is an array',
    [],
    'the event: expected an object (a function URL event, payload format 2.0), found object',
  ],
  [
    'has no request context',
    { rawPath: '/' },
    'requestContext: expected an object (a function URL event, payload format 2.0), found undefined',
  ],
  [
    'is of payload format 1.0',
    withContext({}),
    'requestContext.http: expected an object (a function URL event, payload format 2.0), found undefined',
  ],
  [
    'has no method',
    withContext({ http: {} }),
    'requestContext.http.method: expected a string, found undefined',
  ],
  [
    'has a method with a space',
    toEvent({ method: 'GET /' }),
    'requestContext.http.method: expected a method, found no token',
  ],
  [
    'has an empty method',
    toEvent({ method: '' }),
    'requestContext.http.method: expected a method, found no token',
  ],
  ['has no path', toEvent({ rawPath: undefined }), 'rawPath: expected a string, found undefined'],
  [
    'has a relative path',
    toEvent({ rawPath: 'a' }),
    'rawPath: expected a path that begins with /, found another',
  ],
  [
    'has an absolute URL for a path',
    toEvent({ rawPath: 'http://evil/' }),
    'rawPath: expected a path that begins with /, found another',
  ],
  [
    'has a query that is no string',
    toEvent({ rawQueryString: {} }),
    'rawQueryString: expected a string, found object',
  ],
  [
    'has headers that are no object',
    toEvent({ headers: 'x' }),
    'headers: expected an object (a function URL event, payload format 2.0), found string',
  ],
  [
    'has a header that is no string',
    toEvent({ headers: { a: ['b'] } }),
    'a header: expected a string, found object',
  ],
  [
    'has a header name with a space',
    toEvent({ headers: { 'a b': 'c' } }),
    'headers: expected header names, found a name that is no token',
  ],
  [
    'has a header name with CRLF',
    toEvent({ headers: { 'a\r\nb': 'c' } }),
    'headers: expected header names, found a name that is no token',
  ],
  [
    'has a cookie that is no string',
    toEvent({ headers: {}, cookies: [1] }),
    'cookies: expected a string, found number',
  ],
  ['has a body that is no string', toEvent({ body: {} }), 'body: expected a string, found object'],
])('an event that %s is malformed, and the log says what is', (_, event, message) => {
  const error = thrownBy(() => read(event));
  expect(error).toBeInstanceOf(ProxyError);
  expect(error).toMatchObject({ code: 'MALFORMED_REQUEST', message });
});

test('the words of a malformed event quote nothing of it', () => {
  const mark = 'MARKED-SECRET';
  for (const event of [
    mark,
    toEvent({ method: `${mark} x` }),
    toEvent({ rawPath: mark }),
    toEvent({ headers: { [`${mark} x`]: mark } }),
    toEvent({ headers: { authorization: `${mark}\n` } }),
    toEvent({ body: `${mark}!`, isBase64Encoded: true }),
  ]) {
    expect(String(thrownBy(() => read(event)))).not.toContain(mark);
  }
});

test.each<[unknown, object]>([
  [toEvent({ method: 'PUT', rawPath: '/..' }), { method: 'PUT', path: '/..' }],
  [null, {}],
  ['text', {}],
  [7, {}],
  [{ rawPath: 7, requestContext: null }, {}],
  [{ rawPath: '/x', requestContext: { http: null } }, { path: '/x' }],
])('of a refused event the log shows method and path where there are any', (event, expected) => {
  expect(readMethodAndPath(event)).toEqual(expected);
});

test('a query has 10,000 parameters at most', () => {
  const withParameters = (count: number) =>
    read(toEvent({ rawQueryString: Array(count).fill('a').join('&') }));

  expect(withParameters(10_000).query).toHaveLength(19_999);
  expect(thrownBy(() => withParameters(10_001))).toMatchObject({
    code: 'MALFORMED_REQUEST',
    message: 'rawQueryString: expected at most 10000 parameters, found more',
  });
});

test.each([
  ['path', '?', 3],
  ['path', '#', 3],
  ['path', 'é', 6],
  ['path', 'a', 1],
  ['query', '€', 9],
  ['query', 'a', 1],
])(
  'path and query have a megabyte at most as they are sent: %s of %s',
  (place, character, bytes) => {
    const most = Math.floor((1024 * 1024 - 1) / bytes);
    const withCharacters = (count: number) => {
      const text = character.repeat(count);
      return read(toEvent(place === 'path' ? { rawPath: `/${text}` } : { rawQueryString: text }));
    };
    const { path, query } = withCharacters(most);

    expect(path.length + query.length).toBe(most * bytes + 1);
    expect(thrownBy(() => withCharacters(most + 1))).toMatchObject({
      code: 'MALFORMED_REQUEST',
      message: 'path and query: expected at most 1048576 bytes as they are sent, found more',
    });
  },
);
