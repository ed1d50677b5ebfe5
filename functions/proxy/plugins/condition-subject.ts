/** What conditions read from, and the work that they may take for one request. */
import { maxTextCharacters } from '../documents/pattern.ts';
import { ProxyError } from '../http/errors.ts';
import { isForm, maxFormBytes } from '../http/form.ts';
import { toDashed } from '../http/headers.ts';
import type { ProxyRequest } from '../http/message.ts';
import { type ConditionSubject, tooCostly } from './comparison.ts';
import type { FindMore } from './text-template.ts';
import { fieldPrefix, findVariable, headersOf, type VariableSubject } from './variables.ts';

/** About as long as so many steps of a search. */
const stepsOfCharacter = 4;
/** Steps of all searches for one request: about 20 ms of CPU. */
const maxSteps = 2_000_000;

/**
 * @param findMore variables beside those of a request
 * @returns the variables, each read once
 */
export function createConditionSubject<TSubject extends VariableSubject>(
  subject: TSubject,
  findMore?: FindMore<TSubject>,
): ConditionSubject {
  const { request } = subject;
  const values = new Map<string, string | undefined>();
  const assertOneSpelling = createSpellingCheck(request.headers);
  let steps = 0;
  return {
    read(variable) {
      if (values.has(variable)) return values.get(variable);
      const value = (findMore?.(variable) ?? readOwn(variable))(subject);
      values.set(variable, value);
      return value;
    },
    spend,
  };

  function readOwn(variable: string): (own: TSubject) => string | undefined {
    spendOn(variable);
    for (const header of headersOf(variable)) assertOneSpelling(header);
    return findVariable(variable) ?? (() => undefined);
  }

  function spend(more: number): void {
    steps += more;
    if (steps > maxSteps) throw tooCostly(`more than ${maxSteps} steps for all conditions`);
  }

  /** To find one parameter, cookie or field, the whole text is read. */
  function spendOn(variable: string): void {
    const length = toSearchedLength(variable, request);
    if (length > maxTextCharacters && !variable.startsWith(fieldPrefix)) {
      throw tooCostly(`more than ${maxTextCharacters} characters to find ${variable} in`);
    }
    spend(length * stepsOfCharacter);
  }
}

function toSearchedLength(variable: string, request: ProxyRequest): number {
  const { query, headers, body } = request;
  if (variable.startsWith(fieldPrefix)) {
    return isForm(request) ? Math.min(body.length, maxFormBytes) : 0;
  }
  if (variable.startsWith('arg_')) return query.length;
  return variable.startsWith('cookie_') ? (headers['cookie'] ?? '').length : 0;
}

/**
 * Upstreams that take `x_admin` for `x-admin` must not read another value than a condition.
 *
 * @returns a function that is told of each header that a condition reads. It throws ProxyError `MALFORMED_REQUEST`
 */
function createSpellingCheck(headers: ProxyRequest['headers']): (name: string) => void {
  let counts: ReadonlyMap<string, number> | undefined;
  return (name) => {
    counts ??= countSpellings(headers);
    if ((counts.get(name) ?? 0) <= (Object.hasOwn(headers, name) ? 1 : 0)) return;
    throw new ProxyError('MALFORMED_REQUEST', `the header ${name} has another spelling`, {
      detail: 'A header that decides about the request occurs in another spelling',
    });
  };
}

/** @returns how many names are read as one name */
function countSpellings(headers: ProxyRequest['headers']): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of Object.keys(headers)) {
    const dashed = toDashed(name);
    counts.set(dashed, (counts.get(dashed) ?? 0) + 1);
  }
  return counts;
}
