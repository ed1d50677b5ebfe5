/** JSON pointers (RFC 6901). */

/** The names along a pointer. */
export function toKeys(pointer: string): string[] {
  const tokens = pointer.split('/').slice(1);
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What a pointer names, or undefined. */
export function readPointer(document: unknown, pointer: string): unknown {
  return toKeys(pointer).reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string, unknown>)[key]
        : undefined,
    document,
  );
}
