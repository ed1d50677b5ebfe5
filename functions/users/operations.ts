/** The operations of the API: one function for each method of each resource. */
import { type ApiResult, Problem } from './problem.ts';
import { type ApiEvent, readJson, readPage, readTarget, readUserId, toCursor } from './request.ts';
import type { UserStore } from './store.ts';
import { parseUserChanges, parseUserFields, type User } from './user.ts';
import { createUserId } from './user-id.ts';

/** The services of an operation. */
export interface Services {
  readonly store: UserStore;
  readonly now: () => Date;
  /** Remaining time of this invocation. */
  readonly remainingMs: () => number;
}

type Operation = (event: ApiEvent, services: Services) => Promise<ApiResult>;

/** Reserved time of a deletion of all users, for the current batch and the answer. */
const reserveMs = 5000;

/** Operations by method and resource, in a REST API's notation. */
export const operations: ReadonlyMap<string, Operation> = new Map([
  ['GET /demo/users', listUsers],
  ['POST /demo/users', createUser],
  ['DELETE /demo/users', deleteUsers],
  ['GET /demo/users/{userId}', readUser],
  ['PATCH /demo/users/{userId}', changeUser],
  ['DELETE /demo/users/{userId}', deleteUser],
]);

async function listUsers(event: ApiEvent, { store }: Services): Promise<ApiResult> {
  const { users, lastUserId } = await store.list(readPage(event));
  return toResult(200, { users, ...(lastUserId && { cursor: toCursor(lastUserId) }) });
}

async function createUser(event: ApiEvent, { store, now }: Services): Promise<ApiResult> {
  const fields = parseUserFields(readJson(event));
  const at = now();
  const time = at.toISOString();
  const user = {
    userId: createUserId(at),
    ...fields,
    version: 1,
    createdAt: time,
    updatedAt: time,
  };
  await store.create(user);
  // Relative, so that it is valid below this API's own path and below a proxy's path.
  return toUserResult(201, user, { location: `users/${user.userId}` });
}

async function deleteUsers(_: ApiEvent, { store, remainingMs }: Services): Promise<ApiResult> {
  const { deleted, isEmpty } = await store.removeAll(() => remainingMs() > reserveMs);
  if (isEmpty) return toResult(200, { deleted });
  throw new Problem('USERS_REMAIN', { detail: `${deleted} are deleted; send the request again` });
}

async function readUser(event: ApiEvent, { store }: Services): Promise<ApiResult> {
  const user = await store.read(readUserId(event));
  if (user === undefined) throw new Problem('NO_SUCH_USER');
  return toUserResult(200, user);
}

async function changeUser(event: ApiEvent, { store, now }: Services): Promise<ApiResult> {
  const target = readTarget(event);
  const changes = parseUserChanges(readJson(event));
  const user = await store.update(target, { ...changes, updatedAt: now().toISOString() });
  if (user === undefined) throw notFound(target);
  return toUserResult(200, user);
}

async function deleteUser(event: ApiEvent, { store }: Services): Promise<ApiResult> {
  const target = readTarget(event);
  if (!(await store.remove(target))) throw notFound(target);
  return { statusCode: 204, headers: { 'cache-control': 'no-store' }, body: '' };
}

/** With `if-match`, a missing user and a user of another version have the same answer: RFC 9110 §13.1.1. */
function notFound({ isConditional }: { readonly isConditional: boolean }): Problem {
  return new Problem(isConditional ? 'VERSION_MISMATCH' : 'NO_SUCH_USER');
}

function toUserResult(status: number, user: User, headers: Record<string, string> = {}): ApiResult {
  return toResult(status, user, { etag: `"${user.version}"`, ...headers });
}

function toResult(
  statusCode: number,
  value: unknown,
  headers: Record<string, string> = {},
): ApiResult {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: `${JSON.stringify(value)}\n`,
  };
}
