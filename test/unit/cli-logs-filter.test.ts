import { parseSince, toFilterPattern } from '../../cli/logs/filter.ts';
import { CliError } from '../../cli/terminal/cli-error.ts';

describe('toFilterPattern', () => {
  it.each([
    [{}, '{ ($.type = "access") }'],
    [{ route: 'users.v1' }, '{ ($.type = "access") && ($.route = "users.v1") }'],
    [{ status: '404' }, '{ ($.type = "access") && ($.status = 404) }'],
    [{ status: '5XX' }, '{ ($.type = "access") && ($.status >= 500) && ($.status <= 599) }'],
    [{ error: 'NO_ROUTE' }, '{ ($.type = "access") && ($.error = "NO_ROUTE") }'],
    [
      { route: 'a', status: '2xx', error: '*' },
      '{ ($.type = "access") && ($.route = "a") && ($.status >= 200) && ($.status <= 299) && ($.error = "*") }',
    ],
  ])('%j is %s', (filter, pattern) => {
    expect(toFilterPattern(filter)).toBe(pattern);
  });

  it.each([
    [{ status: '6xx' }, '--status: found 6xx, expected a status such as 404 or 5xx.'],
    [{ status: '5' }, '--status: found 5, expected a status such as 404 or 5xx.'],
    [{ route: 'a" || "' }, '--route: found "a\\" || \\"", expected the id of a route.'],
    [{ error: 'no' }, '--error: found "no", expected an error code such as NO_ROUTE, or *.'],
  ])('%j is refused: %s', (filter, message) => {
    expect(() => toFilterPattern(filter)).toThrow(new CliError('USAGE', message));
  });
});

describe('parseSince', () => {
  const now = Date.UTC(2026, 10, 21, 12);

  it.each([
    ['0s', now],
    ['30s', now - 30_000],
    ['10m', now - 600_000],
    ['2h', now - 7_200_000],
    ['1d', now - 86_400_000],
    ['2026-11-21T10:00:00Z', Date.UTC(2026, 10, 21, 10)],
    ['2026-11-21', Date.UTC(2026, 10, 21)],
  ])('%s', (text, ms) => {
    expect(parseSince(text, now)).toBe(ms);
  });

  it.each(['10', '-5m', 'yesterday', '5 m', '2026-13-41', ''])('refuses %j', (text) => {
    expect(() => parseSince(text, now)).toThrow('expected a time such as 10m');
  });
});
