/** Canonical path and query of SigV4 (AWS IAM User Guide, "Create a signed AWS API request"), from wire bytes. */

const unreserved = /[^A-Za-z0-9\-._~]/g;
const needsWork = /[^A-Za-z0-9\-._~/]|\/\//;

/**
 * Every service but S3 encodes the sent path once more and folds repeated slashes. Dot segments have been refused.
 *
 * @param path ASCII, as sent
 */
export function toCanonicalPath(path: string): string {
  if (!needsWork.test(path)) return path;
  return path
    .replace(/\/{2,}/g, '/')
    .split('/')
    .map((segment) => segment.replace(unreserved, encodeAscii))
    .join('/');
}

/**
 * Names and values decoded to bytes, encoded again by RFC 3986, sorted by name and then by value. A `%` that begins
 * no triplet is a byte like any other.
 *
 * @param query ASCII, as sent, without `?`
 */
export function toCanonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs: [name: string, value: string][] = [];
  for (const parameter of query.split('&')) {
    if (parameter === '') continue;
    const equals = parameter.indexOf('=');
    const name = equals === -1 ? parameter : parameter.slice(0, equals);
    const value = equals === -1 ? '' : parameter.slice(equals + 1);
    pairs.push([recode(name), recode(value)]);
  }
  return pairs
    .sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function recode(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~]/g, (match, hex: string | undefined) => {
    if (hex === undefined) return encodeAscii(match);
    const code = Number.parseInt(hex, 16);
    const char = String.fromCharCode(code);
    return /[A-Za-z0-9\-._~]/.test(char) ? char : `%${hex.toUpperCase()}`;
  });
}

function encodeAscii(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
