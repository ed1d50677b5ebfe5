import { handler } from '../../functions/hello/index.ts';

const toBase64 = (text: string) => Buffer.from(text).toString('base64');

test('the greeter greets the name in the query as JSON, byte for byte as in the APISIX documentation', async () => {
  expect(await handler({ queryStringParameters: { name: 'APISIX' } })).toEqual({
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: '"Hello, APISIX!"',
  });
});

test.each([
  ['the JSON body', { body: '{"name":"APISIX"}' }, 'APISIX'],
  ['a base64 body', { body: toBase64('{"name":"Zoë"}'), isBase64Encoded: true }, 'Zoë'],
  [
    'the query before the body',
    { queryStringParameters: { name: 'a' }, body: '{"name":"b"}' },
    'a',
  ],
  [
    'the query, so that a bad body is not read',
    { queryStringParameters: { name: 'a' }, body: '{' },
    'a',
  ],
  [
    'the body when the query has an empty name',
    { queryStringParameters: { name: '' }, body: '{"name":"b"}' },
    'b',
  ],
  ['nothing, from a function URL', {}, 'world'],
  ['nothing, from a REST API', { queryStringParameters: null, body: null }, 'world'],
  ['a body without a name', { body: '{"names":[]}' }, 'world'],
  ['a body whose name is no text', { body: '{"name":{}}' }, 'world'],
  ['a body that is no object', { body: 'null' }, 'world'],
])('the greeter takes the name from %s', async (_, event, name) => {
  const { statusCode, body } = await handler(event);
  expect([statusCode, JSON.parse(body)]).toEqual([200, `Hello, ${name}!`]);
});

test.each([
  ['text', { body: 'name=APISIX' }],
  ['base64', { body: toBase64('{'), isBase64Encoded: true }],
])('the greeter answers 400 to a body that is not JSON, in %s', async (_, event) => {
  const { statusCode, headers, body } = await handler(event);
  expect(statusCode).toBe(400);
  expect(headers).toEqual({ 'content-type': 'application/json' });
  expect(JSON.parse(body)).toEqual({ message: 'The body is not valid JSON.' });
});
