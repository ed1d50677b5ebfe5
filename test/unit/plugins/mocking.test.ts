import {
  compileExample,
  toXml,
} from '../../../functions/proxy/plugins/transformation/mocking/example.ts';
import { mocking } from '../../../functions/proxy/plugins/transformation/mocking/mocking.ts';
import { thrownBy, toExchange, toServices } from '../../support/builders.ts';
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

it('keeps the one content type that the document writes', async () => {
  const ofSchema = { response_schema: { type: 'string', example: 'x' } };
  const named = { 'X-A': '1', 'Content-Type': 'text/csv' };
  const configs = [
    { ...ofSchema, response_headers: named },
    { ...ofSchema, content_type: ' TEXT/XML ; charset=utf8' },
  ];
  const [csv, xml] = await Promise.all(configs.map(answer));

  expect(csv?.headers).toEqual([
    ['x-mock-by', 'countersign'],
    ['x-a', '1'],
    ['content-type', 'text/csv'],
  ]);
  expect([xml?.text, xml?.headers?.[0]]).toEqual([
    '<data>x</data>',
    ['content-type', ' TEXT/XML ; charset=utf8'],
  ]);
});

test.each(['application/json', 'application/xml', 'text/plain', 'text/html', 'text/xml'])(
  'the media type %s is known',
  async (content_type) => {
    const { headers } = await answer({ content_type, response_example: 'x' });

    expect(headers?.[0]).toEqual(['content-type', content_type]);
  },
);

it('waits as many seconds as the document says', async () => {
  const slept: number[] = [];
  const services = { ...toServices(), sleep: async (ms: number) => slept.push(ms) };
  const config = { delay: 3, response_example: 'x' };
  const { middleware } = mocking.prepare(config, services, { pointer: '', written: config });
  await middleware(toExchange(), () => Promise.reject(new Error('no upstream is called')));

  expect(slept).toEqual([3000]);
});

test.each([
  [0, '"a"'],
  [0.5, '"nnnnnn"'],
  [0.999, '"zzzzzzzzzz"'],
])('with the random number %d a text is %s', (chance, expected) => {
  const make = compileExample({ type: 'string' }, '');

  expect(JSON.stringify(make(() => chance))).toBe(expected);
});

test.each([
  [null, '<data>null</data>'],
  [{ a: [1, true], b: 'x<y' }, '<data><a>1</a><a>true</a><b>x&lt;y</b></data>'],
])('the XML of %j is %s', (value, expected) => {
  expect(toXml(value)).toBe(expected);
});

/** An object of arrays inside each other, which come to 9841 values with it, and of texts. */
const withTexts = (texts: number, arrays = 8) => {
  const chain = Array.from({ length: arrays }).reduce<object>(
    (items) => ({ type: 'array', items }),
    { type: 'string' },
  );
  const more = Array.from({ length: texts }, (_, at) => [`t${at}`, { type: 'string' }]);
  return { properties: Object.fromEntries([['chain', chain], ...more]) };
};
const nested = (levels: number) =>
  Array.from({ length: levels }).reduce<object>(
    (inner) => ({ type: 'object', properties: { x: inner } }),
    { type: 'string' },
  );

/** Two arrays inside each other, of a text and of a name. */
const withLong = (example: number, name: number) => ({
  properties: {
    ['n'.repeat(name)]: {
      type: 'array',
      items: { type: 'array', items: { type: 'string', example: 'x'.repeat(example) } },
    },
  },
});

test.each<[string, object, object]>([
  ['10000 values', withTexts(158), withTexts(159)],
  ['a megabyte of examples', withLong(100_000, 1), withLong(120_000, 1)],
  ['a megabyte of names', withLong(0, 70_000), withLong(0, 100_000)],
  ['1000 parts', withTexts(998, 0), withTexts(999, 0)],
  ['20 levels', nested(20), nested(21)],
])('a schema has %s at most', (_, most, more) => {
  expect(() => compileExample(most, '')).not.toThrow();
  expect(() => compileExample(more, '')).toThrow('at most');
});

/** Each of the arrays multiplies what is inside of it. */
const manifold = Array.from({ length: 12 }).reduce<object>((items) => ({ type: 'array', items }), {
  type: 'string',
});

test.each([
  [{}, 'either response_example or response_schema'],
  [{ response_example: 'x', response_schema: {} }, 'either'],
  [
    { response_example: 'x', content_type: 'image/png' },
    'one of application/json, application/xml, text/plain, text/html, text/xml, with',
  ],
  [{ response_example: 'x', content_type: 'text/xml;\u00fc' }, 'a media type'],
  [{ response_schema: { type: 'array', items: {} } }, '/plugins/it/response_schema/items/type'],
  [{ response_example: 'x', response_headers: { A: '$no' } }, '/plugins/it/response_headers/A'],
  [{ response_schema: {}, content_type: 'text/html' }, 'response_example'],
  [{ response_schema: { type: 'null' } }, 'string, number, integer'],
  [{ response_schema: { properties: { a: {} } } }, '/plugins/it/response_schema/properties/a/type'],
  [{ response_schema: nested(21) }, 'at most 20 levels'],
  [{ response_schema: manifold }, 'at most 10000 values in an answer'],
  [{ response_example: '$no_such' }, 'at /plugins/it/response_example: '],
  [{ response_example: 'x', response_status: 600 }, '599'],
])('%j is refused', (config, words) => {
  expect(String(thrownBy(() => preparePlugin(mocking, config)))).toContain(words);
});
