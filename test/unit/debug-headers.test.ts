import { withDebugHeaders } from '../../functions/proxy/debug-headers.ts';
import { toResponse } from '../support/builders.ts';

const record = { coldStart: false, upstreamTries: 0 };
const response = toResponse({ status: 201, headers: [['x', '1']] });

test.each([
  [{}, []],
  [{ tableVersion: 'abc' }, [['countersign-table', 'abc']]],
  [{ routeId: 'r' }, [['countersign-route', 'r']]],
  [
    { tableVersion: 'abc', routeId: 'r' },
    [
      ['countersign-table', 'abc'],
      ['countersign-route', 'r'],
    ],
  ],
])('of %j the headers behind the response’s own are %j', (known, shown) => {
  expect(withDebugHeaders(response, { ...record, ...known })).toEqual({
    ...response,
    headers: [['x', '1'], ...shown],
  });
});
