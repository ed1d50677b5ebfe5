/** Reads and checks the parts of a request that operations use. */
import { Problem } from './problem.ts';
import type { PageRequest, Target } from './store.ts';
import { isUserId } from './user-id.ts';

/** The members of a REST API event (payload 1.0) that this function uses. */
export interface ApiEvent {
  readonly httpMethod: string;
  /** The resource's pattern, `/demo/users/{userId}`. */
  readonly resource: string;
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
  readonly pathParameters?: Readonly<Record<string, string | undefined>> | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
}

/**
 * Parses the body.
 * @throws Problem `NOT_JSON`, `INVALID_JSON`
 */
export function readJson(event: ApiEvent): unknown {
  const type = readHeader(event, 'content-type')?.split(';', 1)[0]?.trim();
  if (type !== undefined && !/^application\/(json|[\w.-]+\+json)$/i.test(type)) {
    throw new Problem('NOT_JSON', { detail: `send content-type: application/json, not ${type}` });
  }
  const text = event.body ?? '';
  try {
    return JSON.parse(event.isBase64Encoded ? Buffer.from(text, 'base64').toString('utf8') : text);
  } catch (cause) {
    throw new Problem('INVALID_JSON', { cause });
  }
}

/**
 * Reads `limit` and `cursor` of a list.
 * @throws Problem `INVALID_PARAMETER`
 */
export function readPage({ queryStringParameters: query }: ApiEvent): PageRequest {
  const limit = query?.['limit'] ?? '25';
  if (!/^[1-9]\d?$|^100$/.test(limit)) {
    throw invalidParameter('limit', 'expected a number from 1 to 100');
  }
  const cursor = query?.['cursor'];
  const afterUserId = cursor && Buffer.from(cursor, 'base64url').toString('latin1');
  if (afterUserId !== undefined && !isUserId(afterUserId)) {
    throw invalidParameter('cursor', 'expected the cursor of an earlier page');
  }
  return { limit: Number(limit), afterUserId };
}

/** Converts a user id to the cursor of the page that begins after that user. */
export function toCursor(lastUserId: string): string {
  return Buffer.from(lastUserId, 'latin1').toString('base64url');
}

/**
 * Reads the user's id from the path.
 * @throws Problem `NO_SUCH_USER` for a text that cannot be an id
 */
export function readUserId({ pathParameters }: ApiEvent): string {
  const userId = pathParameters?.['userId'] ?? '';
  if (!isUserId(userId)) throw new Problem('NO_SUCH_USER');
  return userId;
}

/**
 * Reads the user's id from the path, and the version from `if-match`.
 * @throws Problem
 */
export function readTarget(event: ApiEvent): Target & { readonly isConditional: boolean } {
  const userId = readUserId(event);
  const condition = readHeader(event, 'if-match')?.trim();
  if (condition === undefined || condition === '*') {
    return { userId, isConditional: condition === '*' };
  }
  const [, version] = /^"(\d{1,15})"$/.exec(condition) ?? [];
  if (version === undefined) {
    throw invalidParameter('if-match', 'expected the etag of the user, such as "1", or *');
  }
  return { userId, version: Number(version), isConditional: true };
}

/** REST APIs pass header names as they were sent. */
function readHeader({ headers }: ApiEvent, name: string): string | undefined {
  return Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
}

function invalidParameter(pointer: string, detail: string): Problem {
  return new Problem('INVALID_PARAMETER', { errors: [{ pointer, detail }] });
}
