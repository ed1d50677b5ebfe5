/** request-validation through the built artefact: what does not fit its schema reaches no upstream. */
import { type Guarded, startGuarded } from '../../support/guarded.ts';

const json = [['content-type', 'application/json']] as const;

let guarded: Guarded;

beforeAll(async () => {
  guarded = await startGuarded({
    json: {
      'request-validation': {
        header_schema: {
          type: 'object',
          required: ['Content-Type'],
          properties: { 'Content-Type': { type: 'string', pattern: '^application/json$' } },
        },
        body_schema: {
          type: 'object',
          required: ['required_payload'],
          properties: {
            required_payload: { type: 'string' },
            array_payload: {
              type: 'array',
              minItems: 1,
              items: { type: 'integer' },
              uniqueItems: true,
            },
          },
        },
      },
    },
    told: {
      'request-validation': {
        header_schema: { required: ['X-Key'] },
        rejected_code: 403,
        rejected_msg: 'Request header validation failed.',
      },
    },
    user: {
      'request-validation': {
        header_schema: { properties: { 'X-Role': { enum: ['user'] } }, required: ['X-Role'] },
      },
    },
  });
});

afterAll(() => guarded.close());

it.each([
  ['{"required_payload":"hello", "array_payload":[301]}', 200],
  ['{"required_payload":"hello", "array_payload":[301,301]}', 400],
  ['{"required_payload":1}', 400],
  ['{"required_payload":"a","required_payload":"b"}', 400],
  ['{}', 400],
  ['', 400],
])('%s is answered %s', async (body, status) => {
  const before = guarded.upstream.received.length;
  const response = await guarded.ask('json', { method: 'POST', body, headers: json });

  expect(response.status).toBe(status);
  expect(guarded.upstream.received.length - before).toBe(status === 200 ? 1 : 0);
  // What was validated is what is sent, byte for byte.
  if (status === 200) expect(String(guarded.upstream.received.at(-1)?.body)).toBe(body);
});

it('names the property of the schema to the client', async () => {
  const response = await guarded.ask('json', {
    method: 'POST',
    body: '{"secret":"x"}',
    headers: json,
  });

  expect(response.json()).toMatchObject({
    ...{ status: 400, code: 'MALFORMED_REQUEST' },
    detail: 'property "required_payload" is required',
  });
  expect(response.text()).not.toContain('secret');
});

it('answers with the status and the message of the document', async () => {
  const response = await guarded.ask('told');

  expect([response.status, response.json()['detail']]).toEqual([
    403,
    'Request header validation failed.',
  ]);
});

it('another spelling of a validated header does not reach the upstream', async () => {
  await guarded.ask('user', {
    headers: [
      ['x-role', 'user'],
      ['x_role', 'admin'],
    ],
  });
  const received = guarded.upstream.received.at(-1);

  expect(received?.header('x-role')).toBe('user');
  expect(received?.header('x_role')).toBeUndefined();
});
