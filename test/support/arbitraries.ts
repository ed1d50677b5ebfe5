/** Generators of requests for fast-check. */

import fc from 'fast-check';
import { toRuns } from './sample.ts';

/** Number of runs of each property. */
export const numRuns = toRuns(200);

const byte = fc.integer({ min: 0, max: 255 });
const hex = fc.constantFrom(...'0123456789abcdefABCDEF');
const triplet = fc.tuple(hex, hex).map(([high, low]) => `%${high}${low}`);
const visible = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
const odd = fc.constantFrom('%', '%%', '%2', ' ', '\t', 'ä', 'λ', '€', '😀', '\x7f', '\u00ff');

/** Raw text of a path segment before encoding. It contains no separators. */
const segmentText = fc
  .array(fc.oneof(visible, visible, triplet, odd), { maxLength: 6 })
  .map((parts) => parts.join('').replace(/[/?#]/g, ''));

/** Values of `rawPath` in events, including empty segments, and dot segments, which must be refused. */
export const rawPath = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: segmentText },
      fc.constantFrom('', '..', '.', '%2e%2e', '..;'),
    ),
    { maxLength: 5 },
  )
  .map((segments) => `/${segments.join('/')}`);

const parameterText = fc
  .array(fc.oneof(visible, triplet, odd, fc.constantFrom('+', '%2B', ';', '=', '~', '*')), {
    maxLength: 6,
  })
  .map((parts) => parts.join('').replace(/[&#]/g, ''));

/** `rawQueryString`: repeated, empty, valueless and undecodable parameters. */
export const rawQuery = fc
  .array(
    fc.oneof(
      parameterText,
      fc
        .tuple(fc.constantFrom('a', 'b', 'a-', 'A'), parameterText)
        .map(([name, value]) => `${name}=${value}`),
    ),
    { maxLength: 5 },
  )
  .map((parameters) => parameters.join('&'));

export const method = fc.constantFrom(
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'PROPFIND',
);

export const body = fc.oneof(
  fc.constant(Buffer.alloc(0)),
  fc.array(byte, { maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
);

/** Header values of printable ASCII, with blanks inside and around. */
export const asciiValue = fc
  .array(fc.oneof(visible, fc.constantFrom(' ', '  ', ',')), { maxLength: 12 })
  .map((parts) => parts.join(''));

/** Header values of any byte that may stand in one (RFC 9110 §5.5). */
export const anyValue = fc
  .array(
    fc.oneof(visible, fc.constantFrom(' ', '\t', '\u00a0', '\u00e9', '\u0080', '\u00ff', 'λ')),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

export const headerName = fc
  .array(fc.constantFrom(...'abcxyz019-_.'), { minLength: 1, maxLength: 10 })
  .map((parts) => parts.join(''));
