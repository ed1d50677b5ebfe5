// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables as documents write them.
/** Variables of a request: what each of them is, and texts that name them. */
import type { Exchange } from '../../functions/proxy/chain/exchange.ts';
import type { ProxyRequest } from '../../functions/proxy/http/message.ts';
import { compileHeaderText, compileText } from '../../functions/proxy/plugins/text-template.ts';
import {
  compileCombination,
  compileTemplate,
  findVariable,
  headersIn,
  headersOf,
  isCombination,
  isWrittenByClient,
  parseText,
} from '../../functions/proxy/plugins/variables.ts';
import { codeThrownBy, toExchange, toRequest } from '../support/builders.ts';

const toSubject = (request: Partial<ProxyRequest> = {}, more: Partial<Exchange> = {}) =>
  toExchange({ ...more, request: toRequest(request) });
const read = (name: string, exchange = toSubject()) => findVariable(name)?.(exchange);
const form = (body: string | Buffer, type = 'application/x-www-form-urlencoded') =>
  toSubject({ body: Buffer.from(body), headers: { 'content-type': type } });

test.each<[string, Partial<ProxyRequest>, string | undefined]>([
  ['remote_addr', { clientIp: '192.0.2.9' }, '192.0.2.9'],
  ['uri', { path: '//a/%61' }, '/a/a'],
  ['request_uri', { path: '//a/%61', query: 'x=1' }, '//a/%61?x=1'],
  ['request_uri', { path: '/a', query: '' }, '/a'],
  ['query_string', { query: 'x=1' }, 'x=1'],
  ['query_string', { query: '' }, undefined],
  ['args', { query: 'x=1' }, 'x=1'],
  ['args', { query: '' }, undefined],
  ['request_method', { method: 'PUT' }, 'PUT'],
  ['scheme', {}, 'https'],
  ['server_protocol', { protocol: 'HTTP/2' }, 'HTTP/2'],
  ['content_type', { headers: { 'content-type': 'text/plain' } }, 'text/plain'],
  ['content_length', { body: Buffer.from('abc') }, '3'],
  ['host', { host: 'a.example:8443' }, 'a.example'],
  ['http_X_Key', { headers: { 'x-key': 'k' } }, 'k'],
  ['arg_x', { query: 'x=%61' }, 'a'],
  ['arg_x', { query: 'y=1' }, undefined],
  ['cookie_c', { headers: { cookie: 'b=1; c=2' } }, '2'],
  ['post_arg_f', {}, undefined],
])('%s of %j is %j', (name, request, expected) => {
  expect(read(name, toSubject(request))).toBe(expected);
});

test('what documents say of a request is read from the exchange', () => {
  const record = { coldStart: false, upstreamTries: 0, routeId: 'r' };
  const exchange = toSubject({}, { record, consumer: { username: 'ann' } as never });

  expect([read('route_id', exchange), read('consumer_name', exchange)]).toEqual(['r', 'ann']);
});

test.each([
  ['arg_x', toSubject({ query: 'x=1&x=2' })],
  ['arg_x', toSubject({ query: 'x=1&x%00=2' })],
  ['arg_x', toSubject({ query: 'x=a%00' })],
  ['cookie_c', toSubject({ headers: { cookie: 'c=1; c=2' } })],
  ['cookie_c', toSubject({ headers: { cookie: 'c=a"' } })],
  ['post_arg_f', form('f=1&f=2')],
  ['post_arg_f', form('f=a%00')],
])('of two values, or of one that is read in two ways, %s is refused: %#', (name, exchange) => {
  expect(codeThrownBy(() => read(name, exchange))).toBe('MALFORMED_REQUEST');
});

test.each([
  ['a blank', form('f=a+b'), 'a b'],
  [
    'a type in capitals, with a charset',
    form('f=1', 'Application/X-WWW-Form-Urlencoded ; a=b'),
    '1',
  ],
  ['another type', form('f=1', 'application/x-www-form'), undefined],
  ['64 KB', form(`f=1&g=${'x'.repeat(65_530)}`), '1'],
])('a field of a form with %s is %j', (_, exchange, expected) => {
  expect(read('post_arg_f', exchange)).toBe(expected);
});

test('a form of more than 64 KB is too large to decide by', () => {
  const exchange = form(`f=1&g=${'x'.repeat(65_531)}`);

  expect(codeThrownBy(() => read('post_arg_f', exchange))).toBe('BODY_TOO_LARGE');
});

test.each(['nothing', 'http_', 'arg', 'constructor', 'constructor_x', 'post_arg_a.b'])(
  'there is no variable %s',
  (name) => {
    expect(findVariable(name)).toBeUndefined();
  },
);

test('headers are known by the variables that read them', () => {
  expect(headersIn('$uri $http_X_a-$arg_x ${http_b ?? c}')).toEqual(['x-a', 'b']);
  expect(['http_X_a', 'arg_http_a', 'content_type'].map(headersOf)).toEqual([
    ...[['x-a'], [], ['content-type']],
  ]);
});

test.each([
  ['$uri', true],
  ['a $uri ${arg_x}', true],
  ['$uri $nothing', false],
  ['uri', false],
])('%s is a combination: %s', (text, expected) => {
  expect(isCombination(text)).toBe(expected);
});

const more = new Map([['more', () => 'm\r']]);

test('a text is its parts, in order', () => {
  const [first, second, third, ...others] = parseText('$route_id-${nothing ?? n }');

  expect([first, second, third, others]).toMatchObject([
    { name: 'route_id', isKnown: true, isOwn: true, fallback: undefined },
    '-',
    { name: 'nothing', isKnown: false, isOwn: false, fallback: 'n' },
    [],
  ]);
  expect(Object(third).read(toSubject())).toBeUndefined();
});

test.each([
  ['$uri $arg_x', '["/a",null]'],
  ['$uri ${arg_x ?? d}', '["/a","d"]'],
  ['$arg_x $arg_y', undefined],
])('the combination %s is %j', (text, expected) => {
  expect(compileCombination(text)(toSubject({ path: '/a', query: '' }))).toBe(expected);
});

test.each([
  ['plain', 'plain', 'plain'],
  ['<$uri>$arg_x', '</a>', '</a>'],
  ['${arg_x ?? d} \\$1', 'd $1', 'd $1'],
  [' $more\n', ' m\r\n', 'm'],
])('the text %j is %j, and as a header %j', (text, expected, header) => {
  const options = { pointer: '', findMore: (name: string) => more.get(name) };

  expect(compileText(text, options)(toSubject({ path: '/a', query: '' }))).toBe(expected);
  expect(compileHeaderText(text, options)(toSubject({ path: '/a', query: '' }))).toBe(header);
});

test.each([
  ['plain', 'plain'],
  ['<$uri$arg_x>', '</a>'],
  ['${arg_x ?? d}!', 'd!'],
  ['-$arg_x-', undefined],
])('the template %s is %j', (text, expected) => {
  expect(compileTemplate(text)(toSubject({ path: '/a', query: '' }))).toBe(expected);
});

test.each([
  ['route_id', false],
  ['consumer_name', false],
  ['arg_x', true],
  ['http_x', true],
  ['http_tenant', false],
])('the client alone writes %s: %s', (name, expected) => {
  const exchange = toSubject({}, { reserved: new Set(['tenant']) });

  expect(isWrittenByClient(name, exchange)).toBe(expected);
});

const megabyte = 'x'.repeat(1_000_000);

test.each<[string, Partial<ProxyRequest>]>([
  ['$arg_a', { query: `a=${megabyte}` }],
  ['$arg_b', { query: `a=${megabyte}` }],
  ['$cookie_a', { headers: { cookie: `a=${megabyte}` } }],
  ['$http_x_a', { headers: { 'x-a': megabyte } }],
  ['$request_uri', { query: megabyte }],
])('texts with many of the variable %s have a limit for each request', (variable, request) => {
  const toText = compileText(variable.repeat(3), { pointer: '' });
  const subject = toSubject(request);

  expect(() => toText(subject)).not.toThrow();
  expect(codeThrownBy(() => toText(subject))).toBe('MALFORMED_REQUEST');
  expect(() => toText(toSubject(request))).not.toThrow();
});

test('each reading of a form is counted, with all others of its request', () => {
  const subject = form(`a=${'x'.repeat(60_000)}`);
  const readOften = () => {
    // Of a field that is not there: the whole form is read for it.
    for (let reading = 0; reading < 60; reading += 1) findVariable('post_arg_b')?.(subject);
  };

  expect(codeThrownBy(readOften)).toBe('MALFORMED_REQUEST');
});
