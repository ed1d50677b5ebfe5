/** How often the headers of a request are gone through when a document changes several of them. */
import { compileRequestHeaders } from '../../../functions/proxy/plugins/request-headers.ts';
import { toExchange, toRequest } from '../../support/builders.ts';

test.each(['set', 'add', 'remove'])('many headers to %s copy those of a client once', (action) => {
  const received = { 'x-first': 'a', x_last: 'b', other: 'c' };
  const names = ['x-first', ...Array.from({ length: 18 }, (_, index) => `x-${index}`), 'x-last'];
  const change = compileRequestHeaders(
    {
      [action]:
        action === 'remove' ? names : Object.fromEntries(names.map((name) => [name, 'new'])),
    },
    { pointer: '', groupCount: undefined },
  );

  const exchange = toExchange({ request: toRequest({ headers: received }) });

  // Each copy of headers is an object without a prototype.
  const create = jest.spyOn(Object, 'create');
  const changed = change(exchange, []);
  const copies = create.mock.calls.length;
  create.mockRestore();

  expect(copies).toBe(1);
  expect(Object.keys(changed.request.headers)).toHaveLength(action === 'remove' ? 1 : 21);
  expect(changed.request.headers).toMatchObject({
    other: 'c',
    ...(action === 'set' ? { 'x-first': 'new' } : {}),
    ...(action === 'add' ? { 'x-first': 'a, new', 'x-last': 'new' } : {}),
  });
  expect(received).toEqual({ 'x-first': 'a', x_last: 'b', other: 'c' });
});

test('names of other lengths than a header are not compared with it', () => {
  const long = `x${'_'.repeat(100)}`;
  const change = compileRequestHeaders(
    { set: { 'x-a': 'b' } },
    { pointer: '', groupCount: undefined },
  );

  const { request } = change(
    toExchange({ request: toRequest({ headers: { [long]: 'c', x_a: 'd' } }) }),
    [],
  );

  expect({ ...request.headers }).toEqual({ [long]: 'c', 'x-a': 'b' });
});
