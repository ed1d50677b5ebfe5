import { readRequest } from '../../functions/proxy/event.ts';
import { isOpenTo } from '../../functions/proxy/http/header-names.ts';
import { rewriteRequest } from '../../functions/proxy/upstream/rewrite.ts';
import { headersOf, toEvent, toRequest, toTarget } from '../support/builders.ts';
import { hopByHopNames, spoofedNames } from '../support/header-names.ts';

interface Options {
  readonly forwardAs?: string;
  readonly apiKey?: string;
  readonly identity?: ReadonlyMap<string, string>;
}

function rewrite(
  headers: Readonly<Record<string, string>>,
  { forwardAs = 'x-original-authorization', ...others }: Options = {},
  parts: Parameters<typeof toRequest>[0] = {},
) {
  const options = { target: toTarget(), forwardAs, apiKey: undefined, ...others };
  return rewriteRequest(toRequest({ headers, ...parts }), undefined, options).headers;
}

/** As they are after the event was read. */
const readHeaders = (headers: Readonly<Record<string, string>>) =>
  readRequest(toEvent({ headers }), 'id').headers;

test.each([...hopByHopNames, 'expect'])("a client's %s header ends here", (name) => {
  expect(headersOf(rewrite({ [name]: 'x' }), name)).toEqual([]);
});

test.each(spoofedNames)("a client's %s header is dropped", (name) => {
  expect(headersOf(rewrite({ [name]: 'spoofed' }), name)).toEqual([]);
});

test.each([
  'accept',
  'accept-language',
  'cache-control',
  'content-encoding',
  'content-type',
  'cookie',
  'if-none-match',
  'origin',
  'range',
  'referer',
  'user-agent',
  'x-api-key',
  'x-amzn-trace-id',
  'x-amzonline',
  'x-custom',
])("a client's %s header is relayed as it is", (name) => {
  expect(headersOf(rewrite({ [name]: ' a,b "c" ' }), name)).toEqual([' a,b "c" ']);
});

test.each([
  ['x-custom', { 'x-custom': 'gone' }],
  ['content-type', { 'content-type': 'text/plain' }],
  ['x-amzn-trace-id', { 'x-amzn-trace-id': 'Root=1' }],
  ['cookie', { cookie: 'a=1' }],
  ['x-api-key', { 'x-api-key': 'client' }],
  ['x-amz-date', { 'x-amz-date': 'spoofed' }],
  ['authorization', { authorization: 'Bearer gone' }],
])('a header that Connection names (%s) is dropped with it', (name, headers) => {
  const connection = `close, ${name.toUpperCase()}`;
  const relayed = rewrite(readHeaders({ ...headers, connection }));
  expect(headersOf(relayed, name)).toEqual([]);
  expect(JSON.stringify(relayed)).not.toMatch(/gone|spoofed|Bearer/);
});

test.each([
  ['host', {}],
  ['x-forwarded-for', {}],
  ['x-forwarded-proto', {}],
  ['x-forwarded-host', {}],
  ['via', {}],
  ['accept-encoding', {}],
  ['content-length', {}],
  ['x-api-key', {}],
  ['x-original-authorization', { authorization: 'Bearer kept' }],
])('naming %s in Connection does not take ours off', (name, headers) => {
  const relayed = rewrite(
    readHeaders({ ...headers, connection: name }),
    { apiKey: 'ours' },
    { body: Buffer.from('x') },
  );
  expect(headersOf(relayed, name)).toHaveLength(1);
});

test.each([
  ['the default', undefined, 'x-original-authorization'],
  ['another name', 'x-forwarded-authorization', 'x-forwarded-authorization'],
  ['its own name (where nothing is signed)', 'authorization', 'authorization'],
])("the client's Authorization is carried under %s, and under no other", (_, forwardAs, name) => {
  const headers = rewrite(
    { authorization: 'Bearer real', [name]: name === 'authorization' ? 'Bearer real' : 'spoofed' },
    forwardAs === undefined ? {} : { forwardAs },
  );
  expect(headers.filter(([, value]) => value === 'Bearer real')).toEqual([[name, 'Bearer real']]);
  expect(headersOf(headers, name)).toHaveLength(1);
});

test('an empty forward_as drops it', () => {
  expect(JSON.stringify(rewrite({ authorization: 'Bearer x' }, { forwardAs: '' }))).not.toContain(
    'Bearer',
  );
});

test('without an Authorization nothing is carried, and a spoofed copy is dropped', () => {
  const spoofed = { 'x-original-authorization': 'spoofed', 'x-auth': 'spoofed' };
  for (const forwardAs of ['x-original-authorization', 'x-auth']) {
    expect(headersOf(rewrite(spoofed, { forwardAs }), forwardAs)).toEqual([]);
  }
});

test('x-original-authorization is dropped also where another name carries', () => {
  const headers = rewrite({ 'x-original-authorization': 'spoofed' }, { forwardAs: 'x-auth' });
  expect(headersOf(headers, 'x-original-authorization')).toEqual([]);
});

test("an API key replaces the client's", () => {
  expect(headersOf(rewrite({ 'x-api-key': 'client' }, { apiKey: 'ours' }), 'x-api-key')).toEqual([
    'ours',
  ]);
});

test.each([
  [undefined, '192.0.2.7', '192.0.2.7'],
  ['198.51.100.1', '192.0.2.7', '198.51.100.1, 192.0.2.7'],
  ['198.51.100.1, 192.0.2.7', '192.0.2.7', '198.51.100.1, 192.0.2.7'],
  ['198.51.100.1,192.0.2.7', '192.0.2.7', '198.51.100.1,192.0.2.7'],
  ['192.0.2.7, 198.51.100.1', '192.0.2.7', '192.0.2.7, 198.51.100.1, 192.0.2.7'],
  ['', '192.0.2.7', '192.0.2.7'],
  ['198.51.100.1', '', '198.51.100.1'],
  ['x192.0.2.7', '192.0.2.7', 'x192.0.2.7, 192.0.2.7'],
])('x-forwarded-for %j from %s becomes %j', (received, sourceIp, expected) => {
  const headers = rewrite(
    received === undefined ? {} : { 'x-forwarded-for': received },
    {},
    { sourceIp },
  );
  expect(headersOf(headers, 'x-forwarded-for')).toEqual([expected]);
});

test('a client cannot say another protocol or host', () => {
  const headers = rewrite({
    host: 'evil.example.com',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'evil.example.com',
    'x-apigw-api-id': 'evil',
  });
  expect(headersOf(headers, 'host')).toEqual([toTarget().host]);
  expect(headersOf(headers, 'x-forwarded-proto')).toEqual(['https']);
  expect(headersOf(headers, 'x-forwarded-host')).toEqual(['proxy.example.com']);
  expect(JSON.stringify(headers)).not.toContain('evil');
});

test.each([
  [undefined, 'HTTP/1.1', '1.1 countersign'],
  ['1.0 fred', 'HTTP/2.0', '1.0 fred, 2.0 countersign'],
])('via %j over %s becomes %j', (received, protocol, expected) => {
  const headers = rewrite(received === undefined ? {} : { via: received }, {}, { protocol });
  expect(headersOf(headers, 'via')).toEqual([expected]);
});

test('compressed answers are not asked for', () => {
  expect(headersOf(rewrite({ 'accept-encoding': 'gzip, br' }), 'accept-encoding')).toEqual([
    'identity',
  ]);
});

test.each([
  ['GET', '', []],
  ['HEAD', '', []],
  ['DELETE', '', []],
  ['OPTIONS', '', []],
  ['POST', '', ['0']],
  ['PUT', '', ['0']],
  ['PATCH', '', ['0']],
  ['GET', 'λ', ['2']],
  ['HEAD', 'x', ['1']],
  ['DELETE', 'body', ['4']],
  ['POST', 'body', ['4']],
  ['PROPFIND', '', ['0']],
])(
  '%s with the body %j says a length of %j, whatever the client said',
  (method, body, expected) => {
    const headers = rewrite(
      { 'content-length': '999', 'transfer-encoding': 'chunked' },
      {},
      { method, body: Buffer.from(body) },
    );
    expect(headersOf(headers, 'content-length')).toEqual(expected);
    expect(headersOf(headers, 'transfer-encoding')).toEqual([]);
  },
);

test.each([
  ['x-user', 'x_user'],
  ['x_user', 'x-user'],
  ['x_real-user', 'x-real_user'],
])(
  'where a plugin says %s, a client does not say %s, which CGI reads as the same',
  (name, other) => {
    const headers = rewrite({ [other]: 'spoofed' }, { identity: new Map([[name, 'ann']]) });
    expect(headersOf(headers, name)).toEqual(['ann']);
    expect(headersOf(headers, other)).toEqual([]);
  },
);

test.each(['x-user', 'x_user'])(
  "a client's Authorization as %s gives way to who the client is",
  (name) => {
    const headers = rewrite(
      { authorization: 'spoofed' },
      { forwardAs: 'x-user', identity: new Map([[name, 'ann']]) },
    );
    expect(headers.filter(([, value]) => value === 'spoofed')).toEqual([]);
    expect(headersOf(headers, name)).toEqual(['ann']);
  },
);

test('the inbound request is not touched', () => {
  const headers = Object.freeze({ connection: 'x', x: '1', authorization: 'a' });
  const request = Object.freeze(toRequest({ headers, body: Buffer.from('b') }));
  rewriteRequest(request, undefined, { target: toTarget(), forwardAs: 'x-auth', apiKey: 'k' });
  expect(request.headers).toEqual({ connection: 'x', x: '1', authorization: 'a' });
});

test.each<readonly [string, boolean]>([
  ['x-original-authorization', true],
  ['x-forwarded-authorization', true],
  ['x-authorization', true],
  ['authorization', false],
  ['host', false],
  ['content-length', false],
  ['content-type', false],
  ['x-forwarded-for', false],
  ['via', false],
  ['x-amzn-trace-id', false],
  ['x-amz-anything', false],
  ['x-amzn-anything', false],
  ...hopByHopNames.map((name) => [name, false] as const),
])('the Authorization may be carried as %s: %s', (name, expected) => {
  expect(isOpenTo('identity', name)).toBe(expected);
});

test.each([
  ['x_user', 'x-user'],
  ['x-user_id', 'x-user-id'],
  ['x-user_id', 'x_user-id'],
  ['x-user', 'x_user'],
])(
  'an identity named %s leaves no %s of the client, which some read as the same name',
  (own, theirs) => {
    const options = { target: toTarget(), forwardAs: '', apiKey: undefined };
    const identity = new Map([[own, 'user-7']]);
    const request = toRequest({ headers: { [theirs]: 'admin' } });
    const { headers } = rewriteRequest(request, undefined, { ...options, identity });
    expect([headersOf(headers, theirs), headersOf(headers, own)]).toEqual([[], ['user-7']]);
  },
);

test.each([['user-7'], [undefined]])(
  "a client's Authorization is not carried by the name of an identity (%s)",
  (value) => {
    const forwardAs = 'x-original-authorization';
    const options = { target: toTarget(), forwardAs, apiKey: undefined };
    const identity = new Map([[forwardAs, value]]);
    const request = toRequest({ headers: { authorization: 'admin' } });
    const { headers } = rewriteRequest(request, undefined, { ...options, identity });
    expect(headersOf(headers, forwardAs)).toEqual(value === undefined ? [] : [value]);
  },
);
