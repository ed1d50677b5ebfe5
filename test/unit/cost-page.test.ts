/** docs/cost.md: its figures are what its formula says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { logAccess } from '../../functions/proxy/log/access-log.ts';
import { createLogger, type LogLevel } from '../../functions/proxy/log/log.ts';
import { createRequestMetrics, type MetricsLevel } from '../../functions/proxy/log/metrics.ts';

const docs = join(import.meta.dirname, '..', '..', 'docs');
const read = (name: string) => readFileSync(join(docs, name), 'utf8');
const page = read('cost.md');
const perGbSecond = 0.0000133334;
const toCost = (memoryMb: number, ms: number) =>
  0.2 + (memoryMb / 1024) * (ms / 1000) * 1_000_000 * perGbSecond;

test('the page has the formula that this test computes', () => {
  expect(page).toContain('proxy = 0.20 + (MB / 1024) × (ms / 1000) × 1,000,000 × 0.0000133334');
});

test('each cell of the table follows from it', () => {
  const [, sizes = ''] = /\| ms per request \|(.*)\|\n/.exec(page) ?? [];
  const memories = sizes.split('|').map((text) => Number.parseInt(text, 10));
  const rows = [...page.matchAll(/^\| (\d+) \|(.*)\|$/gm)].map(([, ms = '', cells = '']) => [
    Number(ms),
    cells.split('|').map((text) => text.trim()),
  ]);
  expect(rows).toHaveLength(4);
  expect(rows).toEqual(
    rows.map(([ms]) => [ms, memories.map((memory) => toCost(memory, Number(ms)).toFixed(2))]),
  );
});

test.each([
  [1, 512, '120 ms a request with 512 MB'],
  [1, 256, '240 ms with 256 MB'],
  [3.5, 512, '495 ms a request with 512 MB'],
  [3.5, 256, '990 ms with 256 MB'],
])('at %d dollars and %d MB the price is the same at %s', (price, memory, text) => {
  const [ms = ''] = text.split(' ', 1);
  expect(toCost(memory, Number(ms))).toBeCloseTo(price, 2);
  expect(page).toContain(text);
});

/** The bytes that a typical request writes. */
function toLogBytes(level: LogLevel, metrics: MetricsLevel): number {
  let bytes = 0;
  const log = createLogger(level, (line) => {
    bytes += Buffer.byteLength(line);
  });
  const proxy = '/countersign/prod';
  const entry = {
    requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
    request: { method: 'GET', path: '/orders/1234', body: Buffer.alloc(0) },
    record: {
      ...{ routeId: 'orders', coldStart: false, tableVersion: 'a808d9ff74ba', tableAgeMs: 4321 },
      ...{ upstreamTries: 1, upstreamTtfbMs: 18.31, upstreamMs: 18.6, invalidDocuments: 0 },
    },
    ...{ status: 200, responseBytes: 1796, ttfbMs: 20.1, totalMs: 20.6 },
    ...{ error: undefined, isCut: false },
  };
  const perRoute = metrics === 'routes';
  logAccess(log, entry, metrics === 'off' ? undefined : createRequestMetrics({ proxy, perRoute }));
  return bytes;
}

const id = 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef';
/** AWS Lambda Developer Guide, "Lambda function logs", in text form. */
const ownLines = [
  `START RequestId: ${id} Version: $LATEST\n`,
  `END RequestId: ${id}\n`,
  `REPORT RequestId: ${id}\tDuration: 20.61 ms\tBilled Duration: 21 ms\tMemory Size: 512 MB\tMax Memory Used: 98 MB\t\n`,
].join('').length;
const toLogPrice = (bytes: number) => (bytes * 1_000_000 * 0.5) / 2 ** 30;
const defaultLog = toLogPrice(toLogBytes('info', 'routes') + ownLines);

test.each([
  ['access line, `metrics` `routes` (the default)', toLogBytes('info', 'routes')],
  ['access line, `metrics` `total`', toLogBytes('info', 'total')],
  ['access line, `metrics` `off`', toLogBytes('info', 'off')],
  [
    '`logLevel` `warn`, `metrics` `routes`: a line with metrics alone',
    toLogBytes('warn', 'routes'),
  ],
  ['`logLevel` `warn`, `metrics` `off`', toLogBytes('warn', 'off')],
  ["Lambda's own lines `START`, `END` and `REPORT`", ownLines],
])('the log of %s has its length and price', (lines, bytes) => {
  expect(page).toContain(`| ${lines} | ${bytes} | ${toLogPrice(bytes).toFixed(2)} |`);
});

test('the lengths are those of the operations page', () => {
  const lengths = (['off', 'total', 'routes'] as const).map(
    (metrics) => `${toLogBytes('info', metrics)} bytes`,
  );
  expect(read('operations.md')).toContain(`a typical one | ${lengths.join(' | ')} |`);
});

test('so do the front’s prices with the default log', () => {
  expect(page).toContain(`write logs for ${defaultLog.toFixed(2)}.`);
  expect(read('compare.md')).toContain(`$${defaultLog.toFixed(2)} of log`);
  const [short, long] = [toCost(512, 20), toCost(512, 100)];
  const rows = [
    ['Countersign, 512 MB, 20 ms a request', short],
    ['Countersign, 512 MB, 100 ms a request', long],
    ['Countersign behind CloudFront, 512 MB, 100 ms a request', 1 + long],
  ] as const;
  for (const [front, price] of rows) {
    const withLog = (price + defaultLog).toFixed(2);
    expect(page).toContain(`| ${front} | ${price.toFixed(2)} | ${withLog} | – |`);
  }
  const perMs = 0.5 * 1000 * perGbSecond;
  const [http, rest] = [1, 3.5].map((price) => Math.round((price - 0.2 - defaultLog) / perMs));
  expect(page).toContain(`an HTTP API at ${http} ms with 512 MB, and as a REST API at ${rest} ms.`);
});

test('so does the cap', () => {
  const day = 20 * 0.5 * perGbSecond * 86_400;
  const millions = (20 * 10 * 86_400) / 1_000_000;
  expect(page).toContain(`(at 20 and 512 MB: ${day.toFixed(2)} a day)`);
  expect(page).toContain(`(at 20: ${(millions * 0.2).toFixed(2)} a day)`);
  expect(page).toContain(`costs ${(millions * defaultLog).toFixed(2)} a day`);
});
