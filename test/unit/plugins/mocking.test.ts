import { mocking } from '../../../functions/proxy/plugins/transformation/mocking/mocking.ts';
import { thrownBy } from '../../support/builders.ts';
import { preparePlugin, runPlugin } from '../../support/plugin-rig.ts';

// Of Apache APISIX's page.
const schema = {
  type: 'object',
  properties: {
    id: { type: 'string', example: 'abcd' },
    ip: { type: 'number', example: 192.168 },
    random_str_arr: { type: 'array', items: { type: 'string' } },
    nested_obj: {
      type: 'object',
      properties: {
        random_str: { type: 'string' },
        child_nested_obj: {
          type: 'object',
          properties: {
            random_bool: { type: 'boolean', example: true },
            random_int_arr: { type: 'array', items: { type: 'integer', example: 155.5 } },
          },
        },
      },
    },
  },
};

async function answer(config: object) {
  const { response } = await runPlugin(mocking, config);
  return { ...response, text: String(response?.body) };
}

it('answers with the example, its variables filled in', async () => {
  const config = { response_status: 201, response_example: 'Client IP: $remote_addr' };

  expect(await answer(config)).toMatchObject({
    status: 201,
    text: 'Client IP: 192.0.2.7',
    headers: [
      ['content-type', 'application/json;charset=utf8'],
      ['x-mock-by', 'countersign'],
    ],
  });
});

it('answers with data that fits the schema', async () => {
  const { text } = await answer({ response_schema: schema });

  expect(JSON.parse(text)).toEqual({
    id: 'abcd',
    ip: 192.168,
    random_str_arr: [expect.stringMatching(/^[a-z]+$/), expect.stringMatching(/^[a-z]+$/)],
    nested_obj: {
      random_str: expect.stringMatching(/^[a-z]+$/),
      child_nested_obj: { random_bool: true, random_int_arr: [155, 155] },
    },
  });
});

test.each([
  [{ type: 'string' }, /^"[a-z]+"$/],
  [{ type: 'number' }, /^5000$/],
  [{ type: 'Integer' }, /^5001$/],
  [{ type: 'boolean' }, /^false$/],
  [{ type: 'array' }, /^\[\]$/],
  [{ properties: {} }, /^\{\}$/],
])('of %j comes %s', async (part, expected) => {
  expect((await answer({ response_schema: part })).text).toMatch(expected);
});

it('writes XML', async () => {
  const config = {
    content_type: 'text/xml',
    response_schema: {
      properties: {
        a: { type: 'string', example: '<&">' },
        b: { type: 'array', items: { type: 'integer', example: 1 } },
      },
    },
  };

  expect((await answer(config)).text).toBe(
    '<data><a>&lt;&amp;&quot;&gt;</a><b>1</b><b>1</b></data>',
  );
});

it('adds headers, and leaves its mark away where the document says so', async () => {
  const config = {
    response_example: 'x',
    with_mock_header: false,
    content_type: '',
    response_headers: { 'X-User-Id': 100, 'X-Client': '$remote_addr' },
  };

  expect((await answer(config)).headers).toEqual([
    ['content-type', 'application/json;charset=utf8'],
    ['x-user-id', '100'],
    ['x-client', '192.0.2.7'],
  ]);
});

const deep = Array.from({ length: 21 }).reduce<object>(
  (inner) => ({ type: 'object', properties: { x: inner } }),
  { type: 'string' },
);

/** Each of the arrays multiplies what is inside of it. */
const manifold = Array.from({ length: 12 }).reduce<object>((items) => ({ type: 'array', items }), {
  type: 'string',
});

test.each([
  [{}, 'either response_example or response_schema'],
  [{ response_example: 'x', response_schema: {} }, 'either'],
  [{ response_example: 'x', content_type: 'image/png' }, 'one of application/json'],
  [{ response_schema: {}, content_type: 'text/html' }, 'response_example'],
  [{ response_schema: { type: 'null' } }, 'string, number, integer'],
  [{ response_schema: { properties: { a: {} } } }, '/plugins/it/response_schema/properties/a/type'],
  [{ response_schema: deep }, 'at most 20 levels'],
  [{ response_schema: manifold }, 'at most 10000 values in an answer'],
  [{ response_example: '$no_such' }, 'no variable no_such'],
  [{ response_example: 'x', response_status: 600 }, '599'],
])('%j is refused', (config, words) => {
  expect(String(thrownBy(() => preparePlugin(mocking, config)))).toContain(words);
});
