import { requestId } from '../../../functions/proxy/plugins/traffic/request-id.ts';
import { headersOf, thrownBy } from '../../support/builders.ts';
import { preparePlugin, runPlugin } from '../../support/plugin-rig.ts';

const nowMs = Date.UTC(2026, 0, 2);
const nowSeconds = nowMs / 1000;

const idOf = async (config: unknown, given?: string) => {
  const headers: Record<string, string> = given === undefined ? {} : { 'x-request-id': given };
  const { passed, response } = await runPlugin(requestId, config, {
    request: { headers },
    nowMs,
  });
  return {
    sent: passed?.request.headers['x-request-id'],
    shown: headersOf(response?.headers ?? [], 'x-request-id'),
  };
};

test.each([
  [{}, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
  [{ algorithm: 'nanoid' }, /^[\w-]{21}$/],
  [{ algorithm: 'range_id' }, /^[a-zA-Z0-9]{16}$/],
  [{ algorithm: 'range_id', range_id: { length: 6, char_set: 'aaaaaa' } }, /^a{6}$/],
  [
    { algorithm: 'uuidv7' },
    /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  ],
  [{ algorithm: 'ksuid' }, /^[0-9A-Za-z]{27}$/],
])('with %j the upstream and the client see an id like %s', async (config, shape) => {
  const { sent, shown } = await idOf(config);

  expect(sent).toMatch(shape);
  expect(shown).toEqual([sent]);
});

test.each([
  ['abc-1', true],
  ['a'.repeat(128), true],
  ['a'.repeat(129), false],
  ['', false],
  ['a b', false],
  ['a"b', false],
])("a client's own id %.20j is kept: %s", async (given, isKept) => {
  const { sent } = await idOf({}, given);

  expect(sent === given).toBe(isKept);
});

test('an id may stay from the client', async () => {
  expect((await idOf({ include_in_response: false })).shown).toEqual([]);
});

test('a header that the proxy only relays may carry the id', () => {
  expect(() => preparePlugin(requestId, { header_name: 'proxy-id' })).not.toThrow();
});

test('a uuidv7 begins with its time in milliseconds, and the rest differs each time', async () => {
  const ids = await Promise.all([1, 2].map(() => idOf({ algorithm: 'uuidv7' })));
  const [first = '', second = ''] = ids.map(({ sent = '' }) => sent);

  expect(Number.parseInt(first.replace('-', '').slice(0, 12), 16)).toBe(nowMs);
  expect(second.slice(0, 14)).toBe(first.slice(0, 14));
  expect(second.slice(14)).not.toBe(first.slice(14));
});

test('a ksuid begins with its time', async () => {
  const first = await idOf({ algorithm: 'ksuid' });
  const second = await idOf({ algorithm: 'ksuid' });
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const toNumber = (text = '') =>
    [...text].reduce((sum, digit) => sum * 62n + BigInt(digits.indexOf(digit)), 0n);

  for (const { sent } of [first, second]) {
    expect(Number(toNumber(sent) >> 128n)).toBe(nowSeconds - 1_400_000_000);
  }
  expect(first.sent).not.toBe(second.sent);
});

test.each([
  [{ header_name: 'host' }],
  [{ range_id: { length: 5 } }],
  [{ range_id: { char_set: 'abcde' } }],
  [{ range_id: { char_set: 'abcde f' } }],
  [{ algorithm: 'snowflake' }],
])('the settings %j are refused', (config) => {
  expect(thrownBy(() => preparePlugin(requestId, config))).toMatchObject({
    name: 'DocumentError',
  });
});
