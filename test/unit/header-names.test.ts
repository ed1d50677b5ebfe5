import {
  headerTable,
  isDropped,
  isHiddenFromPlugins,
  isHopByHop,
  isOpenTo,
  isSetByAnswer,
  isSetByFront,
  isSetByPlugins,
  isSetBySending,
} from '../../functions/proxy/http/header-names.ts';

test('each header name stands in one row', () => {
  const names = headerTable.flatMap((row) => row.names.split(' '));
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  expect(names.filter((name) => name !== name.toLowerCase())).toEqual([]);
});

test('a prefix has the characters that it is looked up by, and the * at its end alone', () => {
  const prefixes = headerTable
    .flatMap((row) => row.names.split(' '))
    .filter((name) => name.includes('*'));
  expect(prefixes.filter((name) => name.indexOf('*') < Math.max(3, name.length - 1))).toEqual([]);
});

test('a header that its connection or its sender sets is dropped, and open to no document', () => {
  const rows = headerTable.filter(({ setBy }) => setBy === 'connection' || setBy === 'sender');
  expect(rows.map(({ isDropped: drops, uses }) => [drops, uses])).toEqual(
    rows.map(() => [true, []]),
  );
});

test.each<readonly [string, boolean, string]>([
  ['connection', true, ''],
  ['content-length', true, ''],
  ['x-amz-date', true, ''],
  ['x-amz-target', true, ''],
  ['authorization', true, 'authorizer'],
  ['x-forwarded-for', true, 'authorizer'],
  ['x-amzn-oidc-data', true, 'authorizer'],
  ['x-http-method-override', true, 'authorizer'],
  ['x-consumer-username', true, 'authorizer'],
  ['x-original-authorization', true, 'identity authorizer'],
  ['x-forwarded-user', true, 'identity authorizer'],
  ['x-auth-request-email', true, 'identity authorizer'],
  ['x-forwarded-users', false, 'identity authorizer'],
  ['x-forwarded-authorization', false, 'identity authorizer'],
  ['x-real-ip', true, 'authorizer'],
  ['x-amzn-trace-id', false, 'authorizer'],
  ['content-type', false, 'authorizer'],
  ['sec-fetch-site', false, 'authorizer'],
  ['proxy-status', false, 'request-id authorizer'],
  ['acceptance', false, 'request-id authorizer'],
  ['x-forwarded-port', false, 'identity authorizer'],
  ['countersign-table', false, 'identity authorizer'],
  ['set-cookie', false, 'identity authorizer'],
  ['constructor', false, 'identity request-id authorizer'],
  ['x-tenant', false, 'identity request-id authorizer'],
])('%s: dropped %s, open to: %s', (name, drops, uses) => {
  expect(isDropped(name)).toBe(drops);
  const all = ['identity', 'request-id', 'authorizer'] as const;
  expect(all.filter((use) => isOpenTo(use, name)).join(' ')).toBe(uses);
});

test('a whole name precedes the prefix that it begins with', () => {
  expect(isHopByHop('proxy-connection')).toBe(true);
  expect(isHopByHop('proxy-status')).toBe(false);
  expect(isSetBySending('x-amz-date')).toBe(true);
  expect(isSetBySending('x-amz-target')).toBe(false);
});

test('identity headers and the headers of our own answers are known by prefix', () => {
  expect(isSetByPlugins('x-consumer-custom-id')).toBe(true);
  expect(isSetByPlugins('x-consumer')).toBe(false);
  expect(isSetByPlugins('remote-user')).toBe(true);
  expect(isSetByFront('x-real-ip')).toBe(true);
  expect(isSetByFront('x-forwarded-for')).toBe(false);
  expect(['x-real-ip', 'remote-user', 'x-forwarded-for', 'x-own'].map(isHiddenFromPlugins)).toEqual(
    [true, true, false, false],
  );
  expect(isSetByAnswer('countersign-error')).toBe(true);
  expect(isSetByAnswer('location')).toBe(false);
});
