/** Headers that a plugin offers to whatever the rest of a route answers. */

import { answerWith } from '../../../functions/proxy/chain/answer-headers.ts';
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
