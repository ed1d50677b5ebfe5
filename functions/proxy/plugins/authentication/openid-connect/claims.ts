/** Reading claims of a verified token. */
import type { JWTPayload } from 'jose';

/** Upstreams that know APISIX trust these, also those that a bearer token does not fill. */
export const tokenHeaders = ['x-userinfo', 'x-access-token', 'x-id-token', 'x-refresh-token'];

/** @returns an own claim by its name, else by a path of names joined by `.` (`realm_access.roles`); undefined without one */
export function readClaim(claims: JWTPayload, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path] ?? undefined;
  let value: unknown = claims;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value ?? undefined;
}

/** @returns the scopes of `scope` (RFC 8693 §4.2) or, as Entra ID names it, `scp`; text or a list */
export function readScopes(claims: JWTPayload): readonly string[] {
  const value = readClaim(claims, 'scope') ?? readClaim(claims, 'scp');
  if (typeof value === 'string') return value.split(' ').filter(Boolean);
  return Array.isArray(value) ? value.map(String) : [];
}

/** Blanks around a header's value do not travel, control characters cannot, and UTF-8 has no bytes for half a character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const isChanged = /^\s|\s$|[\x00-\x1f\x7f]|\p{Cs}/u;

/**
 * Strings and numbers as they are, lists joined by commas, objects as JSON. Different claims give different values: users may
 * choose the text of some claims, and must not be able to choose the value of another user.
 *
 * @returns bytes of UTF-8; undefined for a value that a header would change. A list goes on without such an item, and
 *   without one that would be read as two
 */
export function toClaimHeader(value: unknown): string | undefined {
  const text = Array.isArray(value) ? joinItems(value) : toText(value);
  return isChanged.test(text) ? undefined : Buffer.from(text, 'utf8').toString('latin1');
}

function joinItems(items: readonly unknown[]): string {
  if (items.some((item) => typeof item === 'object')) return JSON.stringify(items);
  const texts = items.map(toText);
  return texts.filter((text) => !text.includes(',') && !isChanged.test(text)).join(',');
}

function toText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
