/** Reading claims of a verified token. */
import type { JWTPayload } from 'jose';

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
