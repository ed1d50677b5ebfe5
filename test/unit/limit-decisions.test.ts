// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables as documents write them.
/** What limit-count and limit-conn decide by: amounts that clients write, headers, rules. */
import type { Exchange } from '../../functions/proxy/chain/exchange.ts';
import type { Plugin } from '../../functions/proxy/plugins/plugin.ts';
import { limitConn } from '../../functions/proxy/plugins/traffic/limit-conn.ts';
import { limitCount } from '../../functions/proxy/plugins/traffic/limit-count.ts';
import { compileAmount } from '../../functions/proxy/plugins/traffic/limits/amount.ts';
import { thrownBy, toExchange, toRequest, toResponse } from '../support/builders.ts';
import { createListeningTable, prepareLimit } from '../support/limit-rig.ts';
import { preparePlugin, runPlugin } from '../support/plugin-rig.ts';

type Headers = Readonly<Record<string, string>>;
const never = new Promise<never>(() => {});
const conn = { conn: 1, burst: 0, default_conn_delay: 1 };
const shared = { policy: 'dynamodb' };
const saidBy = (name: string, text: string): Partial<Exchange> => ({
  identity: new Map([[name, text]]),
  reserved: new Set([name]),
});

/** How many of these requests pass; those of limit-conn do not end. */
async function countPassed(plugin: Plugin, config: object, requests: readonly Headers[]) {
  let passed = 0;
  const next = () => {
    passed += 1;
    return plugin === limitConn ? never : Promise.resolve(toResponse());
  };
  const { ask } = prepareLimit(plugin, config, { next });
  for (const headers of requests) {
    void ask(undefined, { request: toRequest({ headers }) }).catch(() => {});
    await new Promise(setImmediate);
  }
  return passed;
}

test.each<[string, Plugin, object, readonly Headers[], number]>([
  ['conn', limitConn, { ...conn, conn: '${http_x ?? 2}' }, [{}, {}], 2],
  ['less of conn', limitConn, { ...conn, conn: '${http_x ?? 2}' }, [{}, { x: '1' }], 1],
  ['less of burst', limitConn, { ...conn, burst: '${http_x ?? 2}' }, [{}, { x: '0' }], 1],
  ['more of burst', limitConn, { ...conn, burst: '${http_x ?? 0}' }, [{}, { x: '9' }], 1],
  [
    'another window',
    limitCount,
    { count: 1, time_window: '${http_x ?? 60}' },
    [{ x: '1' }, { x: '2' }],
    1,
  ],
])(
  'of clients that ask for %s, so many pass: %#',
  async (_, plugin, config, requests, expected) => {
    expect(await countPassed(plugin, config, requests)).toBe(expected);
  },
);

test.each<[Plugin, object, string]>([
  [limitCount, { count: '$http_x', time_window: 1 }, 'many'],
  [limitCount, { count: 1, time_window: '$http_x' }, 'long'],
  [limitConn, { ...conn, conn: '$http_x' }, 'many'],
  [limitConn, { ...conn, burst: '$http_x' }, 'many'],
])('$name with %j cannot count where a plugin has said %j', async (plugin, config, text) => {
  const { error } = await runPlugin(plugin, config, { exchange: saidBy('x', text) });

  expect(error?.code).toBe('ACCESS_UNDECIDED');
});

const rule = (plugin: Plugin, parts: object) =>
  plugin === limitConn
    ? { default_conn_delay: 1, rules: [{ conn: 1, burst: 0, ...parts }] }
    : { rules: [{ count: 1, time_window: 1, ...parts }] };

test.each<[Plugin, object]>([
  [limitConn, { ...conn, key: 'http_x_a' }],
  [limitConn, { ...conn, conn: '${http_x_a ?? 5}' }],
  [limitConn, { ...conn, burst: '${http_x_a ?? 5}' }],
  [limitConn, rule(limitConn, { key: '$http_x_a' })],
  [limitConn, rule(limitConn, { key: '$uri', conn: '${http_x_a ?? 5}' })],
  [limitConn, rule(limitConn, { key: '$uri', burst: '${http_x_a ?? 5}' })],
  [limitCount, { count: '${http_x_a ?? 5}', time_window: 1 }],
  [limitCount, { count: 5, time_window: '${http_x_a ?? 5}' }],
  [limitCount, rule(limitCount, { key: '$uri', count: '${http_x_a ?? 5}' })],
  [limitCount, rule(limitCount, { key: '$http_x_a' })],
])('under $name with %j other spellings of the header go nowhere', async (plugin, config) => {
  const headers = { 'x-a': '1', x_a: '2', 'x.a': '3', x_b: '4' };
  const { passed } = await runPlugin(plugin, config, { request: { headers } });

  expect(Object.keys(passed?.request.headers ?? {})).toEqual(['x-a', 'x_b']);
});

test.each<[Plugin, object, string]>([
  [limitConn, { ...conn, conn: 'ten' }, '/conn'],
  [limitConn, { ...conn, burst: 'ten' }, '/burst'],
  [limitConn, rule(limitConn, { key: '$http_a', conn: 'ten' }), '/rules/0/conn'],
  [limitConn, rule(limitConn, { key: '$nothing' }), '/rules/0/key'],
  [limitCount, { count: 'ten', time_window: 1 }, '/count'],
  [limitCount, { count: 1, time_window: 'ten' }, '/time_window'],
])('what $name with %j cannot use is named at %s', (plugin, config, pointer) => {
  expect(thrownBy(() => preparePlugin(plugin, config))).toMatchObject({
    issues: [{ pointer: `/plugins/it${pointer}` }],
  });
});

describe('limit-conn in a table', () => {
  const sum = 'conn and burst of 5000 together at most, beside policy dynamodb';
  const rules = (...all: readonly object[]) => ({ ...shared, default_conn_delay: 1, rules: all });
  const keyed = (key: string, parts: object = {}) => ({ conn: 1, burst: 0, key, ...parts });

  test.each<[object, boolean]>([
    [{ ...conn, ...shared, conn: 4999, burst: 1 }, true],
    [{ ...conn, ...shared, conn: '${http_x ?? 9}', burst: 5000 }, true],
    [rules(keyed('$http_a'), keyed('$http_b', { burst: 5000 })), false],
  ])('takes %j: %s', (config, isValid) => {
    const attempt = () => prepareLimit(limitConn, config, createListeningTable());

    if (isValid) expect(attempt).not.toThrow();
    else expect(thrownBy(attempt)).toMatchObject({ issues: [{ expected: sum }] });
  });

  async function hear(config: object) {
    const { table, heard } = createListeningTable();
    const { ask } = prepareLimit(limitConn, config, { table });
    await ask(undefined, { request: toRequest({ headers: { a: '1', b: '1', c: '1' } }) });
    return heard.filter(({ update }) => update.condition !== undefined);
  }

  test('holds 5000 places at most, whatever a text says', async () => {
    const [taken] = await hear({ ...conn, ...shared, conn: '${http_x ?? 9000}' });

    expect(JSON.stringify(taken)).toContain('"5000"');
  });

  test('has places of their own for each rule, and for a limit without rules those of the first', async () => {
    const all = ['$http_a', '$http_b', '$http_c'].map((key) => keyed(key));
    const [first, second, third] = await hear(rules(...all));
    const [alone] = await hear({ ...conn, ...shared, key_type: 'var_combination', key: '$http_a' });

    expect(new Set([first?.key, second?.key, third?.key]).size).toBe(3);
    expect(alone?.key).toBe(first?.key);
  });
});

test.each([
  [true, 'passes'],
  [false, 'ACCESS_UNDECIDED'],
])('limit-conn, where no rule counts a request (allow_degradation %s): %s', async (...row) => {
  const [allow_degradation, expected] = row;
  const config = { ...rule(limitConn, { key: '$http_a' }), allow_degradation };
  const { passed, error } = await runPlugin(limitConn, config);

  expect(passed ? 'passes' : error?.code).toBe(expected);
});

describe('an amount', () => {
  const range = { minimum: 1, maximum: 1000, mayShrink: true };
  const warnings: string[] = [];
  const compile = (text: string) =>
    compileAmount(text, { range, pointer: '/count', warn: (message) => warnings.push(message) });

  test.each([
    ['${http_x ?? 10}', 0],
    ['$consumer_name', 0],
    ['$http_x', 1],
    ['$consumer_name$http_x', 1],
  ])('%s is warned of %d times', (text, count) => {
    warnings.length = 0;
    compile(text);

    expect(warnings).toHaveLength(count);
  });

  test.each<[string, Partial<Exchange>, number]>([
    ['9', saidBy('b', '5'), 15],
    ['1', saidBy('b', '4'), 14],
    ['9', {}, 10],
  ])('of a client that says %s beside a plugin keeps the default of its own part', (...row) => {
    const [said, exchange, expected] = row;
    const request = toRequest({ headers: { a: said } });

    expect(compile('${http_a ?? 1}${http_b ?? 0}')(toExchange({ ...exchange, request }))).toBe(
      expected,
    );
  });

  test('keeps the default of what a document does not say beside a client', () => {
    const request = toRequest({ headers: { a: '9' } });

    expect(compile('${http_a ?? 1}${consumer_name ?? 0}')(toExchange({ request }))).toBe(10);
  });

  test('may be the largest that there is', () => {
    expect(compile('${http_x ?? 1000}')(toExchange())).toBe(1000);
  });

  test('that a client alone could say is tried again in a second', () => {
    expect(thrownBy(() => compile('$http_x')(toExchange()))).toMatchObject({
      code: 'ACCESS_UNDECIDED',
      headers: { 'retry-after': '1' },
    });
  });
});
