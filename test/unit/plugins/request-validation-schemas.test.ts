import { requestValidation } from '../../../functions/proxy/plugins/traffic/request-validation/request-validation.ts';
import { thrownBy } from '../../support/builders.ts';
import { preparePlugin, runPlugin } from '../../support/plugin-rig.ts';

/** @returns `valid`, or what the client is told */
async function judge(config: object, body: string) {
  const { passed, error } = await runPlugin(requestValidation, config, {
    request: { body: Buffer.from(body) },
  });
  return passed ? 'valid' : (error?.detail ?? error?.code);
}

describe('work has a bound', () => {
  it('a list of thousands of objects is compared in one pass', async () => {
    const items = Array.from({ length: 20_000 }, (_, index) => ({ a: { b: index } }));

    expect(await judge({ body_schema: { uniqueItems: true } }, JSON.stringify(items))).toBe(
      'valid',
    );
  });

  it('expressions that take too long refuse the value', async () => {
    const config = { body_schema: { items: { pattern: '^(a|b|c|d)+$' } } };
    const values = Array.from({ length: 100 }, () => 'abcd'.repeat(1500));

    expect(await judge(config, JSON.stringify(values))).toBe('A value is too long');
  });

  test.each([
    ['a body of more than a megabyte', { type: 'string' }, 1_048_600],
    [
      'a body that is too long for its schema',
      { allOf: Array.from({ length: 200 }, () => ({})) },
      110_000,
    ],
  ])('%s is 413', async (_, body_schema, length) => {
    expect(await judge({ body_schema }, `"${'a'.repeat(length)}"`)).toBe('BODY_TOO_LARGE');
  });

  const definitions = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => {
      const next = { $ref: `#/definitions/d${index + 1}` };
      return [`d${index}`, { allOf: [next, next] }];
    }),
  );
  const wide = { ...definitions, d30: {} };
  const deep = Array.from({ length: 40 }).reduce<object>((inner) => ({ items: inner }), {});

  test.each([
    [{ items: { $ref: '#' } }, 'does not lead back to itself'],
    [
      { definitions: { a: { items: { $ref: '#/definitions/a' } } }, $ref: '#/definitions/a' },
      'does not lead back',
    ],
    [{ definitions: wide, $ref: '#/definitions/d0' }, 'at most 500 schemas'],
    [deep, '32 levels'],
    [{ pattern: 'a{1000}{1000}' }, 'steps'],
    [{ pattern: '(?=a)' }, 'RE2 syntax'],
  ])('the schema %# is refused', (body_schema, words) => {
    expect(String(thrownBy(() => preparePlugin(requestValidation, { body_schema })))).toContain(
      words,
    );
  });
});

test.each([
  [{}, 'header_schema, body_schema or both'],
  [{ body_schema: { type: 'strng' } }, '/body_schema/type: found "strng", expected a JSON Schema'],
  [{ body_schema: { minLength: 'a' } }, 'a JSON Schema'],
  [{ body_schema: { properties: { a: 1 } } }, '/plugins/it/body_schema/properties/a'],
  [{ body_schema: { requird: ['a'] } }, 'a keyword of JSON Schema, draft 7'],
  [{ body_schema: { $ref: 'https://example.com/schema' } }, 'into the same schema'],
  [{ body_schema: { $ref: '#/definitions/none' } }, 'that is there'],
  [{ body_schema: { $ref: '#/definitions/%' } }, 'that is there'],
  [{ body_schema: { $ref: '#/definitions/%ff' } }, 'that is there'],
  [{ body_schema: { format: 'credit-card' } }, 'one of the formats'],
  [{ body_schema: { items: [1] } }, '/items/0'],
  [{ body_schema: {}, rejected_code: 199 }, '200'],
])('%j is refused', (config, words) => {
  expect(String(thrownBy(() => preparePlugin(requestValidation, config)))).toContain(words);
});
