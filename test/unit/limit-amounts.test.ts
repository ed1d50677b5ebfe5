// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables as documents write them.
/** Amounts of limits that are texts with variables: what counts, and what a client may say. */
import type { Exchange } from '../../functions/proxy/chain/exchange.ts';
import type { Plugin } from '../../functions/proxy/plugins/plugin.ts';
import { limitConn } from '../../functions/proxy/plugins/traffic/limit-conn.ts';
import { limitCount } from '../../functions/proxy/plugins/traffic/limit-count.ts';
import { compileAmount } from '../../functions/proxy/plugins/traffic/limits/amount.ts';
import { thrownBy, toExchange, toRequest } from '../support/builders.ts';
import { preparePlugin, runPlugin } from '../support/plugin-rig.ts';

const most = { minimum: 1, maximum: 1000, mayShrink: true };
const fixed = { ...most, mayShrink: false };
type Headers = Readonly<Record<string, string>>;

const withHeaders = (headers: Headers, parts: Partial<Exchange> = {}) =>
  toExchange({ ...parts, request: toRequest({ headers, query: 'q=3' }) });

function read(text: number | string, range = most, exchange = toExchange()) {
  const warnings: string[] = [];
  const warn = (message: string) => warnings.push(message);
  try {
    return compileAmount(text, { range, pointer: '/count', warn })(exchange);
  } catch (error) {
    return (error as { readonly code?: string }).code ?? 'invalid';
  }
}

test.each<[text: number | string, headers: Headers, shrinking: unknown, fixed: unknown]>([
  [7, {}, 7, 7],
  ['7', {}, 7, 7],
  ['${http_x ?? 10}', {}, 10, 10],
  ['${http_x??10}', {}, 10, 10],
  ['${ http_x ?? 10 }', {}, 10, 10],
  ['${http_x ?? 10}', { x: '3' }, 3, 10],
  ['${http_x ?? 10}', { x: '10' }, 10, 10],
  ['${http_x ?? 10}', { x: '11' }, 10, 10],
  ['${http_x ?? 10}', { x: '999999' }, 10, 10],
  ['${http_x ?? 10}', { x: '9'.repeat(400) }, 10, 10],
  ['${http_x ?? 10}', { x: '0' }, 10, 10],
  ['${http_x ?? 10}', { x: '-1' }, 10, 10],
  ['${http_x ?? 10}', { x: '1.5' }, 10, 10],
  ['${http_x ?? 10}', { x: '1e9' }, 10, 10],
  ['${http_x ?? 10}', { x: '0x1' }, 10, 10],
  ['${http_x ?? 10}', { x: 'many' }, 10, 10],
  ['${http_x ?? 10}', { x: '' }, 10, 10],
  ['${http_x ?? 1}${http_y ?? 0}', { x: '9', y: '9' }, 10, 10],
  ['${http_x ?? 1}0', { x: '', y: '' }, 10, 10],
  ['${arg_q ?? 10}', {}, 3, 10],
  ['$http_x', { x: '3' }, 'ACCESS_UNDECIDED', 'ACCESS_UNDECIDED'],
  ['$http_x', {}, 'ACCESS_UNDECIDED', 'ACCESS_UNDECIDED'],
  ['${http_x ?? ten}', { x: '3' }, 'invalid', 'invalid'],
  ['${http_x ?? 0}', { x: '3' }, 'invalid', 'invalid'],
  ['${http_x ?? 1001}', { x: '3' }, 'invalid', 'invalid'],
  ['$arg_q', {}, 'invalid', 'invalid'],
  ['$cookie_a', {}, 'invalid', 'invalid'],
  ['${consumer_name ?? x}', {}, 'invalid', 'invalid'],
  ['${nothing ?? 10}', {}, 'invalid', 'invalid'],
  ['ten', {}, 'invalid', 'invalid'],
  ['', {}, 'invalid', 'invalid'],
])('%j of a client that sends %j counts as %s, or as %s where it may not be less', (...row) => {
  const [text, headers, shrinking, other] = row;

  expect(read(text, most, withHeaders(headers))).toBe(shrinking);
  expect(read(text, fixed, withHeaders(headers))).toBe(other);
});

test.each<[text: string, said: string | undefined, expected: unknown]>([
  ['$http_x_quota', '500', 500],
  ['${http_x_quota ?? 10}', '500', 500],
  ['${http_x_quota ?? 10}', undefined, 10],
  ['$http_x_quota', 'many', undefined],
  ['$http_x_quota', undefined, undefined],
])('%s where a plugin of the route has said %s: %s', (text, said, expected) => {
  const exchange = withHeaders(
    { 'x-quota': '7', x_quota: '8' },
    { identity: new Map([['x-quota', said]]), reserved: new Set(['x-quota']) },
  );

  expect(read(text, most, exchange)).toBe(expected);
  expect(read(text, fixed, exchange)).toBe(expected);
});

test('a header that proxies in front write is no word of a plugin', () => {
  for (const name of ['x_real_ip', 'x_forwarded_host', 'x_forwarded_for']) {
    const exchange = toExchange({ request: toRequest({ host: '900', clientIp: '900' }) });
    expect(read(`\${http_${name} ?? 10}`, most, exchange)).toBe(10);
  }
});

test('a name of a document may say an amount', () => {
  const exchange = toExchange({ consumer: { username: '42' } as never });

  expect(read('$consumer_name', most, exchange)).toBe(42);
});

test('a header without a default is warned of', () => {
  const warnings: string[] = [];
  compileAmount('$http_x', {
    ...{ range: most, pointer: '/count' },
    warn: (message) => warnings.push(message),
  });
  expect(warnings).toEqual([expect.stringContaining('/count: without a default')]);
});

const unbounded = { 'limit-count': { count: '$http_x', time_window: 60 } };

test('a client escapes no limit that lets requests pass where it cannot count', async () => {
  const settings = { ...unbounded['limit-count'], allow_degradation: true };
  for (const headers of [{}, { x: 'many' }, { x: '1' }]) {
    const { error } = await runPlugin(limitCount, settings, { request: { headers } });
    expect(error?.code).toBe('ACCESS_UNDECIDED');
  }
});

test.each([
  [true, undefined],
  [false, 'ACCESS_UNDECIDED'],
])('what a plugin has said wrongly counts as no count (allow_degradation %s)', async (...row) => {
  const [allow_degradation, code] = row;
  const exchange = { identity: new Map([['x', 'many']]), reserved: new Set(['x']) };
  const settings = { ...unbounded['limit-count'], allow_degradation };

  expect((await runPlugin(limitCount, settings, { exchange })).error?.code).toBe(code);
});

const conn = { conn: 1, burst: 0, default_conn_delay: 1 };
const manyRules = (length: number, rule: object) =>
  Array.from({ length }, (_, index) => ({ ...rule, key: `$http_x_${index}` }));

test.each<[plugin: Plugin, settings: object, isValid: boolean]>([
  [limitConn, { ...conn, conn: '${http_x ?? 5}', burst: '${http_y ?? 0}' }, true],
  [limitConn, { ...conn, conn: '${http_x ?? 0}' }, false],
  [limitConn, { ...conn, burst: '${http_x ?? -1}' }, false],
  [limitConn, { ...conn, rules: [{ conn: 1, burst: 0, key: '$http_a' }] }, false],
  [limitConn, { default_conn_delay: 1, rules: [{ conn: 1, burst: 0, key: '$http_a' }] }, true],
  [limitConn, { default_conn_delay: 1, rules: [{ conn: 1, key: '$http_a' }] }, false],
  [limitConn, { default_conn_delay: 1, rules: [] }, false],
  [limitConn, { default_conn_delay: 1, rules: manyRules(10, { conn: 1, burst: 0 }) }, true],
  [limitConn, { default_conn_delay: 1, rules: manyRules(11, { conn: 1, burst: 0 }) }, false],
  [limitCount, { rules: manyRules(10, { count: 1, time_window: 1 }) }, true],
  [limitCount, { rules: manyRules(11, { count: 1, time_window: 1 }) }, false],
  [limitConn, { conn: 1, default_conn_delay: 1 }, false],
  [limitCount, { count: '${http_x ?? 5}', time_window: '${http_y ?? 60}' }, true],
  [limitCount, { count: 5, time_window: '${http_y ?? 99999999}' }, false],
  [limitCount, { count: 5, time_window: 1, window_type: 'sliding' }, true],
  [limitCount, { count: 5, time_window: 1, window_type: 'rolling' }, false],
])('$name with %j is valid: %s', (plugin, settings, isValid) => {
  const attempt = () => preparePlugin(plugin, settings);

  if (isValid) expect(attempt).not.toThrow();
  else expect(thrownBy(attempt)).toMatchObject({ name: 'DocumentError' });
});
