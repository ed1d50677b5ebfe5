/** The form in the body of a request, for what decides by its fields. */
import { ProxyError } from './errors.ts';
import type { ProxyRequest } from './message.ts';
import { toWireForm } from './path.ts';

/** Headers that say whether a body is a form, and how it is read. */
export const formHeaders: readonly string[] = ['content-type', 'content-encoding'];

/** A form that something decides by is searched whole. */
export const maxFormBytes = 65_536;

/**
 * `form`: each reader takes the body for the same form. `disputed`: some reader takes it for a form that cannot be read here, or
 * for another one.
 */
type BodyKind = 'form' | 'disputed' | 'other';

/** @returns whether the body of a request is a form whose fields each reader reads in the same way */
export function isForm(request: ProxyRequest): boolean {
  return judgeBody(request) === 'form';
}

/**
 * @returns a form as a query is sent; empty for another kind of body
 * @throws ProxyError `MALFORMED_REQUEST` for a form in parts (`multipart/…`), compressed, in another character encoding than
 *   UTF-8, or whose type is missing or unclear; `BODY_TOO_LARGE`
 */
export function readForm(request: ProxyRequest): string {
  const kind = judgeBody(request);
  if (kind === 'other') return '';
  if (kind === 'disputed') {
    throw new ProxyError('MALFORMED_REQUEST', 'a form that readers read differently decides', {
      detail: `A field of a form decides about the request, so a form must be ${urlencoded}, in UTF-8 and not compressed`,
    });
  }
  const { body } = request;
  if (body.length > maxFormBytes) {
    throw new ProxyError('BODY_TOO_LARGE', `a form of more than ${maxFormBytes} bytes decides`);
  }
  return toWireForm(body);
}

const urlencoded = 'application/x-www-form-urlencoded';

function judgeBody({ headers, body }: ProxyRequest): BodyKind {
  if (body.length === 0) return 'other';
  const type = (headers['content-type'] ?? '').toLowerCase();
  // Rack takes a body without a type for a form. Most frameworks read the fields of a form in parts like those of any other.
  if (type.trim() === '' || type.includes('multipart/')) return 'disputed';
  if (!type.includes('form-urlencoded')) return 'other';
  const isPlain = isPlainUtf8(headers) && !hasByteOrderMark(body);
  return isPlain && isWellFormed(type) ? 'form' : 'disputed';
}

/** @returns whether headers call a body UTF-8 and not compressed, or say nothing: readers decode others before they look at them */
export function isPlainUtf8(headers: ProxyRequest['headers']): boolean {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  const [, ...charsets] = (headers['content-type'] ?? '').toLowerCase().split('charset');
  return (encoding === '' || encoding === 'identity') && charsets.every((text) => utf8.test(text));
}

/** `Request.text()` and .NET take it off, or decode what follows as it says. Other readers take it for a part of the first name. */
function hasByteOrderMark(body: Buffer): boolean {
  return byteOrderMarks.some((mark) => body.subarray(0, mark.length).equals(mark));
}

const byteOrderMarks = [
  [0xef, 0xbb, 0xbf],
  [0xfe, 0xff],
  [0xff, 0xfe],
].map((mark) => Buffer.from(mark));

/** A parameter of a media type (RFC 9110 §5.6.6). What is neither may be a second type, which some readers take. */
const parameter = /^[!#$%&'*+.^_`|~0-9a-z-]+="?[!#$%&'*+.^_`|~0-9a-z-]*"?$/;
const isAscii = /^[\t\x20-\x7e]*$/;
/** Behind the word `charset`. */
const utf8 = /^[\t ]*=[\t ]*"?(?:utf-?8|us-ascii)"?[\t ]*(?:[;,]|$)/;

function isWellFormed(type: string): boolean {
  const [essence, ...parameters] = type.split(';').map((text) => text.trim());
  // JavaScript trims more than the blanks of HTTP.
  return isAscii.test(type) && essence === urlencoded && parameters.every(isPlainParameter);
}

function isPlainParameter(text: string): boolean {
  return text === '' || parameter.test(text);
}
