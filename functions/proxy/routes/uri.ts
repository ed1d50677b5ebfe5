/** A route's `uri`: exact, prefix with a trailing `*`, or with `:name` segments. */
import { findUnsafePath, toMatchKey, toWirePath } from '../http/path.ts';

/** A parsed `uri`: exact, prefix, or with `:name` segments. */
export interface UriPattern {
  /** As written. */
  readonly text: string;
  /** Segments after the first `/`; `undefined` stands for a `:name`. A prefix's last one may be a partial segment. */
  readonly segments: readonly (string | undefined)[];
  /** Ends with `*`: anything may follow. */
  readonly isPrefix: boolean;
  /** Characters that are not part of a `:name`; longer is more specific. */
  readonly literalLength: number;
  /** A text that is the same for two patterns that match the same paths. */
  readonly shape: string;
}

/** Control characters by their ranges: `\p{Cc}` costs each cold start 0.2 ms. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const outsidePath = /[?#\\\s\0-\x1f\x7f-\x9f]/;

/** The trie of all paths has a level for each. */
const maxSegments = 200;

/** @returns what is expected of a route's uri where `uri` is none, or undefined */
export function findInvalidUri(uri: string): string | undefined {
  if (!uri.startsWith('/')) return 'a path that begins with /';
  if (outsidePath.test(uri)) return 'a path without ?, #, \\, spaces and control characters';
  if (uri.slice(0, -1).includes('*')) return 'a path with * at its very end only';
  if (/(^|\/):(\/|$|\*)/.test(uri)) return 'a name after each :';
  if (uri.split('/', maxSegments + 2).length > maxSegments + 1) {
    return `a path of at most ${maxSegments} segments`;
  }
  if (/%[0-9a-f]?\*$/i.test(uri)) return 'whole percent-encoded bytes before the *';
  const unsafe = findUnsafePath(toWirePath(uri));
  return unsafe && `a path that requests can have (${unsafe})`;
}

/** @param uri valid by {@link findInvalidUri} */
export function parseUri(uri: string): UriPattern {
  const isPrefix = uri.endsWith('*');
  const path = toWirePath(isPrefix ? uri.slice(0, -1) : uri).replace(/\/{2,}/g, '/');
  const written = path.slice(1).split('/');
  const last = written.length - 1;
  const segments = written.map((segment, index) =>
    // In `/users/:id*` the star would belong to the name: the segment is a literal prefix there.
    segment.startsWith(':') && !(isPrefix && index === last) ? undefined : toMatchKey(segment),
  );
  return {
    text: uri,
    segments,
    isPrefix,
    literalLength: segments.map((segment) => segment ?? '').join('/').length + 1,
    shape: JSON.stringify([isPrefix, ...segments.map((segment) => segment ?? null)]),
  };
}
