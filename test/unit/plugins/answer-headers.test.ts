import { ProxyError } from '../../../functions/proxy/errors.ts';
import { withAnswerHeaders } from '../../../functions/proxy/plugins/answer-headers.ts';
import { rejectionOf, toResponse } from '../../support/builders.ts';

it('what the answer says itself stays, unless it is empty; of cookies there are several', async () => {
  const headers = [
    ['x-request-id', 'own'],
    ['x-empty', ''],
    ['set-cookie', 'a=1'],
  ] as const;
  const added = { 'x-request-id': 'ours', 'x-empty': 'ours', 'set-cookie': 'b=2', 'x-new': 'ours' };

  const response = await withAnswerHeaders(Promise.resolve(toResponse({ headers })), added);

  expect(response.headers).toEqual([
    ['x-request-id', 'own'],
    ['set-cookie', 'a=1'],
    ['x-empty', 'ours'],
    ['set-cookie', 'b=2'],
    ['x-new', 'ours'],
  ]);
});

it('an error stays what it is, with the headers beside its own', async () => {
  const cause = new Error('why');
  const answer = { status: 599, body: 'x' };
  const options = { cause, answer, detail: 'd', isUnsent: true, headers: { 'retry-after': '1' } };
  const error = new ProxyError('BREAKER_OPEN', 'open', options);

  const thrown = await rejectionOf(
    withAnswerHeaders(Promise.reject(error), { 'retry-after': '9', 'x-new': 'ours' }),
  );

  expect(thrown).toBeInstanceOf(ProxyError);
  expect(thrown).toMatchObject({
    code: 'BREAKER_OPEN',
    message: 'open',
    cause,
    answer,
    detail: 'd',
    isUnsent: true,
    headers: { 'retry-after': '1', 'x-new': 'ours' },
  });
});

it('what is thrown and is no error of ours becomes one, and keeps its cause', async () => {
  const cause = new Error('a bug');

  expect(await rejectionOf(withAnswerHeaders(Promise.reject(cause), {}))).toMatchObject({
    code: 'INTERNAL',
    cause,
  });
});
