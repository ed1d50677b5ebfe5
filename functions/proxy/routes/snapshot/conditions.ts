/** The conditions of a snapshot's routes. A proxy loads this code for a snapshot that has conditions. */
import { DocumentError } from '../../documents/document-error.ts';
import { ProxyError } from '../../http/errors.ts';
import { type AskConditions, askConditions, type ConditionAt } from '../ask-conditions.ts';
import { compileCondition } from '../condition.ts';
import { parseConditionText } from '../condition-text.ts';
import type { RouteCondition } from '../route.ts';
import type { Snapshot } from './read.ts';

/** Compiled conditions by their text. An edit of one document leaves those of the others as they are. */
export type KeptConditions = Map<string, RouteCondition>;

/** Far more than a table has in use. Beyond this all are dropped, and compiled again when a request asks for them. */
const maxKept = 20_000;

/** @returns a function that asks the conditions of a snapshot */
export function createAsk(snapshot: Snapshot, kept: KeptConditions): AskConditions {
  const conditionAt = createConditions(snapshot, kept);
  return (undecided) => askConditions(undecided, conditionAt);
}

/** @returns a function that compiles a condition when a request first asks for it */
export function createConditions(snapshot: Snapshot, kept: KeptConditions): ConditionAt {
  if (kept.size > maxKept) kept.clear();
  const texts = new Map<number, string>();
  const textAt = (place: number) => {
    const { document, place: inside } = snapshot.routeAt(place);
    return snapshot.documentAt(document).routes[inside]?.condition ?? noCondition;
  };
  return (place) => {
    const text = texts.get(place) ?? textAt(place);
    texts.set(place, text);
    if (!kept.has(text)) kept.set(text, compile(text));
    return kept.get(text);
  };
}

const noCondition = '{}';

/** @returns a condition that refuses each request where the text cannot be compiled here, though the publisher has compiled it */
function compile(text: string): RouteCondition {
  try {
    return compileCondition(parseConditionText(text), { pointer: '', countSteps: () => {} });
  } catch (error) {
    if (error instanceof DocumentError) return refusing;
    throw error;
  }
}

/** Whether such a route takes a request is not known, so that no other route may take it either. */
const refusing: RouteCondition = {
  createSubject: () => ({ read: () => undefined, spend: () => {} }),
  holds() {
    throw new ProxyError('ROUTES_UNAVAILABLE', 'the condition of a route cannot be read', {
      headers: { 'retry-after': '10' },
    });
  },
};
