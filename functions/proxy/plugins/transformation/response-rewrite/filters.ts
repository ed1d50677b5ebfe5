/** Replacements in the bodies of responses. A body is read whole for them, up to a limit. */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { RE2JS } from 're2js';
import * as v from 'valibot';
import { listOf } from '../../../documents/attributes.ts';
import { pointerTo } from '../../../documents/document-error.ts';
import { assertPattern } from '../../../documents/pattern.ts';
import { compileGroups, type GroupPattern } from '../../../documents/pattern-groups.ts';
import { strictObject } from '../../../documents/schema.ts';
import { ProxyError } from '../../../http/errors.ts';
import type { ProxyResponse } from '../../../http/message.ts';
import { gatherBody } from '../../../send/gather.ts';
import { discardBody } from '../../../upstream/attempts.ts';

/** Size of a body, as it arrives and once it is decompressed. */
const maxBytes = 1_048_576;
/** Instructions of one expression times characters: a second of CPU at most. */
const maxWork = 10_000_000;
/** What a filter makes of a body, in characters: a replacement may be longer than what it replaces. */
const maxGrown = 8 * maxBytes;
/** Time for all finds of one response: an expression may look to the end of the body for each of them. */
const maxMs = 1000;
const flags: Readonly<Record<string, number>> = {
  i: RE2JS.CASE_INSENSITIVE,
  m: RE2JS.MULTILINE,
  s: RE2JS.DOTALL,
  // How nginx caches and compiles.
  ...{ j: 0, o: 0, u: 0 },
};

/** Schema of the `filters` attribute. */
export const filtersSchema = listOf(
  strictObject({
    regex: v.pipe(v.string(), v.minLength(1, 'a regular expression')),
    replace: v.string(),
    scope: v.optional(v.picklist(['once', 'global'], 'once or global'), 'once'),
    options: v.optional(
      v.pipe(v.string(), v.regex(/^[imsjou]*$/, 'letters of i, m, s, j, o and u')),
      'jo',
    ),
  }),
);

type Filter = v.InferOutput<typeof filtersSchema>[number];
/** Reads the body of a response and changes it. It throws ProxyError `UPSTREAM_INVALID_RESPONSE` where that takes too much. */
export type FilterBody = (response: ProxyResponse) => Promise<Buffer>;
type Replace = (text: string, untilMs: number) => string;

/** @throws DocumentError */
export function compileFilters(
  filters: readonly Filter[],
  { pointer, countSteps }: FilterContext,
): FilterBody {
  const replacements = filters.map((filter, index) =>
    compileFilter(filter, { countSteps, pointer: pointerTo(pointer, index) }),
  );
  return async (response) => {
    const body = await readBody(response);
    assertLikeAscii(response, body);
    // Bytes that are no UTF-8 stay as they are: each is a character of its own.
    const encoding = isUtf8(body) ? 'utf8' : 'latin1';
    const untilMs = performance.now() + maxMs;
    const text = replacements.reduce(
      (changed, replace) => replace(changed, untilMs),
      body.toString(encoding),
    );
    return Buffer.from(text, encoding);
  };
}

interface FilterContext {
  readonly pointer: string;
  readonly countSteps: (steps: number, pointer: string) => void;
}

function compileFilter(
  { regex, replace, scope, options }: Filter,
  { pointer, countSteps }: FilterContext,
): Replace {
  const at = pointerTo(pointer, 'regex');
  assertPattern(regex, at);
  const pattern = compileGroups(
    regex,
    [...options].reduce((sum, letter) => sum | (flags[letter] ?? 0), 0),
  );
  countSteps(pattern.size, at);
  const parts = replace.split(/(\$\$|\$\d+|\$\{\d+\})/);
  const toPieces = (groups: readonly (string | undefined)[]) =>
    parts.map((part, index) => (index % 2 === 0 ? part : readGroup(part, groups)));
  const isGlobal = scope === 'global';
  return (text, untilMs) => replaceFinds(text, pattern, { isGlobal, untilMs, toPieces });
}

function readGroup(reference: string, groups: readonly (string | undefined)[]): string {
  return reference === '$$' ? '$' : (groups[Number(reference.replace(/[${}]/g, ''))] ?? '');
}

interface Replacement {
  readonly isGlobal: boolean;
  readonly untilMs: number;
  toPieces(groups: readonly (string | undefined)[]): readonly string[];
}

function replaceFinds(
  text: string,
  pattern: GroupPattern,
  { isGlobal, untilMs, toPieces }: Replacement,
): string {
  if (pattern.size * text.length > maxWork)
    throw toUnfiltered('it is too long for one of the expressions');
  const next = pattern.findEach(text);
  const pieces: string[] = [];
  let size = 0;
  const add = (piece: string) => {
    size += piece.length;
    if (size > maxGrown) throw toUnfiltered(`it grows to more than ${maxGrown} characters`);
    if (piece !== '') pieces.push(piece);
  };
  let end = 0;
  for (let found = next(); found; found = isGlobal ? next() : undefined) {
    add(text.slice(end, found.start));
    for (const piece of toPieces(found.groups)) add(piece);
    end = found.end;
    if (performance.now() > untilMs) throw toUnfiltered('searching it takes more than a second');
  }
  return pieces.join('') + text.slice(end);
}

const decoders: Readonly<Record<string, (body: Buffer) => Promise<Buffer>>> = {
  gzip: (body) => promisify(gunzip)(body, { maxOutputLength: maxBytes }),
  deflate: (body) => promisify(inflate)(body, { maxOutputLength: maxBytes }),
  br: (body) => promisify(brotliDecompress)(body, { maxOutputLength: maxBytes }),
};

/** RFC 9110 §15.3.7. A client could choose parts in which no expression finds anything. */
export const partialContent = 206;

async function readBody(response: ProxyResponse): Promise<Buffer> {
  if (response.status === partialContent) {
    await discardBody(response);
    throw toUnfiltered('it is a part of one');
  }
  const body = await gatherBody(response, maxBytes).catch((cause: unknown) => {
    throw cause instanceof ProxyError
      ? cause
      : toUnfiltered(`it has more than ${maxBytes} bytes`, cause);
  });
  const encodings = response.headers.filter(([name]) => name === 'content-encoding');
  const encoding = encodings
    .map(([, value]) => value.trim())
    .join()
    .toLowerCase();
  if (body.length === 0 || encoding === '' || encoding === 'identity') return body;
  const decode = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined;
  if (!decode) throw toUnfiltered(`its encoding ${encoding} is unknown`);
  return decode(body).catch((cause: unknown) => {
    throw toUnfiltered(`it is damaged, or has more than ${maxBytes} bytes decompressed`, cause);
  });
}

/** Behind the word `charset`: those in which a byte below 128 is the character of ASCII. */
const likeAscii =
  /^["'\s=*]*(?:$|;|utf-?8|(?:us-)?ascii|latin-?1|iso[-_]?8859|windows-|cp125|koi8|gb2312|gbk|gb18030|big5|euc-|shift[-_]?jis|tis-620)/;
/** Byte order marks of UTF-16 and UTF-32. */
const marks = ['fffe', 'feff', '0000feff'].map((hex) => Buffer.from(hex, 'hex'));

/** Clients may choose the charset by `Accept` or `Accept-Charset`: in UTF-16, no expression finds anything. */
function assertLikeAscii({ headers }: ProxyResponse, body: Buffer): void {
  const types = headers.filter(([name]) => name === 'content-type');
  const charsets = types.flatMap(([, value]) => value.toLowerCase().split('charset').slice(1));
  const isLikeAscii = charsets.every((text) => likeAscii.test(text));
  if (isLikeAscii && !marks.some((mark) => mark.equals(body.subarray(0, mark.length)))) return;
  throw toUnfiltered('its charset is none that extends ASCII');
}

function isUtf8(body: Buffer): boolean {
  return Buffer.from(body.toString('utf8')).equals(body);
}

/** What a filter was to take out must not go to the client, so the response is refused. */
function toUnfiltered(reason: string, cause?: unknown): ProxyError {
  const message = `the body cannot be filtered: ${reason}`;
  return new ProxyError('UPSTREAM_INVALID_RESPONSE', message, { cause });
}
