/** Filters of `response-rewrite` and the charset of a body: in UTF-16 no expression would find anything. */
import type { ProxyResponse } from '../../../functions/proxy/http/message.ts';
import { responseRewrite } from '../../../functions/proxy/plugins/transformation/response-rewrite/response-rewrite.ts';
import { gatherBody } from '../../../functions/proxy/send/gather.ts';
import { rejectionOf, toExchange, toResponse } from '../../support/builders.ts';
import { preparePlugin } from '../../support/plugin-rig.ts';

async function filter(answer: Partial<ProxyResponse>) {
  const config = { filters: [{ regex: 'one', replace: '1' }] };
  const { middleware } = preparePlugin(responseRewrite, config);
  const response = await middleware(toExchange(), async () => toResponse(answer));
  return String(await gatherBody(response));
}

const typed = (value: string) => [['content-type', value]] as const;
const body = Buffer.from('one');

it.each([
  typed('text/plain'),
  typed('text/plain; charset=utf-8'),
  typed('text/plain; Charset="ISO-8859-1"'),
  typed('text/plain; charset='),
  [['x-note', 'charset=utf-16']] as const,
])('a body with %j is filtered', async (...headers) => {
  expect(await filter({ headers, body })).toBe('1');
});

it.each([
  'text/plain; charset=utf-16',
  'text/plain; CHARSET="UTF-16LE"',
  'text/plain; charset=ibm037',
  'text/plain; charset=utf-8; charset=utf-16',
])('a body with %s is refused', async (value) => {
  const error = await rejectionOf(filter({ headers: typed(value), body }));

  expect(error).toMatchObject({ code: 'UPSTREAM_INVALID_RESPONSE' });
  expect(String(error)).toContain('its charset is none that extends ASCII');
});

it.each(['fffe', 'feff', '0000feff'])('a body behind the mark %s is refused', async (mark) => {
  const marked = Buffer.concat([Buffer.from(mark, 'hex'), body]);

  expect(await rejectionOf(filter({ body: marked }))).toMatchObject({
    code: 'UPSTREAM_INVALID_RESPONSE',
  });
});

const ok = [['status', '==', 200]];

it.each([
  ['a new body', { body: 'new', status_code: 299, vars: ok }, 206, 299],
  ['a new body', { body: 'new', status_code: 299, vars: ok }, 404, 404],
  ['a new body', { body: 'new', status_code: 299, vars: [['status', '==', 500]] }, 206, 206],
  ['a status alone', { status_code: 299, vars: ok }, 206, 206],
])('for %s, a part counts as the whole that conditions mean: %j, %s', async (...row) => {
  const [, config, status, expected] = row;
  const { middleware } = preparePlugin(responseRewrite, config);
  const response = await middleware(toExchange(), async () => toResponse({ status, body }));

  expect(response.status).toBe(expected);
});
