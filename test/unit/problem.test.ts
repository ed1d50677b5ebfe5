import { withDebugHeaders } from '../../functions/proxy/debug-headers.ts';
import {
  describeError,
  type ErrorCode,
  ProxyError,
  toProblemFields,
  toProxyError,
} from '../../functions/proxy/http/errors.ts';
import { toProblem } from '../../functions/proxy/http/problem.ts';
import { toResponse } from '../support/builders.ts';

const statuses: Readonly<Record<ErrorCode, number>> = {
  MALFORMED_REQUEST: 400,
  UNSAFE_PATH: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NO_ROUTE: 404,
  ORIGIN_REFUSED: 403,
  METHOD_NOT_ALLOWED: 405,
  BODY_TOO_LARGE: 413,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  CREDENTIALS_UNAVAILABLE: 502,
  UPSTREAM_UNREACHABLE: 502,
  UPSTREAM_INVALID_RESPONSE: 502,
  UPSTREAM_CUT: 502,
  UPSTREAM_SIGNATURE_REJECTED: 502,
  UPSTREAM_KEY_UNKNOWN: 502,
  UPSTREAM_TOKEN_EXPIRED: 502,
  UPSTREAM_ACCESS_DENIED: 502,
  MISCONFIGURED: 503,
  ROUTES_UNAVAILABLE: 503,
  ACCESS_UNDECIDED: 503,
  NO_UPSTREAM: 503,
  BREAKER_OPEN: 503,
  UPSTREAM_TIMEOUT: 504,
};
const codes = Object.entries(statuses) as [ErrorCode, number][];

test.each(codes)('%s is answered with status %d as RFC 9457 problem details', (code, status) => {
  // Prepare
  const error = new ProxyError(code, 'MARKED words for the log', {
    cause: new Error('MARKED cause'),
    headers: { allow: 'GET', 'retry-after': '3' },
  });

  // Act
  const response = toProblem(error, 'request-1');

  // Assess
  const { title } = toProblemFields(code);
  expect(response.status).toBe(status);
  expect(response.headers).toEqual([
    ['content-type', 'application/problem+json'],
    ['cache-control', 'no-store'],
    ['countersign-error', code],
    ['allow', 'GET'],
    ['retry-after', '3'],
  ]);
  expect(JSON.parse(String(response.body))).toEqual({
    type: `urn:countersign:problem:${code}`,
    title,
    status,
    code,
    requestId: 'request-1',
  });
  expect(String(response.body)).not.toContain('MARKED');
});

test('no two codes have the same title', () => {
  const titles = codes.map(([code]) => toProblemFields(code).title);
  expect(new Set(titles).size).toBe(codes.length);
});

test('any thrown value is INTERNAL, unless it is a ProxyError', () => {
  const known = new ProxyError('NO_ROUTE', 'x');
  const bug = new TypeError('x is undefined');
  expect(toProxyError(known)).toBe(known);
  expect(toProxyError(bug)).toMatchObject({ code: 'INTERNAL', cause: bug });
  expect(toProxyError('text')).toMatchObject({ code: 'INTERNAL', cause: 'text' });
});

test.each<[unknown, string]>([
  [new ProxyError('NO_ROUTE', 'words'), 'ProxyError: words'],
  [
    new ProxyError('UPSTREAM_UNREACHABLE', 'words', {
      cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
    }),
    'ProxyError: words <- Error ECONNREFUSED: refused',
  ],
  ['text', 'text'],
  [undefined, 'undefined'],
])('an error is described with its causes', (error, expected) => {
  expect(describeError(error)).toBe(expected);
});

test('a cause that is its own cause is described and ends', () => {
  const error = new Error('round');
  error.cause = error;
  expect(describeError(error).split(' <- ')).toHaveLength(4);
});

test('table and route are shown behind the headers of the upstream', () => {
  const record = { coldStart: false, upstreamTries: 1, tableVersion: 'v1', routeId: 'hello' };
  expect(withDebugHeaders(toResponse({ headers: [['x-a', '1']] }), record).headers).toEqual([
    ['x-a', '1'],
    ['countersign-table', 'v1'],
    ['countersign-route', 'hello'],
  ]);
});

test("no header of an error stands in the place of the answer's own code", () => {
  const headers = { 'countersign-error': 'NO_ROUTE', 'x-own': '1' };
  const { headers: sent } = toProblem(new ProxyError('FORBIDDEN', 'x', { headers }), 'id');

  expect(sent.filter(([name]) => name === 'countersign-error')).toEqual([
    ['countersign-error', 'FORBIDDEN'],
  ]);
  expect(sent).toContainEqual(['x-own', '1']);
});

test('an error is described in a few thousand characters, for any messages', () => {
  const cause = new Error('b'.repeat(500_000));
  const error = new ProxyError('UPSTREAM_INVALID_RESPONSE', 'a'.repeat(500_000), { cause });

  expect(describeError(error)).toMatch(/^ProxyError: a{1024}… <- Error: b{1024}…$/);
  expect(describeError('c'.repeat(500_000))).toHaveLength(1025);
});
