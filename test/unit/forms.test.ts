/** Which bodies are forms that each reader reads in the same way. */
import { isForm, readForm } from '../../functions/proxy/http/form.ts';
import { codeThrownBy, toRequest } from '../support/builders.ts';

const type = 'application/x-www-form-urlencoded';
const toPost = (
  body: string | Buffer,
  headers: Record<string, string> = { 'content-type': type },
) => toRequest({ method: 'POST', headers, body: Buffer.from(body) });

test.each<[Record<string, string>, 'form' | 'other' | 'MALFORMED_REQUEST']>([
  [{ 'content-type': type }, 'form'],
  [{ 'content-type': ` ${type.toUpperCase()} ;` }, 'form'],
  [{ 'content-type': `${type}; charset=UTF-8` }, 'form'],
  [{ 'content-type': `${type};charset="utf8"; q=1` }, 'form'],
  [{ 'content-type': `${type}; charset=us-ascii`, 'content-encoding': 'Identity' }, 'form'],
  [{ 'content-type': type, 'content-encoding': '' }, 'form'],
  [{ 'content-type': 'application/json' }, 'other'],
  [{ 'content-type': 'text/plain', 'content-encoding': 'gzip' }, 'other'],
  [{}, 'MALFORMED_REQUEST'],
  [{ 'content-type': ' ' }, 'MALFORMED_REQUEST'],
  [{ 'content-type': type, 'content-encoding': 'gzip' }, 'MALFORMED_REQUEST'],
  [{ 'content-type': type, 'content-encoding': 'identity, gzip' }, 'MALFORMED_REQUEST'],
  [{ 'content-type': `${type}; charset=utf-16` }, 'MALFORMED_REQUEST'],
  [{ 'content-type': `${type}; charset=utf-8; charset=ibm037` }, 'MALFORMED_REQUEST'],
  [{ 'content-type': `${type}; charset=` }, 'MALFORMED_REQUEST'],
  [{ 'content-type': `${type}; charset` }, 'MALFORMED_REQUEST'],
  [{ 'content-type': `${type};charset=utf-8, text/plain` }, 'MALFORMED_REQUEST'],
  [{ 'content-type': `${type},${type}` }, 'MALFORMED_REQUEST'],
  [{ 'content-type': `text/plain, ${type}` }, 'MALFORMED_REQUEST'],
  [{ 'content-type': `${type} x` }, 'MALFORMED_REQUEST'],
  [{ 'content-type': `\xa0${type}` }, 'MALFORMED_REQUEST'],
  [{ 'content-type': 'multipart/form-data; boundary=x' }, 'MALFORMED_REQUEST'],
  [{ 'content-type': 'Multipart/Mixed' }, 'MALFORMED_REQUEST'],
])('a body with %j: %s', (headers, kind) => {
  const request = toPost('a=1', headers);
  expect(isForm(request)).toBe(kind === 'form');
  if (kind === 'MALFORMED_REQUEST') expect(codeThrownBy(() => readForm(request))).toBe(kind);
  else expect(readForm(request)).toBe(kind === 'form' ? 'a=1' : '');
});

test.each([{}, { 'content-type': 'multipart/form-data' }, { 'content-type': type }])(
  'a request without a body has no form: %j',
  (headers) => {
    expect(readForm(toPost('', headers))).toBe('');
  },
);

test.each<[string | Buffer, string]>([
  ['a=b+c d', 'a=b%20c%20d'],
  ['a=é', 'a=%C3%A9'],
  ['a=%c3%a9&b', 'a=%c3%a9&b'],
  [Buffer.from([0x61, 0, 0xff]), 'a%00%FF'],
])('the form %j is read as %s', (body, form) => {
  const request = toPost(body);
  const before = Buffer.from(request.body);
  expect(readForm(request)).toBe(form);
  expect(request.body).toEqual(before);
});

test.each([[[0xef, 0xbb, 0xbf]], [[0xfe, 0xff]], [[0xff, 0xfe]]])(
  'a form that begins with the byte order mark %j is refused',
  (mark) => {
    const request = toPost(Buffer.concat([Buffer.from(mark), Buffer.from('a=1')]));
    expect(codeThrownBy(() => readForm(request))).toBe('MALFORMED_REQUEST');
  },
);

test('a form of more than 64 KB is not read', () => {
  expect(readForm(toPost('a'.repeat(65_536)))).toHaveLength(65_536);
  expect(codeThrownBy(() => readForm(toPost('a'.repeat(65_537))))).toBe('BODY_TOO_LARGE');
});
