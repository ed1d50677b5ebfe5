import type { AccessRecord } from '../../functions/proxy/chain/exchange.ts';
import { type ErrorCode, ProxyError } from '../../functions/proxy/http/errors.ts';
import { type AccessEntry, logAccess } from '../../functions/proxy/log/access-log.ts';
import { createLogger } from '../../functions/proxy/log/log.ts';
import { createRequestMetrics, type MetricsOptions } from '../../functions/proxy/log/metrics.ts';
import { toRequest } from '../support/builders.ts';
import { readMetrics } from '../support/emf.ts';

const proxy = '/countersign/prod';
const perRoute: MetricsOptions = { proxy, perRoute: true };

interface Parts extends Partial<Omit<AccessEntry, 'record'>> {
  readonly record?: Partial<AccessRecord>;
}

function lineOf(
  { record, ...parts }: Parts = {},
  options: MetricsOptions | null = perRoute,
  level: 'info' | 'warn' | 'error' = 'info',
) {
  const lines: string[] = [];
  const entry: AccessEntry = {
    requestId: 'request-1',
    request: toRequest({ path: '/secret-path', body: Buffer.from('abc') }),
    record: {
      coldStart: false,
      upstreamTries: 1,
      upstreamMs: 30.04,
      routeId: 'orders',
      tableAgeMs: 4250,
      invalidDocuments: 0,
      ...record,
    },
    status: 200,
    responseBytes: 7,
    ttfbMs: 32.11,
    totalMs: 40,
    error: undefined,
    isCut: false,
    ...parts,
  };
  logAccess(
    createLogger(level, (line) => lines.push(line)),
    entry,
    options === null ? undefined : createRequestMetrics(options),
  );
  expect(lines.length).toBeLessThanOrEqual(1);
  return lines[0] === undefined ? undefined : (JSON.parse(lines[0]) as Record<string, unknown>);
}

/** `name{dimensions}` → value. */
function metricsOf(...options: Parameters<typeof lineOf>): Record<string, number> {
  const data = readMetrics(lineOf(...options) ?? {});
  return Object.fromEntries(
    data.map(({ name, dimensions, value }) => [
      `${name} ${Object.keys(dimensions)} ${Object.values(dimensions).slice(1)}`.trim(),
      value,
    ]),
  );
}

const failed = (code: ErrorCode) => ({ error: new ProxyError(code, 'words') });

test('a relayed answer is measured for its route and for the proxy', () => {
  expect(metricsOf()).toEqual({
    'ttfbMs proxy': 32.1,
    'addedMs proxy': 2.1,
    'upstreamMs proxy': 30,
    'requestBytes proxy': 3,
    'responseBytes proxy': 7,
    'ttfbMs proxy,route orders': 32.1,
    'addedMs proxy,route orders': 2.1,
    'upstreamMs proxy,route orders': 30,
    'requestBytes proxy,route orders': 3,
    'responseBytes proxy,route orders': 7,
    'tableAgeSeconds proxy': 4.3,
    'invalidDocuments proxy': 0,
  });
});

test('the namespace is one, and the first dimension tells proxies apart', () => {
  const data = readMetrics(lineOf() ?? {});
  expect(new Set(data.map(({ namespace }) => namespace))).toEqual(new Set(['Countersign']));
  expect(new Set(data.map(({ dimensions }) => dimensions['proxy']))).toEqual(new Set([proxy]));
});

test('totals alone have no dimension but the proxy', () => {
  const names = Object.keys(
    metricsOf({ ...failed('UPSTREAM_TIMEOUT'), status: 504 }, { proxy, perRoute: false }),
  );
  expect(names.filter((name) => name.includes('route'))).toEqual([]);
  expect(names).toContain('errors proxy,error UPSTREAM_TIMEOUT');
});

test('a request without a route makes no dimension of anything that it says', () => {
  const line = lineOf({
    ...failed('NO_ROUTE'),
    status: 404,
    record: { routeId: undefined } as never,
  });
  const dimensions = readMetrics(line ?? {}).map((datum) => datum.dimensions);
  expect(dimensions).toContainEqual({ proxy, error: 'NO_ROUTE' });
  expect(new Set(dimensions.flatMap(Object.keys))).toEqual(new Set(['proxy', 'error']));
});

test.each<[number, boolean, string[]]>([
  [200, false, []],
  [304, false, []],
  [399, false, []],
  [400, false, ['clientErrors']],
  [499, false, ['clientErrors']],
  [500, false, ['serverErrors']],
  [599, false, ['serverErrors']],
  [200, true, ['serverErrors']],
  [500, true, ['serverErrors']],
])('the status %i, cut: %s, counts as %j, whoever made it', (status, isCut, expected) => {
  const names = readMetrics(lineOf({ status, isCut }) ?? {}).map(({ name }) => name);
  expect([...new Set(names)].filter((name) => name.endsWith('Errors'))).toEqual(expected);
});

test('an error of ours is counted by its code, for its route as well', () => {
  expect(metricsOf({ ...failed('UPSTREAM_ACCESS_DENIED'), status: 502 })).toMatchObject({
    'errors proxy,error UPSTREAM_ACCESS_DENIED': 1,
    'errors proxy,route,error orders,UPSTREAM_ACCESS_DENIED': 1,
  });
  expect(Object.keys(metricsOf({ status: 502 })).join()).not.toContain('errors');
});

test('what was not measured is no metric: no upstream, no table, no readable body', () => {
  const names = Object.keys(
    metricsOf({
      ...failed('ROUTES_UNAVAILABLE'),
      status: 503,
      request: { path: '/x' },
      record: {
        upstreamTries: 0,
        upstreamMs: undefined as never,
        routeId: undefined as never,
        tableAgeMs: undefined,
        invalidDocuments: undefined as never,
      },
    }),
  );
  expect(names).toEqual([
    'ttfbMs proxy',
    'addedMs proxy',
    'responseBytes proxy',
    'serverErrors proxy',
    'errors proxy,error ROUTES_UNAVAILABLE',
  ]);
});

test('a cold start is counted once', () => {
  expect(metricsOf({ record: { coldStart: true } })).toHaveProperty(['coldStarts proxy'], 1);
  expect(Object.keys(metricsOf())).not.toContain('coldStarts proxy');
});

test('without metrics a line has neither metadata nor the counts that only metrics need', () => {
  const lines: string[] = [];
  const entry = { requestId: '1', request: {}, record: { coldStart: true, upstreamTries: 0 } };
  logAccess(
    createLogger('info', (line) => lines.push(line)),
    {
      ...entry,
      status: 500,
      responseBytes: 0,
      ttfbMs: 1,
      totalMs: 1,
      error: undefined,
      isCut: false,
    },
  );
  const line = JSON.parse(lines[0] ?? '');
  for (const name of ['_aws', 'proxy', 'serverErrors', 'coldStarts', 'tableAgeSeconds']) {
    expect(line).not.toHaveProperty(name);
  }
});

test('at a log level without access lines the metrics have a line of their own, with nothing of the request', () => {
  const line = lineOf({}, perRoute, 'error');
  expect(metricsOf({}, perRoute, 'error')).toEqual(metricsOf());
  expect(line).toMatchObject({ message: 'metrics', route: 'orders' });
  expect(JSON.stringify(line)).not.toMatch(/secret-path|request-1/);
});

test('at such a level without metrics there is no line', () => {
  expect(lineOf({}, null, 'error')).toBeUndefined();
});
