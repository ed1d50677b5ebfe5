import {
  findForbiddenOrigin,
  findForbiddenService,
  isLoopback,
  type Origin,
  toOrigin,
} from '../../functions/proxy/send/hosts.ts';
import { apiHost, functionUrlHost, toAllowedHosts } from '../support/builders.ts';

test.each([
  ['', []],
  [' , ,', []],
  ['a.example.com', [{ hostname: 'a.example.com', isWildcard: false, port: undefined }]],
  ['A.Example.COM:8443', [{ hostname: 'a.example.com', isWildcard: false, port: 8443 }]],
  ['*.example.com', [{ hostname: 'example.com', isWildcard: true, port: undefined }]],
  ['*.example.com:1', [{ hostname: 'example.com', isWildcard: true, port: 1 }]],
  [
    'localhost:3000 , 127.0.0.1',
    [
      { hostname: 'localhost', isWildcard: false, port: 3000 },
      { hostname: '127.0.0.1', isWildcard: false, port: undefined },
    ],
  ],
  ['[::1]:65535', [{ hostname: '::1', isWildcard: false, port: 65_535 }]],
])('the list %j is read', (text, expected) => {
  expect(toAllowedHosts(text)).toEqual(expected);
});

test.each([
  '*',
  '*.',
  '*:80',
  'a.*.com',
  '*a.example.com',
  'https://a.example.com',
  'a.example.com/',
  'a.example.com/x',
  'user@a.example.com',
  'a.example.com:',
  'a.example.com:x',
  'a.example.com:0',
  'a.example.com:65536',
  'a.example.com:999999',
  '-a.example.com',
  'a.example.com.',
  'a b',
  '::1',
  '[::1',
  'ä.example.com',
])('the entry %j is refused', (entry) => {
  expect(() => toAllowedHosts(`ok.example.com,${entry}`)).toThrow(`no host list: ${entry}`);
});

test.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.255.255.254', true],
  ['::1', true],
  ['localhost.evil.com', false],
  ['127.0.0.1.evil.com', false],
  ['127.evil.com', false],
  ['127.1', false],
  ['0.0.0.0', false],
  ['::', false],
  ['::ffff:7f00:1', false],
  ['10.0.0.1', false],
  ['169.254.169.254', false],
  ['', false],
])('%s means this machine: %s', (hostname, expected) => {
  expect(isLoopback(hostname)).toBe(expected);
});

const origin = (text: string): Origin => {
  const { protocol, hostname, port } = new URL(text);
  const isHttps = protocol === 'https:';
  return {
    protocol: isHttps ? 'https:' : 'http:',
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (isHttps ? 443 : 80)),
  };
};

test.each([
  [`https://${functionUrlHost}`, ''],
  [`https://${apiHost}:443`, ''],
  ['https://a.example.com', 'a.example.com'],
  ['https://a.example.com:8443', 'a.example.com'],
  ['https://a.example.com:8443', 'a.example.com:8443'],
  ['https://a.b.example.com', '*.example.com'],
  ['https://[::1]:1', '[::1]'],
  ['https://10.0.0.1', '10.0.0.1'],
  ['http://localhost:3000', 'localhost'],
  ['http://127.0.0.1:3000', '127.0.0.1:3000'],
  ['http://[::1]:3000', 'x,[::1]:3000'],
  ['http://127.0.0.9', '127.0.0.9'],
])('%s may be called when the list is %j', (url, list) => {
  expect(findForbiddenOrigin(origin(url), toAllowedHosts(list))).toBeUndefined();
});

test.each([
  [`https://${functionUrlHost}:8443`, '', 'AWS endpoints are called on port 443 only'],
  [`https://${apiHost}:80`, '', 'AWS endpoints are called on port 443 only'],
  ['https://example.com', '', 'neither'],
  ['https://example.com', '*.example.com', 'neither'],
  ['https://xexample.com', 'example.com', 'neither'],
  ['https://a.example.com', 'example.com', 'neither'],
  ['https://a.example.com.evil.com', '*.example.com', 'neither'],
  ['https://a.example.com:8443', 'a.example.com:443', 'neither'],
  ['https://a.example.com', 'a.example.com:8443', 'neither'],
  ['https://localhost', '', 'neither'],
  ['https://169.254.169.254', '', 'neither'],
  ['https://[fd00:ec2::254]', '', 'neither'],
  [`http://${functionUrlHost}`, '', 'http:'],
  [`http://${functionUrlHost}`, functionUrlHost, 'http:'],
  ['http://localhost:3000', '', 'http:'],
  ['http://localhost:3000', 'localhost:3001', 'http:'],
  ['http://example.com', 'example.com', 'http:'],
  ['http://10.0.0.1', '10.0.0.1', 'http:'],
  ['http://169.254.169.254', '169.254.169.254', 'http:'],
])('%s may not be called when the list is %j, and the reason is said', (url, list, reason) => {
  expect(findForbiddenOrigin(origin(url), toAllowedHosts(list))).toContain(reason);
});

test.each([
  ['https://id.example.com', '', undefined],
  ['https://id.example.com:8443', '', undefined],
  ['https://localhost', '', 'an address, or a name without a dot'],
  ['https://10.0.0.1', '', 'an address, or a name without a dot'],
  ['https://[::1]', '', 'an address, or a name without a dot'],
  ['https://10.0.0.1', '10.0.0.1', undefined],
  ['http://id.example.com', '', 'http:'],
  ['http://id.example.com', 'id.example.com', 'http:'],
  ['http://127.0.0.1:3000', '127.0.0.1', undefined],
  ['http://127.0.0.1:3000', '', 'http:'],
])('a service at %s with the list %j is refused because of %s', (url, list, reason) => {
  const found = findForbiddenService(origin(url), toAllowedHosts(list));

  if (reason === undefined) expect(found).toBeUndefined();
  else expect(found).toContain(reason);
});

test.each([
  ['https://ssm.example/', { protocol: 'https:', hostname: 'ssm.example', port: 443 }],
  ['http://localhost/', { protocol: 'http:', hostname: 'localhost', port: 80 }],
  ['https://localhost:8443/x', { protocol: 'https:', hostname: 'localhost', port: 8443 }],
  ['http://[::1]:4566', { protocol: 'http:', hostname: '::1', port: 4566 }],
])('the server of %s is %j', (url, origin) => {
  expect(toOrigin(new URL(url))).toEqual(origin);
});
