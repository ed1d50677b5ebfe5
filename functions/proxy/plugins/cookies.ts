/** One cookie of a raw `Cookie` header: read as it stands, removed with everything else left in its order. */

/** @returns every value of the cookie */
export function readCookie(header: string | undefined, name: string): readonly string[] {
  return splitCookies(header)
    .filter((cookie) => cookie.name === name)
    .map(({ value }) => value);
}

/** @returns the header less every cookie of the name; undefined when none is left */
export function withoutCookie(header: string | undefined, name: string): string | undefined {
  const kept = splitCookies(header).filter((cookie) => cookie.name !== name);
  return kept.length === 0 ? undefined : kept.map(({ raw }) => raw).join('; ');
}

function splitCookies(header = '') {
  return header
    .split(';')
    .map((part) => part.trim())
    .filter(Boolean)
    .map((raw) => {
      const [name = '', ...rest] = raw.split('=');
      return { raw, name: name.trim(), value: rest.join('=').trim() };
    });
}
