import { type ErrorCode, ProxyError } from '../../functions/proxy/http/errors.ts';
import { type AccessEntry, logAccess } from '../../functions/proxy/log/access-log.ts';
import { createLogger } from '../../functions/proxy/log/log.ts';
import { toRequest } from '../support/builders.ts';

const entry: AccessEntry = {
  requestId: 'request-1',
  request: toRequest({ path: '/a', query: 'page=MARKED', body: Buffer.from('abc') }),
  record: {
    coldStart: true,
    upstreamTries: 2,
    routeId: 'hello',
    tableVersion: 'v1',
    secretParameters: new Set(),
    upstreamTtfbMs: 12.345,
    upstreamMs: 13.02,
  },
  status: 200,
  responseBytes: 7,
  ttfbMs: 15.04,
  totalMs: 20.06,
  error: undefined,
  isCut: false,
};

function logged(parts: Partial<AccessEntry> = {}, level: 'debug' | 'info' = 'info') {
  const lines: string[] = [];
  logAccess(
    createLogger(level, (line) => lines.push(line)),
    { ...entry, ...parts },
  );
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
}

test('a request is one line of JSON with what an operator needs', () => {
  expect(logged()).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    level: 'info',
    message: 'request',
    type: 'access',
    requestId: 'request-1',
    method: 'GET',
    path: '/a',
    route: 'hello',
    status: 200,
    requestBytes: 3,
    responseBytes: 7,
    upstreamTtfbMs: 12.3,
    upstreamMs: 13,
    upstreamTries: 2,
    addedMs: 2,
    ttfbMs: 15,
    totalMs: 20.1,
    coldStart: true,
    table: 'v1',
  });
});

test('no header, query value or body is in it', () => {
  const request = toRequest({
    query: 'MARKED=MARKED',
    headers: { authorization: 'MARKED', cookie: 'MARKED', 'x-api-key': 'MARKED' },
    body: Buffer.from('MARKED'),
  });
  expect(JSON.stringify(logged({ request }))).not.toContain('MARKED');
});

test('the query is in it only at the level debug', () => {
  expect(logged({}, 'debug')['query']).toBe('page=MARKED');
});

test.each<[ErrorCode, string]>([
  ['MALFORMED_REQUEST', 'info'],
  ['UNSAFE_PATH', 'info'],
  ['NO_ROUTE', 'info'],
  ['METHOD_NOT_ALLOWED', 'info'],
  ['BODY_TOO_LARGE', 'info'],
  ['INTERNAL', 'error'],
  ['CREDENTIALS_UNAVAILABLE', 'error'],
  ['UPSTREAM_TIMEOUT', 'error'],
  ['UPSTREAM_ACCESS_DENIED', 'error'],
  ['NO_UPSTREAM', 'error'],
])('%s is a line at the level %s, with code and cause', (code, level) => {
  const error = new ProxyError(code, 'words', { cause: new Error('deeper') });
  expect(logged({ error })).toMatchObject({
    level,
    error: code,
    cause: 'ProxyError: words <- Error: deeper',
  });
});

test('a cut stream is said', () => {
  expect(logged({ isCut: true })['cut']).toBe(true);
});

test('for an unreadable event the line has the known fields', () => {
  expect(logged({ request: { path: '/x' } })).toMatchObject({ path: '/x', status: 200 });
});

test.each([
  ['debug', ['debug', 'info', 'warn', 'error']],
  ['info', ['info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
  ['error', ['error']],
] as const)('at the level %s the levels %j are written', (level, expected) => {
  const levels: unknown[] = [];
  const log = createLogger(level, (line) => levels.push(JSON.parse(line).level));
  for (const own of ['debug', 'info', 'warn', 'error'] as const) log[own]('x');
  expect(levels).toEqual(expected);
});

test('a line contains no line break for any content, and describes an error', () => {
  const lines: string[] = [];
  const log = createLogger('info', (line) => lines.push(line));
  log.info('a\nb', { text: 'c\r\nd', error: new Error('deep\ner') });
  expect(lines[0]?.match(/\n/g)).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ text: 'c\r\nd', error: 'Error: deep\ner' });
});
