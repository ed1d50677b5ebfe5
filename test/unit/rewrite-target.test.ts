import { rewriteRequest } from '../../functions/proxy/upstream/rewrite.ts';
import { codeThrownBy, functionUrlHost, toRequest, toTarget } from '../support/builders.ts';

const rewrite = (base: string, rest: string | undefined, query = '') =>
  rewriteRequest(toRequest({ query }), rest, {
    target: toTarget(`https://${functionUrlHost}${base}`),
    forwardAs: '',
    apiKey: undefined,
  });

test.each([
  ['', undefined, '/'],
  ['/fn', undefined, '/fn'],
  ['/fn/', undefined, '/fn/'],
  ['', '', '/'],
  ['', 'x', '/x'],
  ['/', 'x', '/x'],
  ['/fn', '', '/fn/'],
  ['/fn/', '', '/fn/'],
  ['/fn', 'x', '/fn/x'],
  ['/fn/', 'x', '/fn/x'],
  ['/fn', '/x', '/fn/x'],
  ['/fn/', '/x', '/fn/x'],
  ['/fn', '//x', '/fn//x'],
  ['/fn//', 'x', '/fn//x'],
  ['/fn', 'x/', '/fn/x/'],
  ['/fn', 'a%20b/%C3%A4//%2F', '/fn/a%20b/%C3%A4//%2F'],
  ['/a%20b', 'x', '/a%20b/x'],
])('to the base path %j the rest %j is joined as %j', (base, rest, expected) => {
  expect(rewrite(base, rest).path).toBe(expected);
});

test.each([
  ['', '', ''],
  ['', 'a=1', 'a=1'],
  ['?b=2', '', 'b=2'],
  ['?b=2', 'a=1', 'b=2&a=1'],
  ['?b=2', 'b=1&b=0', 'b=2&b=1&b=0'],
  ['?', 'a', 'a'],
  ['', '&&a&', '&&a&'],
  ['', '?a', '?a'],
])('to the base query %j the query %j is joined as %j', (base, query, expected) => {
  expect(rewrite(base, undefined, query).query).toBe(expected);
});

const presigned = {
  algorithm: 'X-Amz-Algorithm=AWS4-HMAC-SHA256',
  credential: 'X-Amz-Credential=AKIA%2F20260101%2Fus-east-1%2Flambda%2Faws4_request',
  date: 'X-Amz-Date=20260101T000000Z',
  expires: 'X-Amz-Expires=300',
  signedHeaders: 'X-Amz-SignedHeaders=host',
  signature: 'X-Amz-Signature=abc',
};
const complete = Object.values(presigned).join('&');
const without = (name: keyof typeof presigned) =>
  Object.entries(presigned)
    .filter(([key]) => key !== name)
    .map(([, text]) => text)
    .join('&');

test.each([
  [complete, ''],
  [`a=1&${complete}&b=2`, 'a=1&b=2'],
  [complete.toLowerCase(), ''],
  [without('expires'), ''],
  [`${complete}&X-Amz-Security-Token=t`, ''],
  [`${complete}&X-Amz-Other=o`, 'X-Amz-Other=o'],
  [`${complete}&x=%FF&&y`, 'x=%FF&&y'],
  [`${complete}&${presigned.signature}`, ''],
])('a complete presigned set is taken out of %s', (query, expected) => {
  expect(rewrite('', undefined, query).query).toBe(expected);
});

test.each([
  ['an encoded dash in the signature', complete.replace('X-Amz-Signature', 'X%2DAmz-Signature')],
  ['an encoded letter in the signature', complete.replace('X-Amz-Signature', 'X-Amz-%53ignature')],
  ['encoded dashes everywhere', complete.replaceAll('X-Amz-', 'X%2dAmz%2D')],
  ['an encoded letter in another name', complete.replace('X-Amz-Date', 'X-Amz-D%61te')],
])('a complete presigned set is found also with %s', (_, query) => {
  expect(rewrite('', undefined, `a=1&${query}`).query).toBe('a=1');
});

test.each([
  without('algorithm'),
  without('credential'),
  without('date'),
  without('signedHeaders'),
  without('signature'),
  'X-Amz-Signature=only',
  'x=X-Amz-Signature',
  'X-Amz-Signature',
])('a part of a presigned set is a query like any other: %s', (query) => {
  expect(rewrite('', undefined, query).query).toBe(query);
});

test("the target's own query keeps what it has", () => {
  expect(rewrite(`?${complete}`, undefined, 'a=1').query).toBe(`${complete}&a=1`);
});

test('path and query that a document has made are at most 1 MiB long together', () => {
  const rewriteTo = (length: number) =>
    rewriteRequest(toRequest({}), undefined, {
      ...{ target: toTarget(`https://${functionUrlHost}/`), forwardAs: '', apiKey: undefined },
      outbound: { path: '/x', query: 'a'.repeat(length) },
    }).query.length;

  expect(rewriteTo(1_048_574)).toBe(1_048_574);
  expect(codeThrownBy(() => rewriteTo(1_048_575))).toBe('MALFORMED_REQUEST');
});
