/** What openid-connect asks its provider, and what it reads of a token. */
import {
  readClaim,
  readScopes,
} from '../../../functions/proxy/plugins/authentication/openid-connect/claims.ts';
import { createProviderSource } from '../../../functions/proxy/plugins/authentication/openid-connect/keys.ts';
import { toServices, toTarget } from '../../support/builders.ts';
import { createFakePool, parseRequest } from '../../support/fake-pool.ts';

test('discovery and keys are asked for by GET, as services and not as upstreams', async () => {
  const allowedHosts = 'id.example.com, keys.example.com';
  const jwks_uri = 'https://keys.example.com/keys?v=1';
  const answers = [{ issuer: 'https://id.example.com', jwks_uri }, { keys: [] }];
  const pool = createFakePool(() => {
    const body = JSON.stringify(answers.shift());
    return `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  });
  const connected: unknown[] = [];
  const services = {
    ...toServices({ pool, allowedHosts }),
    connect(...[{ hostname }, , purpose]: Parameters<ReturnType<typeof toServices>['connect']>) {
      connected.push([hostname, purpose]);
      return pool;
    },
  };
  const discovery = toTarget('https://id.example.com/.well-known', allowedHosts);
  const options = { discovery, timeoutMs: 10_000, maxAgeMs: 1000 };

  const { issuer } = await createProviderSource(options, services).current(services.now() + 10_000);

  expect(issuer).toBe('https://id.example.com');
  expect(pool.requests().map((raw) => parseRequest(raw).line)).toEqual([
    'GET /.well-known HTTP/1.1',
    'GET /keys?v=1 HTTP/1.1',
  ]);
  expect(connected).toEqual([
    ['id.example.com', 'service'],
    ['keys.example.com', 'service'],
  ]);
});

test.each([
  [{ a: null }, 'a', undefined],
  [{ a: { b: null } }, 'a.b', undefined],
  [{ 'a.b': 1, a: { b: 2 } }, 'a.b', 1],
  [{ a: {} }, 'a.constructor', undefined],
])('of the claims %j, %s is %j', (claims, path, expected) => {
  expect(readClaim(claims as never, path)).toBe(expected);
});

test('scopes are words, however many blanks are between them', () => {
  expect(readScopes({ scope: ' a  b ' })).toEqual(['a', 'b']);
});
