import { maskQuery } from '../../functions/proxy/masked-query.ts';

test.each([
  ['a=1&b=2', 'a=1&b=2'],
  ['apikey=k&a=1', 'apikey=***&a=1'],
  ['api_key=k', 'api_key=***'],
  ['JWT=k', 'JWT=***'],
  ['%61pikey=k', '%61pikey=***'],
  ['access_token=a=b', 'access_token=***'],
  [
    'X-Amz-Signature=s&X-Amz-Security-Token=t&X-Amz-Date=d',
    'X-Amz-Signature=***&X-Amz-Security-Token=***&X-Amz-Date=d',
  ],
  ['own=k&owner=o', 'own=***&owner=o'],
  ['apikey', 'apikey'],
  ['', ''],
])('%j is logged as %j', (query, logged) => {
  expect(maskQuery(query, ['own'])).toBe(logged);
});
