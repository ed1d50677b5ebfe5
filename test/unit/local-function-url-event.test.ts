import {
  type FunctionUrlEvent,
  type ReceivedRequest,
  toFunctionUrlEvent,
} from '../../local/function-url/event.ts';

const now = new Date('2026-07-10T12:34:56.789Z');

function toEvent(request: Partial<ReceivedRequest> = {}): FunctionUrlEvent {
  return toFunctionUrlEvent(
    {
      ...{ method: 'GET', target: '/', sourceIp: '203.0.113.9', body: Buffer.alloc(0) },
      ...request,
      rawHeaders: ['Host', 'abc.lambda-url.us-east-1.on.aws', ...(request.rawHeaders ?? [])],
    },
    { apiId: 'abc', requestId: 'request-1', now },
  );
}

test('an event has the context that AWS gives to a public URL', () => {
  const event = toEvent({ rawHeaders: ['User-Agent', 'curl/8'] });
  expect(event).toMatchObject({ version: '2.0', routeKey: '$default', isBase64Encoded: false });
  expect(event.requestContext).toEqual({
    accountId: 'anonymous',
    apiId: 'abc',
    domainName: 'abc.lambda-url.us-east-1.on.aws',
    domainPrefix: 'abc',
    http: {
      ...{ method: 'GET', path: '/', protocol: 'HTTP/1.1' },
      ...{ sourceIp: '203.0.113.9', userAgent: 'curl/8' },
    },
    requestId: 'request-1',
    routeKey: '$default',
    stage: '$default',
    time: '10/Jul/2026:12:34:56 +0000',
    timeEpoch: now.getTime(),
  });
});

test('the identity of a signed request is in the context', () => {
  const identity = {
    ...{ accessKey: 'AKID', accountId: '1', callerId: 'c', userArn: 'arn', userId: 'u' },
  };
  const request = {
    method: 'GET',
    target: '/',
    rawHeaders: [],
    body: Buffer.alloc(0),
    sourceIp: '',
  };
  const event = toFunctionUrlEvent(request, { apiId: 'abc', requestId: 'r', now, identity });
  expect(event.requestContext).toMatchObject({
    accountId: '1',
    authorizer: { iam: { ...identity, cognitoIdentity: null, principalOrgId: null } },
  });
});

describe('path and query', () => {
  test.each([
    ['/capture/space%20value', '/capture/space%20value', '', '/capture/space value'],
    ['/a//b/../c?x=%FF&y=100%', '/a//b/../c', 'x=%FF&y=100%', '/a//b/../c'],
    ['/?', '/', '', '/'],
    ['?a=b', '/', 'a=b', '/'],
    ['http://other.example/p?q', '/p', 'q', '/p'],
    ['/a?b?c', '/a', 'b?c', '/a'],
  ])('%s stay raw, and the decoded path is elsewhere', (target, rawPath, rawQueryString, path) => {
    const event = toEvent({ target });
    expect(event).toMatchObject({ rawPath, rawQueryString });
    expect(event.requestContext).toMatchObject({ http: { path } });
  });

  test('the parsed query is lossy: decoded, "+" a space, repeats joined', () => {
    const event = toEvent({ target: '/?literal=a+b&encoded=a%2Bb&empty=&flag&d=1&d=2' });
    expect(event.queryStringParameters).toEqual({
      ...{ literal: 'a b', encoded: 'a+b', empty: '', flag: '', d: '1,2' },
    });
  });

  test('without a query there is no map of it', () => {
    expect(toEvent()).not.toHaveProperty('queryStringParameters');
  });
});

describe('headers', () => {
  test('are lower-case, with repeats joined by a comma without a space', () => {
    const { headers } = toEvent({ rawHeaders: ['X-Two', 'first', 'x-two', 'second'] });
    expect(headers).toMatchObject({ 'x-two': 'first,second' });
  });

  test("have the headers that the service adds, and ignore the client's", () => {
    const claimed = [
      'X-Forwarded-Proto',
      'http',
      'X-Forwarded-Port',
      '1',
      'X-Amzn-Tls-Version',
      'x',
    ];
    expect(toEvent({ rawHeaders: claimed }).headers).toMatchObject({
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      'x-amzn-tls-version': 'TLSv1.3',
      'x-amzn-tls-cipher-suite': expect.stringMatching(/^TLS_/),
    });
  });

  test('x-forwarded-for is appended to', () => {
    const { headers } = toEvent({ rawHeaders: ['X-Forwarded-For', '10.0.0.1'] });
    expect(headers).toMatchObject({ 'x-forwarded-for': '10.0.0.1, 203.0.113.9' });
  });

  test('cookies are in both places', () => {
    const event = toEvent({ rawHeaders: ['Cookie', 'a=1; b=2', 'Cookie', 'c=3'] });
    expect(event.cookies).toEqual(['a=1', 'b=2', 'c=3']);
    expect(event.headers).toMatchObject({ cookie: 'a=1; b=2; c=3' });
  });
});

describe('a body', () => {
  const withType = (type: string | undefined, body: Buffer | string, more: string[] = []) => {
    const rawHeaders = [...(type === undefined ? [] : ['Content-Type', type]), ...more];
    const { body: text, isBase64Encoded } = toEvent({ rawHeaders, body: Buffer.from(body) });
    return { body: text, isBase64Encoded };
  };

  test.each([
    'text/plain',
    'text/html; charset=utf-8',
    'application/json',
    'Application/JSON;charset=utf-8',
    'application/xml',
    'application/javascript',
    'application/problem+json',
    'image/svg+xml',
  ])('of %s is text', (type) => {
    expect(withType(type, 'λ')).toEqual({ body: 'λ', isBase64Encoded: false });
  });

  test.each([
    undefined,
    'application/octet-stream',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'image/png',
  ])('of %s is base64', (type) => {
    const bytes = Buffer.from([0, 0xff, 0x80]);
    expect(withType(type, bytes)).toEqual({ body: 'AP+A', isBase64Encoded: true });
  });

  test('that is compressed is base64 for any content type', () => {
    const compressed = withType('application/json', 'x', ['Content-Encoding', 'gzip']);
    expect(compressed).toEqual({ body: 'eA==', isBase64Encoded: true });
  });

  test('that is empty is absent', () => {
    expect(withType('text/plain', '')).toEqual({ body: undefined, isBase64Encoded: false });
  });
});
