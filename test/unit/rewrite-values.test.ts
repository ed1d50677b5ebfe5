import { rewriteRequest } from '../../functions/proxy/upstream/rewrite.ts';
import {
  codeThrownBy,
  functionUrlHost,
  headersOf,
  toRequest,
  toTarget,
} from '../support/builders.ts';

type Parts = Parameters<typeof toRequest>[0];
type Options = Partial<Parameters<typeof rewriteRequest>[2]>;

function rewrite(parts: Parts, options: Options = {}, rest?: string) {
  return rewriteRequest(toRequest(parts), rest, {
    target: toTarget(),
    forwardAs: 'x-carried',
    apiKey: undefined,
    ...options,
  });
}

test('what is signed has no tabs, and what is relayed keeps them', () => {
  const headers = { 'content-type': 'a\t\xe4', authorization: 'b\t\xe4', 'x-custom': 'c\t\xe4' };
  const identity = new Map([['x-user', 'd\t\xe4']]);
  const sent = rewrite({ headers }, { identity }).headers;

  expect(headersOf(sent, 'content-type')).toEqual(['a \xe4']);
  expect(headersOf(sent, 'x-carried')).toEqual(['b \xe4']);
  expect(headersOf(sent, 'x-user')).toEqual(['d \xe4']);
  expect(headersOf(sent, 'x-custom')).toEqual(['c\t\xe4']);
});

test('names that identify the client are given to the signer, those without a value too', () => {
  const identity = new Map([
    ['x-user', 'ann'],
    ['x-group', undefined],
  ]);
  const { identityNames, headers } = rewrite({ headers: { 'x-group': 'spoofed' } }, { identity });

  expect(identityNames).toEqual(['x-user', 'x-group']);
  expect(headersOf(headers, 'x-user')).toEqual(['ann']);
  expect(headersOf(headers, 'x-group')).toEqual([]);
});

test.each(['x-user', 'x_user'])(
  "a client's own %s is dropped where plugins alone may set it",
  (name) => {
    const reserved = new Set(['x-user']);
    const { headers } = rewrite(
      { headers: { [name]: 'spoofed', 'x-other': 'kept' } },
      { reserved },
    );

    expect(headersOf(headers, name)).toEqual([]);
    expect(headersOf(headers, 'x-other')).toEqual(['kept']);
  },
);

test.each<[string, Options]>([
  ['a reserved name', { reserved: new Set(['x-carried']) }],
  ['a name that a plugin sets', { identity: new Map([['x_carried', undefined]]) }],
  ['no name', { forwardAs: '' }],
])("the client's authorization does not travel under %s", (_, options) => {
  const { headers } = rewrite({ headers: { authorization: 'Bearer secret' } }, options);

  expect(JSON.stringify(headers)).not.toContain('secret');
});

test('an API key replaces that of the client, and nothing else', () => {
  const headers = { 'x-api-key': 'own', 'x-custom': 'kept' };

  const given = rewrite({ headers }, { apiKey: 'ours' }).headers;
  expect([headersOf(given, 'x-api-key'), headersOf(given, 'x-custom')]).toEqual([
    ['ours'],
    ['kept'],
  ]);
  expect(headersOf(rewrite({}).headers, 'x-api-key')).toStrictEqual([]);
});

test.each([
  [undefined, '192.0.2.7', ['192.0.2.7']],
  ['10.0.0.1', '192.0.2.7', ['10.0.0.1, 192.0.2.7']],
  ['10.0.0.1, 10.0.0.2, 192.0.2.7', '192.0.2.7', ['10.0.0.1, 10.0.0.2, 192.0.2.7']],
  ['10.0.0.1', '', ['10.0.0.1']],
  [undefined, '', []],
])('x-forwarded-for %j of a client at %j becomes %j', (received, sourceIp, expected) => {
  const headers: Record<string, string> = received ? { 'x-forwarded-for': received } : {};
  const sent = rewrite({ headers, sourceIp }).headers;

  expect(headersOf(sent, 'x-forwarded-for')).toEqual(expected);
});

test('without a host, none is forwarded', () => {
  expect(headersOf(rewrite({ host: '' }).headers, 'x-forwarded-host')).toEqual([]);
});

test('a prefix that ends inside a segment does not make a dot segment of the rest', () => {
  const path = '/aws../secret';

  expect(codeThrownBy(() => rewrite({ path }, {}, '../secret'))).toBe('UNSAFE_PATH');
});

const names = ['algorithm', 'credential', 'date', 'signedheaders', 'signature'];
const presigned = names.map((name) => `x-amz-${name}=1`).join('&');
const escaped = (name: string) =>
  [...name].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');

test.each([
  ['a value that holds =', `${presigned}=2`],
  ['a name without a value', `x-amz-security-token&${presigned}`],
  ['each letter as an escape', `${escaped('x-amz-security-token')}=1&${presigned}`],
])('a presigned set goes whole: with %s', (_, query) => {
  expect(rewrite({ query }).query).toBe('');
});

test('without a base path, what is sent does not begin as a host does', () => {
  const target = toTarget(`https://${functionUrlHost}/`);

  expect(rewrite({}, { target }, '//evil.example/x').path).toBe('/evil.example/x');
  expect(rewrite({}, { target }, '/x//y').path).toBe('/x//y');
});
