/** A pair of APISIX's `regex_uri`: an expression that is looked for in the path, and what takes the place of what it finds. */
import { documentError } from '../documents/document-error.ts';
import { assertPattern } from '../documents/pattern.ts';
import { compileGroups, isTooLongFor, maxPathSize } from '../documents/pattern-groups.ts';
import { ProxyError } from '../http/errors.ts';
import { assertSafePath, toMatchKey, toWirePath } from '../http/path.ts';
import { compileUri, encodeGroup, type Groups, toRooted, type Uri } from './uri-template.ts';
import type { VariableSubject } from './variables.ts';

/** The URI that a pair makes of a request, and the groups of its expression. */
export interface Replaced {
  readonly uri: Uri;
  readonly groups: Groups;
}

/** A pair, and where it stands. */
export interface RegexUriOptions {
  readonly expression: string;
  readonly template: string;
  /** JSON pointers of the expression and of the template. */
  readonly pointers: readonly [expression: string, template: string];
  /** Whether the template may name a host. */
  readonly mayHaveOrigin: boolean;
  /** Told of the size of the expression. @throws DocumentError */
  readonly countSteps: (steps: number, pointer: string) => void;
}

/** A pair, compiled. */
export interface RegexUri {
  readonly groupCount: number;
  /**
   * @returns undefined where the expression is not found
   * @throws ProxyError for a path that is too long to be searched, and for one that would be unsafe
   */
  replace(subject: VariableSubject): Replaced | undefined;
}

/** @throws DocumentError */
export function compileRegexUri(options: RegexUriOptions): RegexUri {
  const { expression, template, pointers, countSteps } = options;
  assertPattern(expression, pointers[0]);
  const pattern = compileGroups(expression);
  if (pattern.size > maxPathSize) {
    const words = `a regular expression of at most ${maxPathSize} steps, its repetitions written out`;
    throw documentError(pointers[0], expression, words);
  }
  countSteps(pattern.size, pointers[0]);
  const isInside = !expression.startsWith('^');
  const toUri = compileUri(template, {
    pointer: pointers[1],
    groupCount: pattern.groupCount,
    mayHaveOrigin: options.mayHaveOrigin && !isInside,
    isInside,
  });
  const replace = (subject: VariableSubject) => {
    const key = toMatchKey(subject.request.path);
    if (isTooLongFor(pattern, key)) throw toTooLong();
    const found = pattern.find(key);
    if (!found) return undefined;
    const around = [key.slice(0, found.start), key.slice(found.end)] as const;
    return { uri: putInside(toUri(subject, found.groups), around), groups: found.groups };
  };
  return { groupCount: pattern.groupCount, replace };
}

/** What is around the find stays: a path in front, and behind it a part of the last part of the new URI. */
function putInside(uri: Uri, [before, after]: readonly [before: string, after: string]): Uri {
  const isPathLast = uri.query === '' && uri.fragment === '';
  const joined = toWirePath(before) + uri.path + (isPathLast ? toWirePath(after) : '');
  const path = toRooted(joined, uri.origin);
  assertSafePath(path);
  if (isPathLast) return { ...uri, path };
  const rest = encodeGroup(after);
  return uri.fragment === ''
    ? { ...uri, path, query: uri.query + rest }
    : { ...uri, path, fragment: uri.fragment + rest };
}

function toTooLong(): ProxyError {
  const reason = 'the path is too long for an expression of the route';
  return new ProxyError('MALFORMED_REQUEST', reason, { detail: 'The path is too long' });
}
