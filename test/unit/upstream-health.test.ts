/** `checks.passive`: when a node of an upstream rests, by counts of what requests met. */
import {
  createHealth,
  type PassiveChecks,
  type Report,
} from '../../functions/proxy/upstream/balance/health.ts';

interface Limits {
  readonly successes?: number;
  readonly http_failures?: number;
  readonly tcp_failures?: number;
  readonly timeouts?: number;
}

function begin({ successes = 2, ...limits }: Limits = {}) {
  let nowMs = 0;
  const checks: PassiveChecks = {
    healthy: { http_statuses: [200, 302], successes },
    unhealthy: {
      http_statuses: [500, 503],
      ...{ http_failures: 3, tcp_failures: 2, timeouts: 4, ...limits },
    },
  };
  const health = createHealth(checks, () => nowMs);
  return {
    isResting: () => health.isResting('a'),
    report: (...reports: Report[]) => {
      for (const report of reports) health.report('a', report);
      return health.isResting('a');
    },
    wait: (ms: number) => {
      nowMs += ms;
      return health.isResting('a');
    },
    health,
  };
}

test.each<[string, Report[], boolean]>([
  ['three listed statuses', [500, 503, 500], true],
  ['two listed statuses', [500, 503], false],
  ['two connections that failed', ['tcp_failures', 'tcp_failures'], true],
  ['four timeouts', ['timeouts', 'timeouts', 'timeouts', 'timeouts'], true],
  [
    'failures of three kinds, none as many as its limit',
    [500, 500, 'tcp_failures', 'timeouts'],
    false,
  ],
  ['statuses that no list has', [404, 404, 404, 404, 404], false],
  ['a success between failures, less than make it healthy', [500, 500, 200, 500], true],
  ['as many successes in a row as make it healthy', [500, 500, 200, 302, 500], false],
  ['successes that a failure interrupts', [500, 200, 500, 200, 500], true],
])('after %s', (_, reports, isResting) => {
  expect(begin().report(...reports)).toBe(isResting);
});

test.each<[keyof Limits, Report]>([
  ['http_failures', 500],
  ['tcp_failures', 'tcp_failures'],
  ['timeouts', 'timeouts'],
])('a limit of 0 for %s counts nothing', (name, report) => {
  const reports = Array.from({ length: 300 }, () => report);
  expect(begin({ [name]: 0 }).report(...reports)).toBe(false);
});

test('with a limit of 0 no success makes a node healthy', () => {
  const { report } = begin({ successes: 0 });

  expect(report('tcp_failures', 200, 200, 200, 'tcp_failures')).toBe(true);
});

test('a success of a node without failures, and a status that no list has, count nothing', () => {
  const { report, health } = begin({ successes: 1 });
  health.report('b', 200);
  expect(health.isResting('b')).toBe(false);

  expect(report('tcp_failures', 404, 'tcp_failures')).toBe(true);
});

test('nodes are counted each by itself', () => {
  const { health, report } = begin();
  report('tcp_failures', 'tcp_failures');

  expect([health.isResting('a'), health.isResting('b')]).toEqual([true, false]);
});

test('a rest ends after ten seconds, and one failure behind it begins one of twice the time', () => {
  const { report, wait } = begin();
  report('tcp_failures', 'tcp_failures');
  expect([wait(9999), wait(1)]).toEqual([true, false]);

  expect(report(500)).toBe(true);
  expect([wait(19_999), wait(1)]).toEqual([true, false]);
});

test('a rest is never longer than five minutes', () => {
  const { report, wait } = begin({ tcp_failures: 1 });
  for (let rests = 0; rests < 12; rests += 1) {
    report('tcp_failures');
    wait(300_000);
  }

  expect(report('tcp_failures')).toBe(true);
  expect([wait(299_999), wait(1)]).toEqual([true, false]);
});

test('successes behind a rest make the node healthy, and its limits count from the beginning', () => {
  const { report, wait } = begin();
  report('tcp_failures', 'tcp_failures');
  wait(10_000);

  expect(report(200, 200, 'tcp_failures')).toBe(false);
  expect(report('tcp_failures')).toBe(true);
  expect(wait(10_000)).toBe(false);
});

test('failures of requests that were under way do not lengthen a rest', () => {
  const { report, wait } = begin();
  report('tcp_failures', 'tcp_failures');
  wait(5000);
  report('tcp_failures', 'tcp_failures', 500, 500, 500);

  expect(wait(5000)).toBe(false);
});
