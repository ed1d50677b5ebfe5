/** Canonical path and query of SigV4 (AWS IAM User Guide, "Create a signed AWS API request"), from wire bytes. */
import { decodeOnce, encodeBytes, foldRuns, toByteTable } from '../http/percent.ts';

const unreserved = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~';
const keptInQuery = toByteTable(unreserved);
const keptInPath = toByteTable(`${unreserved}/`);
const isReserved = /[^A-Za-z0-9\-._~]/;
const needsWork = /[^A-Za-z0-9\-._~/]|\/\//;
const slash = 0x2f;

/**
 * Every service but S3 encodes the sent path once more and folds repeated slashes. Dot segments have been refused.
 *
 * @param path ASCII, as sent
 */
export function toCanonicalPath(path: string): string {
  if (!needsWork.test(path)) return path;
  const bytes = Buffer.from(path, 'latin1');
  return encodeBytes(path.includes('//') ? foldRuns(bytes, slash) : bytes, keptInPath);
}

/**
 * Names and values decoded to bytes, encoded again by RFC 3986, sorted by name and then by value. A `%` that begins
 * no triplet is a byte like any other.
 *
 * @param query ASCII, as sent, without `?`
 */
export function toCanonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs = query.split('&').filter(Boolean).map(toPair).sort();
  return pairs.join('&').replaceAll('\0', '=');
}

/** NUL between name and value sorts before every character of a name, so pairs sort by name, then by value. */
function toPair(parameter: string): string {
  const equals = parameter.indexOf('=');
  if (equals === -1) return `${recode(parameter)}\0`;
  return `${recode(parameter.slice(0, equals))}\0${recode(parameter.slice(equals + 1))}`;
}

function recode(text: string): string {
  if (!isReserved.test(text)) return text;
  return encodeBytes(Buffer.from(decodeOnce(text), 'latin1'), keptInQuery);
}
