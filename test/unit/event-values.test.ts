/** What an event leaves out, and values that stand for themselves. */
import { readMethodAndPath, readRequest } from '../../functions/proxy/event.ts';
import { thrownBy, toEvent } from '../support/builders.ts';

const read = (event: unknown) => readRequest(event, 'request-1');
const withHttp = (http: object) => ({
  ...toEvent({ headers: {} }),
  requestContext: { http: { method: 'GET', ...http } },
});

test.each([
  [{ sourceIp: '192.0.2.1', protocol: 'HTTP/2' }, '192.0.2.1', 'HTTP/2'],
  [{}, '', 'HTTP/1.1'],
  [{ sourceIp: 7, protocol: 7 }, '', 'HTTP/1.1'],
])('of %j the address is %j and the protocol %j', (http, sourceIp, protocol) => {
  expect(read(withHttp(http))).toMatchObject({ sourceIp, clientIp: sourceIp, protocol });
});

test('an event without headers, domain name and query has empty ones', () => {
  const { headers: _, rawQueryString: __, ...event } = withHttp({}) as Record<string, unknown>;

  const { headers, host, query } = read(event);

  expect([Object.keys(headers), host, query]).toEqual([[], '', '']);
});

test('a domain name that is no string is named', () => {
  const event = toEvent({ headers: {} }) as { requestContext: object };
  const requestContext = { ...event.requestContext, domainName: 7 };

  expect(thrownBy(() => read({ ...event, requestContext }))).toMatchObject({
    message: 'domainName: expected a string, found number',
  });
});

test('a tunnel is refused with the methods that there are', () => {
  for (const method of ['CONNECT', 'connect']) {
    expect(thrownBy(() => read(toEvent({ method })))).toMatchObject({
      code: 'METHOD_NOT_ALLOWED',
      headers: { allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' },
    });
  }
});

test.each([
  [{ headers: { x: 'a\0' } }, 'headers: expected header values, found a control character in one'],
  [
    { headers: {}, cookies: ['a\0'] },
    'cookies: expected cookies, found a control character in one',
  ],
])('of a control character in %j the log says where it is', (parts, message) => {
  expect(thrownBy(() => read(toEvent(parts)))).toMatchObject({ message });
});

test.each([
  ['AAAA', '000000'],
  ['QUI=', '4142'],
  ['QQ==', '41'],
])('the base64 body %j is the bytes %s', (body, expectedHex) => {
  expect(read(toEvent({ body, isBase64Encoded: true })).body.toString('hex')).toBe(expectedHex);
});

test.each(['AA-A', 'AA_A'])('the base64 body %j has a sign of another alphabet', (body) => {
  expect(thrownBy(() => read(toEvent({ body, isBase64Encoded: true })))).toMatchObject({
    message: 'body: expected base64, found other text',
  });
});

test('a method that is no string is not shown', () => {
  expect(readMethodAndPath({ requestContext: { http: { method: 7 } } })).toEqual({});
});
