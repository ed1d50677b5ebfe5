/**
 * URIs of documents, with variables and groups of an expression in them: `/v2$uri`, `https://$host$request_uri`, `/$1?id=$2`.
 * The document alone decides on scheme, host and the parts of the URI. What a client writes is data inside one part of it.
 */
import { type DocumentError, documentError } from '../documents/document-error.ts';
import { ProxyError } from '../http/errors.ts';
import { toHostName } from '../http/headers.ts';
import {
  assertSafePath,
  assertTargetBytes,
  findUnsafePath,
  maxTargetBytes,
  toRequestLine,
  toRootedPath,
  toWirePath,
} from '../http/path.ts';
import { encodeBytes, toByteTable } from '../http/percent.ts';
import { splitText, toUnknownWords } from './text-template.ts';
import type { ReadVariable, VariablePart, VariableSubject } from './variables.ts';

/** A URI in its parts, each as it is sent. */
export interface Uri {
  /** `https://example.com`; `''` for a path. */
  readonly origin: string;
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
  /** With `#`; `''` where there is none. */
  readonly fragment: string;
}

/** Groups of an expression, as they are found in a match key of a path. */
export type Groups = readonly (string | undefined)[];

/** Makes the URI for a request. It throws ProxyError `UNSAFE_PATH` where a client's value would leave the path. */
export type ToUri = (subject: VariableSubject, groups?: Groups) => Uri;

/** What a template may have. */
export interface UriTemplateOptions {
  readonly pointer: string;
  /** How many groups there are; undefined where there is no expression. */
  readonly groupCount?: number;
  /** Whether it may name a host. Without one, `#` is a character of the path. */
  readonly mayHaveOrigin: boolean;
  /** It stands inside a path, and may begin with anything. @default false */
  readonly isInside?: boolean;
}

type Place = 'origin' | 'path' | 'query' | 'fragment';
type Piece = (subject: VariableSubject, groups: Groups) => string;
type Pieces = Record<Place, Piece[]>;

/** RFC 3986 §2.3. */
const unreserved = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~';
const keptInValue = toByteTable(unreserved);
/** A group is text of a path already, with its escapes. */
const keptInGroup = toByteTable(`${unreserved}%/`);
const hostLiteral = /^[\w.:[\]-]*$/;
const hostValue = /^(?:[\w.-]+|\[[\da-f:.]+\])$/i;
const beginning = /^(?:[a-z][a-z\d+.-]*:)?\/\//i;

/** @throws DocumentError for a variable that there is not, and where a client would choose the host */
export function compileUri(text: string, options: UriTemplateOptions): ToUri {
  const pieces: Pieces = { origin: [], path: [], query: [], fragment: [] };
  const place = options.isInside ? 'path' : undefined;
  const draft: Draft = { ...options, text, pieces, place, literalPath: '' };
  for (const part of splitText(text)) {
    if (typeof part === 'string') addText(draft, part);
    else addVariable(draft, part);
  }
  return toFunction(draft);
}

function toFunction(draft: Draft): ToUri {
  const { pieces, isInside, hasClientsPath } = draft;
  const join = (list: readonly Piece[], subject: VariableSubject, groups: Groups) =>
    list.map((piece) => piece(subject, groups)).join('');
  const unsafe = hasClientsPath || isInside ? undefined : findUnsafePath(draft.literalPath);
  if (unsafe) throw fault(draft, `a safe path (${unsafe})`);
  return (subject, groups = []) => {
    const origin = join(pieces.origin, subject, groups);
    const written = join(pieces.path, subject, groups);
    const path = isInside ? written : toRooted(written, origin);
    const query = join(pieces.query, subject, groups);
    assertTargetBytes(path.length + query.length);
    if (hasClientsPath) assertSafePath(path);
    const fragment = join(pieces.fragment, subject, groups);
    return { origin, path, query, fragment: fragment === '' ? '' : `#${fragment}` };
  };
}

/** A template that has been read up to some place. */
interface Draft extends UriTemplateOptions {
  readonly text: string;
  readonly pieces: Pieces;
  /** Undefined at the beginning. */
  place: Place | undefined;
  /** What the document itself has in the path. */
  literalPath: string;
  /** Whether something that a client writes is in the path. */
  hasClientsPath?: boolean;
}

function fault({ pointer, text }: Draft, expected: string): DocumentError {
  return documentError(pointer, text, expected);
}

function toBeginnings({ mayHaveOrigin }: Draft): string {
  const path = 'a path that begins with /';
  return mayHaveOrigin ? `${path}, or a URL that begins with its scheme and host` : path;
}

function addText(draft: Draft, written: string): void {
  let rest = draft.place === undefined ? begin(draft, written) : written;
  while (rest !== '') {
    const place = draft.place ?? 'path';
    const end = findEnd(rest, place, draft.mayHaveOrigin);
    addLiteral(draft, place, rest.slice(0, end));
    if (end === rest.length) return;
    draft.place = toNext(rest[end]);
    // The slash belongs to the path that it begins.
    if (draft.place === 'path') addLiteral(draft, 'path', '/');
    rest = rest.slice(end + 1);
  }
}

/** @returns what follows the origin */
function begin(draft: Draft, written: string): string {
  const [origin] = draft.mayHaveOrigin ? (beginning.exec(written) ?? []) : [];
  if (origin === undefined) {
    if (!written.startsWith('/')) throw fault(draft, toBeginnings(draft));
    draft.place = 'path';
    return written;
  }
  draft.place = 'origin';
  draft.pieces.origin.push(() => origin);
  return written.slice(origin.length);
}

function addLiteral(draft: Draft, place: Place, literal: string): void {
  if (literal === '') return;
  if (place === 'origin' && !hostLiteral.test(literal)) {
    throw fault(draft, 'a host name, with a port or without');
  }
  const encoded = place === 'path' ? toWirePath(literal) : toRequestLine(literal);
  if (place === 'path') draft.literalPath += encoded;
  draft.pieces[place].push(() => encoded);
}

function addVariable(draft: Draft, variable: VariablePart): void {
  const { name } = variable;
  const isGroup = assertVariable(draft, variable);
  const isPath = name === 'uri' || name === 'request_uri';
  if (draft.place === undefined && !isPath && !isGroup) {
    throw fault(draft, `${toBeginnings(draft)}: a client must not choose where it leads`);
  }
  if (draft.place === 'origin' && !isPath) {
    if (name !== 'host')
      throw fault(draft, 'a host that the document names: a client must not choose it');
    draft.pieces.origin.push(readHost);
    return;
  }
  if (draft.place === undefined || draft.place === 'origin') draft.place = 'path';
  const { place, pieces } = draft;
  draft.hasClientsPath ||= place === 'path';
  if (place === 'path' && name === 'request_uri') {
    pieces.path.push(({ request }) => request.path);
    pieces.query.push(({ request }) => request.query);
    draft.place = 'query';
    return;
  }
  pieces[place].push(isGroup ? toGroup(Number(name), place) : toValue(variable, place));
}

/** @returns whether it is a group of the expression. @throws DocumentError for what is no variable either */
function assertVariable(draft: Draft, { name, isKnown }: VariablePart): boolean {
  const { groupCount } = draft;
  const isGroup = groupCount !== undefined && /^\d+$/.test(name);
  if (isGroup && Number(name) > groupCount) {
    throw fault(draft, `no group ${name}: the expression has ${groupCount}`);
  }
  if (!isGroup && !isKnown) throw fault(draft, toUnknownWords(name));
  return isGroup;
}

function findEnd(text: string, place: Place, mayHaveOrigin: boolean): number {
  const delimiters = {
    origin: /[/?#]/,
    path: mayHaveOrigin ? /[?#]/ : /\?/,
    query: mayHaveOrigin ? /#/ : /$/,
    fragment: /$/,
  };
  const end = text.search(delimiters[place]);
  return end === -1 ? text.length : end;
}

function toNext(delimiter: string | undefined): Place {
  if (delimiter === '/') return 'path';
  return delimiter === '?' ? 'query' : 'fragment';
}

/**
 * The path that follows an origin, or stands alone. What stands alone must not be read as a host (`//x`, `/\x`), and what follows an
 * origin must not continue it: `https://example.com` and `.example.net` are another host.
 */
export function toRooted(path: string, origin: string): string {
  if (origin !== '' && path === '') return path;
  const slashed = path.startsWith('/') ? path : `/${path}`;
  return origin === '' ? toRootedPath(slashed) : slashed;
}

const readHost: Piece = ({ request }) => {
  const host = toHostName(request.host);
  if (hostValue.test(host)) return host;
  throw new ProxyError('MALFORMED_REQUEST', 'the Host header is no host name');
};

function toValue({ name, read, fallback }: VariablePart, place: Place): Piece {
  if (place === 'path' && name === 'uri') return ({ request }) => request.path;
  const isQuery = name === 'args' || name === 'query_string';
  if (place === 'query' && isQuery) return ({ request }) => request.query;
  return (subject) => encodeValue(read, subject, fallback);
}

function encodeValue(read: ReadVariable, subject: VariableSubject, fallback = ''): string {
  return encodeBytes(Buffer.from(read(subject) ?? fallback, 'utf8'), keptInValue, maxTargetBytes);
}

function toGroup(index: number, place: Place): Piece {
  return (_, groups) => {
    const text = groups[index] ?? '';
    return place === 'path' ? toWirePath(text) : encodeGroup(text);
  };
}

/** @returns a part of a path's match key as a part of a query or fragment */
export function encodeGroup(text: string): string {
  return encodeBytes(Buffer.from(text, 'latin1'), keptInGroup);
}
