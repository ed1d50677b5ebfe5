/** How often a name occurs in a query or a `Cookie` header, however many other parts they have. */
import { countCookies } from '../../functions/proxy/http/cookies.ts';
import { countParameters } from '../../functions/proxy/http/query.ts';

test.each([
  ['tenant=1', 1],
  ['a=1;Tenant=1', 1],
  ['tenant=1&[tenant]=2', 2],
  ['tenants=1&tenan=1', 0],
  ['%5btenant%00x=1', 1],
  ['tenant', 1],
  ['', 0],
  ['x=tenant', 0],
  ['?tenant=1', 1],
  ['???tenant=1&tenant=2', 2],
  ['%3Ftenant=1', 0],
  ['a=1&?tenant=1', 0],
  ['%u0074enant=1', 1],
  ['%U0074en%u0061nt%u0000=1', 1],
  ['%u0020tenant=1', 1],
  ['%u0174enant=1', 0],
  ['%u074enant=1', 0],
  ['%u00tenant=1', 0],
  // The longest that is read in front of a name, and what is not read to its end.
  [`${'%20'.repeat(64)}x=1`, 0],
  [`${'%20'.repeat(65)}x=1`, 1],
  [`${'%20'.repeat(64)}tenant=1`, 1],
  [';'.repeat(9999), 0],
  [';'.repeat(10_000), 2],
  ['a;'.repeat(10_000), 2],
])('the query %.40j has the parameter tenant %i times', (query, times) => {
  expect(countParameters(query, 'tenant')).toBe(times);
});

test.each([
  ['sid=1', 1],
  ['a=1; SID=2, sid=3', 2],
  ['a=1 sid', 0],
  [undefined, 0],
  [`${'a=1;'.repeat(9999)}sid=1`, 1],
  ['a=1;'.repeat(10_001), 2],
  [`x=${' a'.repeat(10_001)}`, 2],
])('the header %.40j has the cookie sid %i times', (header, times) => {
  expect(countCookies(header, 'sid')).toBe(times);
});

// What is read of a megabyte is counted by how often the text is looked at.
test.each(['%20', '%u0020', '+', '[', ';', 'a;', '%41;', '?'])(
  'twice as many %j are looked at twice as often, and a bounded number of times each',
  (part) => {
    const looks = (length: number) => {
      const text = part.repeat(length);
      const spy = jest.spyOn(String.prototype, 'charCodeAt');
      countParameters(text, 'tenant');
      const { length: calls } = spy.mock.calls;
      spy.mockRestore();
      return calls / text.length;
    };

    expect(looks(2000)).toBeLessThan(12);
    expect(looks(4000)).toBeLessThan(looks(2000) * 1.2);
  },
);
