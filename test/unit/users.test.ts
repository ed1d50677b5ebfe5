/** The users API's decisions, with a store that does what the test says. */
import { createHandler } from '../../functions/users/handler.ts';
import { operations } from '../../functions/users/operations.ts';
import type { ApiEvent } from '../../functions/users/request.ts';
import { usersResources } from '../../functions/users/resources.ts';
import { StoreBusyError, type UserStore } from '../../functions/users/store.ts';
import type { User } from '../../functions/users/user.ts';
import { createUserId, isUserId } from '../../functions/users/user-id.ts';

const now = () => new Date('2026-11-21T10:00:00Z');
const userId = createUserId(now());

function unexpected(): never {
  throw new Error('the store was asked');
}

const refusingStore: UserStore = {
  list: unexpected,
  read: unexpected,
  create: unexpected,
  update: unexpected,
  remove: unexpected,
  removeAll: unexpected,
};

interface Answered {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Readonly<Record<string, string>>;
  readonly log: string;
}

async function ask(
  request: Partial<ApiEvent>,
  store: Partial<UserStore> = {},
  remainingMs = 29_000,
): Promise<Answered> {
  let log = '';
  const handler = createHandler({
    store: { ...refusingStore, ...store },
    now,
    log: (line) => {
      log += line;
    },
  });
  const event = { httpMethod: 'GET', resource: '/demo/users', ...request };
  const context = { awsRequestId: 'r-1', getRemainingTimeInMillis: () => remainingMs };
  const { statusCode, headers, body } = await handler(event, context);
  return { status: statusCode, headers, body: JSON.parse(body || '{}'), log };
}

const post = (body: unknown, more: Partial<ApiEvent> = {}) => ({
  httpMethod: 'POST',
  body: JSON.stringify(body),
  ...more,
});

async function create(body: unknown): Promise<User | undefined> {
  let created: User | undefined;
  await ask(post(body), {
    create: async (user) => {
      created = user;
    },
  });
  return created;
}

test('every method of every resource has its operation, and none is left over', () => {
  const deployed = usersResources.flatMap(({ path, methods }) =>
    methods.map((m) => `${m} ${path}`),
  );
  expect([...operations.keys()]).toEqual(deployed);
});

test('a user gets an id, a version and both times, and white space around the fields is cut', async () => {
  const user = await create({ name: ' Ada ', email: ' ada@example.com\n' });
  const time = '2026-11-21T10:00:00.000Z';
  expect(user).toEqual({
    ...{ userId: expect.any(String), name: 'Ada', email: 'ada@example.com', version: 1 },
    ...{ createdAt: time, updatedAt: time },
  });
  expect(isUserId(user?.userId ?? '')).toBe(true);
});

test('a body may come as base64', async () => {
  const body = Buffer.from('{"name":"Zoë","email":"zoe@example.com"}').toString('base64');
  const answer = await ask(
    { httpMethod: 'POST', body, isBase64Encoded: true },
    { create: async () => undefined },
  );
  expect([answer.status, answer.body['name']]).toEqual([201, 'Zoë']);
});

describe('a user is refused, with the place and what was expected there,', () => {
  const valid = { name: 'Ada', email: 'ada@example.com' };
  test.each<[string, unknown, readonly (readonly [string, string])[]]>([
    ['when it is no object', [valid], [['#', 'expected an object']]],
    ['when it is null', null, [['#', 'expected an object']]],
    [
      'without its fields',
      {},
      [
        ['#/name', 'this field is required'],
        ['#/email', 'this field is required'],
      ],
    ],
    [
      'with a name of spaces',
      { ...valid, name: '  ' },
      [['#/name', 'expected at least one character']],
    ],
    [
      'with a name too long',
      { ...valid, name: 'x'.repeat(101) },
      [['#/name', 'expected at most 100 characters']],
    ],
    [
      'with a line break in the name',
      { ...valid, name: 'a\nb' },
      [['#/name', 'expected no control characters']],
    ],
    ['with a name that is a number', { ...valid, name: 7 }, [['#/name', 'expected a string']]],
    [
      'with no e-mail address',
      { ...valid, email: 'ada' },
      [['#/email', 'expected an e-mail address, such as ada@example.com']],
    ],
    [
      'with a field of its own making',
      { ...valid, role: 'admin' },
      [['#/role', 'no such field; known are name, email']],
    ],
    [
      'with a version',
      { ...valid, version: 9 },
      [['#/version', 'no such field; known are name, email']],
    ],
    [
      'with a name that every object inherits',
      { ...valid, constructor: 1 },
      [['#/constructor', 'no such field; known are name, email']],
    ],
    [
      'with a name that a pointer has to escape',
      { ...valid, 'a/~b': 1 },
      [['#/a~1~0b', 'no such field; known are name, email']],
    ],
  ])('%s', async (_, body, errors) => {
    const answer = await ask(post(body));
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body).toEqual({
      type: 'urn:countersign-demo:users:INVALID_USER',
      title: 'The user is not valid',
      status: 400,
      code: 'INVALID_USER',
      errors: errors.map(([pointer, detail]) => ({ pointer, detail })),
    });
  });
});

test.each<[string, Partial<ApiEvent>, number, string]>([
  ['text', { httpMethod: 'POST', body: 'name=Ada' }, 400, 'INVALID_JSON'],
  ['no body', { httpMethod: 'POST', body: null }, 400, 'INVALID_JSON'],
  [
    'a form',
    post({}, { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }),
    415,
    'NOT_JSON',
  ],
  ['an unknown method', { httpMethod: 'PUT' }, 404, 'NO_SUCH_RESOURCE'],
  ['a limit of 0', { queryStringParameters: { limit: '0' } }, 400, 'INVALID_PARAMETER'],
  ['a limit of 101', { queryStringParameters: { limit: '101' } }, 400, 'INVALID_PARAMETER'],
  ['a made-up cursor', { queryStringParameters: { cursor: 'abc' } }, 400, 'INVALID_PARAMETER'],
  ['an empty cursor', { queryStringParameters: { cursor: '' } }, 400, 'INVALID_PARAMETER'],
  [
    'an id that is none',
    { resource: '/demo/users/{userId}', pathParameters: { userId: '7' } },
    404,
    'NO_SUCH_USER',
  ],
])('%s is refused before the store is asked', async (_, request, status, code) => {
  const answer = await ask(request);
  expect([answer.status, answer.body['code'], answer.log]).toEqual([status, code, '']);
});

describe('a change', () => {
  const patch = (body: unknown, ifMatch?: string) => ({
    httpMethod: 'PATCH',
    resource: '/demo/users/{userId}',
    pathParameters: { userId },
    body: JSON.stringify(body),
    headers: ifMatch === undefined ? {} : { 'If-Match': ifMatch },
  });

  test.each([
    ['without a condition', undefined, undefined, 'NO_SUCH_USER'],
    ['of any version', '*', undefined, 'VERSION_MISMATCH'],
    ['of one version', '"3"', 3, 'VERSION_MISMATCH'],
  ])(
    '%s asks the store for it, and says so when it does not hold',
    async (_, etag, version, code) => {
      let asked: number | undefined = -1;
      const update: UserStore['update'] = async (target) => {
        asked = target.version;
        return undefined;
      };
      const answer = await ask(patch({ name: 'B' }, etag), { update });
      expect([asked, answer.body['code']]).toEqual([version, code]);
    },
  );

  test.each(['3', 'W/"3"', '"x"', '"1", "2"'])('with if-match: %s is refused', async (etag) => {
    const answer = await ask(patch({ name: 'B' }, etag));
    expect(answer.body).toMatchObject({
      ...{ code: 'INVALID_PARAMETER', errors: [{ pointer: 'if-match' }] },
    });
  });

  test('of nothing is refused', async () => {
    const answer = await ask(patch({}));
    expect(answer.body['errors']).toEqual([
      { pointer: '#', detail: 'expected name, email or both' },
    ]);
  });
});

describe('a store that fails', () => {
  test('for want of capacity is a 503 with retry-after', async () => {
    const list = () => Promise.reject(new StoreBusyError('slow down'));
    const answer = await ask({}, { list });
    expect([answer.status, answer.body['code'], answer.headers['retry-after']]).toEqual([
      ...[503, 'STORE_BUSY', '1'],
    ]);
  });

  test('otherwise is a 500 that tells the log why, and the client nothing', async () => {
    const list = () => Promise.reject(new Error('arn:aws:dynamodb:… is not authorized'));
    const answer = await ask({}, { list });
    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer.body)).not.toContain('arn:aws');
    expect(JSON.parse(answer.log)).toMatchObject({
      ...{ level: 'error', code: 'INTERNAL', requestId: 'r-1' },
      message: 'arn:aws:dynamodb:… is not authorized',
    });
  });
});

test('deleting everything stops in time for an answer, which says how far it came', async () => {
  const removeAll: UserStore['removeAll'] = async (mayGoOn) => ({
    deleted: 50,
    isEmpty: mayGoOn(),
  });
  const request = { httpMethod: 'DELETE' };
  expect((await ask(request, { removeAll }, 20_000)).body).toEqual({ deleted: 50 });
  const late = await ask(request, { removeAll }, 4000);
  expect([late.status, late.body['detail'], late.headers['retry-after']]).toEqual([
    ...[503, '50 are deleted; send the request again', '1'],
  ]);
});
