import { requestValidation } from '../../../functions/proxy/plugins/traffic/request-validation/request-validation.ts';
import { runPlugin, verdictOf } from '../../support/plugin-rig.ts';

const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** @returns `valid`, or what the client is told */
async function judge(config: object, body: string | Buffer, headers: Record<string, string> = {}) {
  const request = { body: Buffer.from(body), headers, host: 'httpbin.org' };
  const { passed, error } = await runPlugin(requestValidation, config, { request });
  return passed ? 'valid' : `${error?.answer?.status ?? ''} ${error?.detail ?? error?.code}`.trim();
}

// Of Apache APISIX's page.
const payload = {
  type: 'object',
  required: ['required_payload'],
  properties: {
    required_payload: { type: 'string' },
    boolean_payload: { type: 'boolean' },
    array_payload: {
      type: 'array',
      minItems: 1,
      items: { type: 'integer', minimum: 200, maximum: 599 },
      uniqueItems: true,
      default: [200],
    },
  },
};

describe('a body', () => {
  test.each([
    ['{"required_payload":"hello", "array_payload":[301]}', 'valid'],
    ['{"required_payload":"hello"}', 'valid'],
    ['{}', '400 property "required_payload" is required'],
    ['{"required_payload":1}', '400 property "required_payload" validation failed: must be string'],
    [
      '{"required_payload":"a","array_payload":[200,200]}',
      '400 property "array_payload" validation failed: items must be unique',
    ],
    [
      '{"required_payload":"a","array_payload":[100]}',
      '400 property "array_payload" validation failed: must be >= 200',
    ],
    ['[]', '400 validation failed: must be object'],
    ['', '400 the body is not JSON'],
    ['{"required_payload":"a"', '400 the body is not JSON'],
    ['{"required_payload":"a","required_payload":1}', '400 a name occurs twice in an object'],
    ['{"required_payload":"a","required\\u005fpayload":1}', '400 a name occurs twice in an object'],
    ['{"required_payload":"a:\\"b\\":{"}', 'valid'],
    ['{"required_payload":"a","__proto__":{"x":1}}', 'valid'],
    ['\ufeff{"required_payload":"a"}', '400 the body is not JSON'],
    [`${'['.repeat(100)}${']'.repeat(100)}`, '400 the body is nested too deeply'],
  ])('%s: %s', async (body, expected) => {
    expect(await judge({ body_schema: payload }, body)).toBe(expected);
  });

  it('that is no UTF-8 is refused', async () => {
    expect(await judge({ body_schema: payload }, Buffer.from([0x22, 0xff, 0x22]))).toBe(
      '400 the body is not UTF-8',
    );
  });

  it('that every object has the property of is still without it', async () => {
    expect(await judge({ body_schema: { required: ['constructor'] } }, '{}')).toBe(
      '400 property "constructor" is required',
    );
  });

  test.each([
    ['required_payload=hello&enum_payload=enum_string_1', 'valid'],
    ['required_payload=a+b%20c&enum_payload=enum_string_2&other', 'valid'],
    ['required_payload=hello', '400 property "enum_payload" is required'],
    [
      'required_payload=a&required_payload=b&enum_payload=enum_string_1',
      '400 property "required_payload" validation failed: must be string',
    ],
    ['required_payload=%zz&enum_payload=enum_string_1', '400 a field of the form is not UTF-8'],
    [
      'required_payload=a;b&enum_payload=enum_string_1',
      '400 a field of the form is read in several ways',
    ],
    ['a&'.repeat(10_001), '400 a form of more than 10000 fields'],
  ])('a form %s: %s', async (body, expected) => {
    const enumPayload = { type: 'string', enum: ['enum_string_1', 'enum_string_2'] };
    const body_schema = {
      ...{ type: 'object', required: ['required_payload', 'enum_payload'] },
      properties: { required_payload: { type: 'string' }, enum_payload: enumPayload },
    };

    expect(await judge({ body_schema }, body, form)).toBe(expected);
  });
});

it('a form that readers read differently is refused, whatever its body is', async () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-16' };

  expect(await judge({ body_schema: payload }, '{"required_payload":"a"}', headers)).toBe(
    '400 a form that readers read differently',
  );
});

describe('keywords', () => {
  test.each<[object, unknown, boolean]>([
    [{ pattern: '^[a-z]+$' }, 'abc', true],
    [{ pattern: '^[a-z]+$' }, 'ab1', false],
    [{ pattern: '[[^[a-zA-Z0-9_]+$]]' }, 'x', false],
    [
      { patternProperties: { '^x-': { type: 'string' } }, additionalProperties: false },
      { 'x-a': 'b' },
      true,
    ],
    [
      { patternProperties: { '^x-': { type: 'string' } }, additionalProperties: false },
      { a: 'b' },
      false,
    ],
    [{ definitions: { a: { type: 'integer' } }, items: { $ref: '#/definitions/a' } }, [1, 2], true],
    [
      { definitions: { a: { type: 'integer' } }, items: { $ref: '#/definitions/a' } },
      [1, 'b'],
      false,
    ],
    [{ $defs: { 'a/b': { minimum: 5 } }, allOf: [{ maximum: 9 }], $ref: '#/$defs/a~1b' }, 3, false],
    [{ minimum: 5, exclusiveMinimum: true }, 5, false],
    [{ minimum: 5, exclusiveMinimum: false }, 5, true],
    [
      { uniqueItems: true },
      [
        { a: 1, b: [2] },
        { b: [2], a: 1 },
      ],
      false,
    ],
    [{ uniqueItems: true }, [1, '1', [1], { a: 1 }, true, null], true],
    [{ uniqueItems: false }, [1, 1], true],
    [{ dependencies: { a: ['b'] } }, { a: 1 }, false],
    [{ dependencies: { a: { required: ['c'] } } }, { a: 1, c: 2 }, true],
    [
      JSON.parse('{"if":{"required":["a"]},"then":{"required":["b"]},"else":false}'),
      { a: 1 },
      false,
    ],
    [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, true, false],
    [{ items: [{ type: 'string' }], additionalItems: { type: 'number' } }, ['a', 1], true],
    [{ format: 'date' }, '2026-02-29', false],
    [{ format: 'date' }, '2028-02-29', true],
    [{ format: 'date-time' }, '2026-11-28T10:00:00+01:00', true],
    [{ format: 'date-time' }, '2026-11-28', false],
    [{ format: 'email' }, 'ann@example.com', true],
    [{ format: 'email' }, 'ann@', false],
    [{ format: 'ipv4' }, '192.0.2.1', true],
    [{ format: 'ipv4' }, '::1', false],
    [{ format: 'ipv6' }, '::1', true],
    [{ format: 'uri' }, '/a', false],
    [{ format: 'uuid' }, '123e4567-e89b-12d3-a456-426614174000', true],
    [{ format: 'hostname' }, `${'a'.repeat(64)}.example`, false],
    [{ format: 'time' }, '24:00:00Z', false],
  ])('%j takes %j: %s', async (body_schema, value, expected) => {
    expect((await judge({ body_schema }, JSON.stringify(value))) === 'valid').toBe(expected);
  });
});

describe('headers', () => {
  const header_schema = {
    type: 'object',
    required: ['User-Agent', 'Host'],
    properties: {
      'User-Agent': { type: 'string', pattern: '^curl/' },
      Host: { type: 'string', enum: ['httpbin.org', 'httpbin'] },
    },
  };

  test.each<[Record<string, string>, string]>([
    [{ 'user-agent': 'curl/8' }, 'valid'],
    [
      { 'user-agent': 'cli-mock' },
      '400 property "user-agent" validation failed: must match pattern "^curl/"',
    ],
    [{}, '400 property "user-agent" is required'],
    [{ user_agent: 'curl/8' }, '400 property "user-agent" is required'],
  ])('%j: %s', async (headers, expected) => {
    expect(await judge({ header_schema }, '', headers)).toBe(expected);
  });

  it('of another spelling do not go to the upstream', async () => {
    const headers = { 'user-agent': 'curl/8', user_agent: 'other' };
    const { passed } = await runPlugin(
      requestValidation,
      { header_schema },
      { request: { headers, host: 'httpbin' } },
    );

    expect(Object.keys(passed?.request.headers ?? {})).toEqual(['user-agent']);
  });

  it('that only plugins set count as the plugins say', async () => {
    const config = {
      header_schema: { properties: { 'X-User': { const: 'ann' } }, required: ['X-User'] },
    };
    const request = { headers: { 'x-user': 'ann' } };

    expect(
      await verdictOf(requestValidation, config, {
        request,
        exchange: { reserved: new Set(['x-user']) },
      }),
    ).toBe('400 MALFORMED_REQUEST');
  });

  it('have no case in schemas inside of schemas either', async () => {
    const config = {
      header_schema: {
        anyOf: [
          { required: ['X-A'] },
          { properties: { 'X-B': { const: '1' } }, required: ['X-B'] },
        ],
      },
    };

    expect(await judge(config, '', { 'x-b': '1' })).toBe('valid');
    expect(await judge(config, '', { 'x-b': '2' })).toContain('400');
  });
});

it('answers with the status and the message of the document', async () => {
  const config = { body_schema: payload, rejected_code: 403, rejected_msg: 'no.' };

  expect(await judge(config, '{}')).toBe('403 no.');
});
