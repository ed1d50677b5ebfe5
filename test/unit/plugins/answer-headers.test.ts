/** Headers that a plugin offers to whatever the rest of a route answers. */

import { answerWith, withHeaders } from '../../../functions/proxy/chain/answer-headers.ts';
import { ProxyError } from '../../../functions/proxy/http/errors.ts';
import { rejectionOf, toExchange, toResponse } from '../../support/builders.ts';

it('what the answer says itself stays, unless it is empty; of cookies there are several', async () => {
  const headers = [
    ['x-request-id', 'own'],
    ['x-empty', ''],
    ['set-cookie', 'a=1'],
  ] as const;
  const offered = { 'x-request-id': 'ours', 'x-empty': 'ours', 'set-cookie': 'b=2' };

  const response = await answerWith(toExchange(), async () => toResponse({ headers }), { offered });

  expect(response.headers).toEqual([
    ['x-request-id', 'own'],
    ['set-cookie', 'a=1'],
    ['x-empty', 'ours'],
    ['set-cookie', 'b=2'],
  ]);
});

it('an error stays what it is, with the headers beside its own', async () => {
  const cause = new Error('why');
  const answer = { status: 599, body: 'x' };
  const options = { cause, answer, detail: 'd', isUnsent: true, headers: { 'retry-after': '1' } };
  const fail = async () => {
    throw new ProxyError('BREAKER_OPEN', 'open', options);
  };
  const offered = { 'retry-after': '9', 'x-new': 'ours' };

  const thrown = await rejectionOf(answerWith(toExchange(), fail, { offered }));

  expect(thrown).toBeInstanceOf(ProxyError);
  expect(thrown).toMatchObject({
    ...{ code: 'BREAKER_OPEN', message: 'open', cause, answer, detail: 'd', isUnsent: true },
    headers: { 'retry-after': '1', 'x-new': 'ours' },
  });
});

it('a foreign error becomes a ProxyError with its cause', async () => {
  const cause = new Error('a bug');
  const fail = async () => {
    throw cause;
  };

  expect(await rejectionOf(answerWith(toExchange(), fail, {}))).toMatchObject({
    code: 'INTERNAL',
    cause,
  });
});

it('what is set replaces all headers of the name, and what is dropped is gone', () => {
  const headers = [
    ['a', '1'],
    ['a', '2'],
    ['b', '3'],
    ['c', ''],
    ['d', ''],
  ] as const;
  const isDropped = (name: string) => name === 'b';
  const added = { set: { a: 'ours' }, offered: { c: 'ours' }, isDropped };

  expect(withHeaders(toResponse({ headers }), added).headers).toEqual([
    ['d', ''],
    ['c', 'ours'],
    ['a', 'ours'],
  ]);
});

it.each([
  [[], 'Origin'],
  [['Accept'], 'Accept, Origin'],
  [[' a ,, b'], 'a, b, Origin'],
  [['a', 'b'], 'a, b, Origin'],
  [['a, ORIGIN'], 'a, ORIGIN'],
  [['a', '*'], 'a, *'],
])('the answer varies by %j, and then by %j', async (said, expected) => {
  const headers = [['x', 'Origin'], ...said.map((text) => ['vary', text])] as [string, string][];
  const fail = async () => {
    throw new ProxyError('INTERNAL', 'x', { headers: Object.fromEntries(headers) });
  };

  expect(withHeaders(toResponse({ headers }), { vary: 'Origin' }).headers).toEqual([
    ['x', 'Origin'],
    ['vary', expected],
  ]);
  if (said.length > 1) return;
  expect(await rejectionOf(answerWith(toExchange(), fail, { vary: 'Origin' }))).toMatchObject({
    headers: { x: 'Origin', vary: expected },
  });
});

it('an answer that varies by nothing more keeps its own words', () => {
  const headers = [
    ['vary', 'a,b'],
    ['vary', 'a'],
  ] as const;

  expect(withHeaders(toResponse({ headers }), {}).headers).toEqual(headers);
});
