/** Asks the conditions of the routes that a search has come to. */
import type { ProxyRequest } from '../http/message.ts';
import { conditionBit, entryField } from './match-index.ts';
import type { RouteCondition } from './route.ts';

/** What a search has found, before conditions are asked. */
export interface Undecided {
  readonly words: Int32Array;
  readonly request: ProxyRequest;
  /** A set of methods, with the request's alone in it. */
  readonly method: number;
  /** Entries of routes with a condition. */
  readonly entries: number[];
  /** The first entry without a condition that takes the request; 0 for none. */
  readonly best: number;
}

/** By place of the route. One whose condition is undefined takes every request. */
export type ConditionAt = (place: number) => RouteCondition | undefined;

/** @throws ProxyError */
export type AskConditions = (undecided: Undecided) => Decision;

/** The entry that wins, 0 for none; if there is none, the methods that routes with a condition take. */
export interface Decision {
  readonly best: number;
  readonly allowed: number;
}

/**
 * In order of precedence, and only until one holds: a condition may refuse a request, and must not refuse one that a route before
 * it takes. A route that takes other methods is asked last, because it only decides what is said about methods.
 *
 * @throws ProxyError
 */
export function askConditions(undecided: Undecided, conditionAt: ConditionAt): Decision {
  const { words, method, entries, best } = undecided;
  const rankOf = (entry: number) => words[entry + entryField.rank] ?? 0;
  const methodsOf = (entry: number) => (words[entry + entryField.methods] ?? 0) & ~conditionBit;
  const accepts = createAccepts(undecided, conditionAt);
  const others: number[] = [];
  for (const entry of entries.sort((a, b) => rankOf(a) - rankOf(b))) {
    if (best !== 0 && rankOf(best) < rankOf(entry)) break;
    const methods = methodsOf(entry);
    if (methods !== 0 && (methods & method) === 0) others.push(entry);
    else if (accepts(entry)) return { best: entry, allowed: 0 };
  }
  const taken = best === 0 ? others.filter(accepts) : [];
  return { best, allowed: taken.reduce((all, entry) => all | methodsOf(entry), 0) };
}

/** A route may have many paths, and a path many hosts: its condition is asked once. */
function createAccepts(
  { words, request }: Undecided,
  conditionAt: ConditionAt,
): (entry: number) => boolean {
  const answers = new Map<number, boolean>();
  let subject: ReturnType<RouteCondition['createSubject']> | undefined;
  return (entry) => {
    const place = words[entry + entryField.route] ?? 0;
    const known = answers.get(place);
    if (known !== undefined) return known;
    const condition = conditionAt(place);
    subject ??= condition?.createSubject(request);
    const holds = !condition || !subject || condition.holds(subject);
    answers.set(place, holds);
    return holds;
  };
}
