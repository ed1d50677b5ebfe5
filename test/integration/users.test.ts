/** The users API behind IAM: the built function, on DynamoDB's protocol, through the built proxy. */
import { API_STAGE } from '../../local/stack/seeds.ts';
import { type Stack, startStack } from '../../local/stack/stack.ts';
import { type ClientResponse, send } from '../support/client.ts';

let stack: Stack;

interface Sent {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

function ask(method: string, target: string, { body, headers = {} }: Sent = {}) {
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  return send(stack.url, {
    ...{ method, target, headers: Object.entries({ ...type, ...headers }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function create(name: string): Promise<{ id: string; response: ClientResponse }> {
  const body = { name, email: `${name.toLowerCase()}@example.com` };
  const response = await ask('POST', '/users', { body });
  return { id: String(response.json()['userId']), response };
}

interface Page {
  readonly users: readonly { readonly name: string }[];
  readonly cursor?: string;
}

async function list(query = ''): Promise<Page> {
  return (await ask('GET', `/users${query}`)).json() as unknown as Page;
}

beforeAll(async () => {
  stack = await startStack();
});
beforeEach(async () => {
  await ask('DELETE', '/users');
});
afterAll(() => stack.close());

test('the API refuses an unsigned call, which the proxy signs', async () => {
  const target = `/${API_STAGE}/demo/users`;
  const direct = await send(stack.apiUrl, { target });
  expect([direct.status, direct.json()]).toEqual([
    ...[403, { message: 'Missing Authentication Token' }],
  ]);
  const relayed = await ask('GET', '/users');
  expect([relayed.status, relayed.json()]).toEqual([200, { users: [] }]);
});

test('a user is created, read where the answer says, changed and deleted', async () => {
  const { id, response } = await create('Ada');
  expect([response.status, response.header('etag')]).toEqual([201, '"1"']);
  const location = new URL(response.header('location') ?? '', `${stack.url}/users`).pathname;
  expect(location).toBe(`/users/${id}`);
  expect((await ask('GET', location)).json()).toEqual(response.json());

  const changed = await ask('PATCH', location, { body: { name: 'Ada Lovelace' } });
  expect([changed.status, changed.header('etag')]).toEqual([200, '"2"']);
  expect(changed.json()).toMatchObject({ name: 'Ada Lovelace', email: 'ada@example.com' });
  expect((await ask('GET', location)).json()).toEqual(changed.json());

  const deleted = await ask('DELETE', location);
  expect([deleted.status, deleted.text()]).toEqual([204, '']);
  for (const method of ['GET', 'DELETE']) expect((await ask(method, location)).status).toBe(404);
  const late = await ask('PATCH', location, { body: { name: 'Nobody' } });
  expect([late.status, late.json()['code']]).toEqual([404, 'NO_SUCH_USER']);
  expect(await list()).toEqual({ users: [] });
});

test('of two changes to one version, the second is told that it came too late', async () => {
  const { id } = await create('Ada');
  const headers = { 'if-match': '"1"' };
  const first = await ask('PATCH', `/users/${id}`, { headers, body: { name: 'A' } });
  const second = await ask('PATCH', `/users/${id}`, { headers, body: { name: 'B' } });
  expect([first.status, second.status, second.json()['code']]).toEqual([
    ...[200, 412, 'VERSION_MISMATCH'],
  ]);
  expect((await ask('DELETE', `/users/${id}`, { headers })).status).toBe(412);
  expect((await ask('GET', `/users/${id}`)).json()).toMatchObject({ name: 'A', version: 2 });
  expect((await ask('DELETE', `/users/${id}`, { headers: { 'if-match': '"2"' } })).status).toBe(
    204,
  );
});

test('the list has pages, oldest user first, and omits no user if one is deleted meanwhile', async () => {
  const names = ['A', 'B', 'C', 'D', 'E'];
  const ids: string[] = [];
  for (const name of names) ids.push((await create(name)).id);
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await list(`?limit=2${cursor === undefined ? '' : `&cursor=${cursor}`}`);
    expect(page.users.length).toBeLessThanOrEqual(2);
    found.push(...page.users.map(({ name }) => name));
    // The user that the cursor points behind.
    if (cursor === undefined) await ask('DELETE', `/users/${ids[1]}`);
    ({ cursor } = page);
  } while (cursor !== undefined);
  expect(found).toEqual(names);
});

test('all users are deleted at once, however many batches they are', async () => {
  for (let number = 1; number <= 26; number += 1) await create(`User${number}`);
  expect((await list('?limit=100')).users).toHaveLength(26);
  const deleted = await ask('DELETE', '/users');
  expect([deleted.status, deleted.json()]).toEqual([200, { deleted: 26 }]);
  expect(await list()).toEqual({ users: [] });
});

test('a problem of the API reaches the client as it is, and is not taken for the proxy’s', async () => {
  const response = await ask('POST', '/users', { body: { name: 'Ada' } });
  expect([response.status, response.header('content-type')]).toEqual([
    ...[400, 'application/problem+json'],
  ]);
  expect(response.header('countersign-error')).toBeUndefined();
  expect(response.json()).toMatchObject({
    errors: [{ pointer: '#/email', detail: 'this field is required' }],
  });
});

test('a method that the route does not list never reaches the API', async () => {
  const response = await ask('PUT', '/users', { body: {} });
  expect([response.status, response.header('countersign-error')]).toEqual([
    ...[405, 'METHOD_NOT_ALLOWED'],
  ]);
});
