/** Values of parameters and cookies that common readers read in more than one way, as they are sent. */

/** ASP.NET decodes it; other servers do not. */
const wideEscape = /%u[\da-f]{4}/i;
const anyEscape = /%[\da-f]{2}/i;
/** Some readers end a value at a NUL, which may be encoded. */
const nul = '%00';
/**
 * Some readers take quotes off, read `\` as an escape, or end the value at a comma or a blank. Encoded, these characters are a
 * part of the value for each reader.
 */
const cookieSigns = '"\\,';
const del = 0x7f;
const encodedControl = /%(?:[01][\da-f]|7f)/i;

/**
 * Readers decode what cannot be decoded whole in several ways: some keep all escapes, others all bytes, or write U+FFFD for what
 * is no UTF-8. Without any escape (`100%`) all of them keep it.
 *
 * @returns undefined for such a value
 */
export function decodeAgreed(raw: string): string | undefined {
  if (!raw.includes('%')) return raw;
  try {
    return decodeURIComponent(raw);
  } catch {
    return anyEscape.test(raw) ? undefined : raw;
  }
}

/** @returns whether a parameter or a field of a form has a value that readers disagree about; some end it at a `;` */
export function isDisputedParameter(raw: string): boolean {
  return raw.includes(';') || raw.includes('\0') || raw.includes(nul) || wideEscape.test(raw);
}

/** @returns whether readers disagree about a cookie's value */
export function isDisputedCookie(raw: string): boolean {
  for (let index = 0; index < raw.length; index += 1) {
    const code = raw.charCodeAt(index);
    if (code <= 0x20 || code === del) return true;
  }
  if ([...cookieSigns].some((sign) => raw.includes(sign))) return true;
  return encodedControl.test(raw) || wideEscape.test(raw);
}
