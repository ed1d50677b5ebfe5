import { parseTarget, TargetError } from '../../functions/proxy/upstream/target.ts';
import {
  apiHost,
  functionUrlHost,
  thrownBy,
  toAllowedHosts,
  toTarget,
} from '../support/builders.ts';

test.each([
  ['', '/', ''],
  ['/', '/', ''],
  ['/a/b', '/a/b', ''],
  ['/a/b/', '/a/b/', ''],
  ['/a%20b/%C3%A4', '/a%20b/%C3%A4', ''],
  ['/a b/ä', '/a%20b/%C3%A4', ''],
  ['//a', '//a', ''],
  ['?x=1', '/', 'x=1'],
  ['/a?x=1&x=2&flag', '/a', 'x=1&x=2&flag'],
  ['/a?', '/a', ''],
  ['/a?x=a+b', '/a', 'x=a%20b'],
  ['/a?b?c', '/a', 'b?c'],
  ['/a?x=../..', '/a', 'x=../..'],
])(
  'the rest %j of a function_uri is the base path %j and the base query %j',
  (rest, basePath, baseQuery) => {
    expect(toTarget(`https://${functionUrlHost}${rest}`)).toMatchObject({ basePath, baseQuery });
  },
);

test('an AWS host says region and service, and is called on 443', () => {
  expect(toTarget(`https://${functionUrlHost}/`)).toEqual({
    protocol: 'https:',
    hostname: functionUrlHost,
    host: functionUrlHost,
    port: 443,
    basePath: '/',
    baseQuery: '',
    endpointRegion: 'eu-west-1',
    endpointService: 'lambda',
  });
  expect(toTarget(`https://${apiHost}/prod`)).toMatchObject({
    endpointRegion: 'us-east-1',
    endpointService: 'execute-api',
  });
});

test.each([
  [`HTTPS://${functionUrlHost.toUpperCase()}/Base`, '', functionUrlHost, 443, functionUrlHost],
  [`https://${functionUrlHost}:443/`, '', functionUrlHost, 443, functionUrlHost],
  ['https://a.example.com:8443', '*.example.com', 'a.example.com', 8443, 'a.example.com:8443'],
  ['http://localhost', 'localhost', 'localhost', 80, 'localhost'],
  ['HTTP://localhost', 'localhost', 'localhost', 80, 'localhost'],
  ['http://localhost:1', 'localhost', 'localhost', 1, 'localhost:1'],
  ['http://localhost:65535', 'localhost', 'localhost', 65_535, 'localhost:65535'],
  ['http://127.0.0.1:3000/x', '127.0.0.1', '127.0.0.1', 3000, '127.0.0.1:3000'],
  ['http://[::1]:3000/x', '[::1]', '::1', 3000, '[::1]:3000'],
  [
    'https://xn--4ca.example.com',
    'xn--4ca.example.com',
    'xn--4ca.example.com',
    443,
    'xn--4ca.example.com',
  ],
])(
  '%s with the list %j is %s on port %d, with the Host header %s',
  (uri, list, hostname, port, host) => {
    expect(toTarget(uri, list)).toMatchObject({ hostname, port, host });
  },
);

test('the case of a base path is kept', () => {
  expect(toTarget(`https://${functionUrlHost}/Base`).basePath).toBe('/Base');
});

const everything = toAllowedHosts(
  [
    functionUrlHost,
    'localhost',
    '127.0.0.1',
    '[::1]',
    'example.com',
    '*.example.com',
    '*.com',
  ].join(','),
);
const expectedWords = (uri: string) => {
  const error = thrownBy(() => parseTarget(uri, everything));
  expect(error).toBeInstanceOf(TargetError);
  return (error as TargetError).message;
};

test.each([
  '',
  'localhost',
  '/a',
  '//localhost/a',
  'ftp://localhost/',
  'httpss://localhost/',
  'https:/localhost',
  'https:localhost',
  ' https://localhost/',
  'ht\ntps://localhost/',
  'javascript:alert(1)',
])('%j is no absolute https: URL', (uri) => {
  expect(expectedWords(uri)).toBe('an absolute URL that begins with https://');
});

test.each([
  `https://user@${functionUrlHost}/`,
  `https://user:password@${functionUrlHost}/`,
  `https://${functionUrlHost}@evil.com/`,
  `https://@${functionUrlHost}/`,
  `https://${functionUrlHost}:443@evil.com/`,
])('%s is refused for its user name', (uri) => {
  expect(expectedWords(uri)).toBe('a URL without user name and password');
});

test.each([
  'https:///path',
  'https://localhost:/',
  'https://localhost:x/',
  'https://localhost:-1/',
  'https://localhost: 443/',
  'https://localhost:443:443/',
  `https://${functionUrlHost}./`,
  'https://localhost./',
  'https://127.0.0.1./',
  'https://127.1/',
  'https://0177.0.0.1/',
  'https://0x7f.0.0.1/',
  'https://0x7f000001/',
  'https://2130706433/',
  'https://127.0.0.01/',
  'https://127.0.0.1%00.example.com/',
  'https://１２７.0.0.1/',
  'https://127。0。0。1/',
  'https://[0:0:0:0:0:0:0:1]/',
  'https://[::0001]/',
  'https://[::1/',
  'https://::1/',
  'https://[::1%25lo]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[v1.fe80]/',
  'https://ä.example.com/',
  'https://ex\u00adample.com/',
  'https://LOCALHOSℸ/',
  'https://ⓔxample.com/',
  'https://example%2ecom/',
  'https://exa\tmple.com/',
  'https://exa\nmple.com/',
  'https://exa mple.com/',
  `https://evil.com\\.${functionUrlHost}/`,
  `https://evil.com%2f.${functionUrlHost}/`,
  `https://evil.com%23.${functionUrlHost}/`,
  'https://a..example.com.../',
  'https://*.example.com/',
])('%j is refused, because a URL parser would read its host as another one, or none', (uri) => {
  expect(expectedWords(uri)).toMatch(
    /^a (plain host name|URL without user|port from)|^an allowed host/,
  );
});

test.each([
  ['https://localhost:0/', 'a port from 1 to 65535'],
  ['https://localhost:65536/', 'a port from 1 to 65535'],
  ['https://localhost:4294967739/', 'a port from 1 to 65535'],
  ['https://localhost/#', 'a URL without a fragment (#)'],
  ['https://localhost/a#b', 'a URL without a fragment (#)'],
  ['https://localhost/a?b#c', 'a URL without a fragment (#)'],
  [`https://${functionUrlHost}#@evil.com/`, 'a URL without a fragment (#)'],
  ['https://localhost/..', 'a safe path (the path holds a dot segment)'],
  ['https://localhost/a/%2e%2e/b', 'a safe path (the path holds a dot segment)'],
  ['https://localhost/a/..;/b', 'a safe path (the path holds a dot segment)'],
  ['https://localhost/a%00', 'a safe path (the path holds a NUL byte)'],
])('%s is refused: expected is %s', (uri, expected) => {
  expect(expectedWords(uri)).toBe(expected);
});

test.each([
  `https://${functionUrlHost}.evil.com/`,
  `https://${functionUrlHost}:8443/`,
  'https://evil.org/',
  'https://169.254.169.254/latest/meta-data/',
  'https://[fd00:ec2::254]/',
  'https://10.0.0.1/',
  `http://${functionUrlHost}/`,
  'http://evil.com/',
])('%s is refused as a host that is not allowed', (uri) => {
  const error = thrownBy(() => toTarget(uri, 'evil.com:80'));
  expect(error).toBeInstanceOf(TargetError);
  expect(String(error)).toContain('an allowed host (');
});

test.each(['https://localhost:x/', 'https://a:b:c/', 'https://0x7f.1/', 'https://[::1/'])(
  '%s has no plain host, which is said before whether it is allowed',
  (uri) => {
    expect(thrownBy(() => toTarget(uri))).toMatchObject({
      name: 'TargetError',
      message: 'a plain host name or address with an optional port',
      isForbidden: false,
    });
  },
);

test('a host that is not allowed is told apart from a malformed one', () => {
  expect(thrownBy(() => toTarget('https://example.com/'))).toMatchObject({ isForbidden: true });
});
