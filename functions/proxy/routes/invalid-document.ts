/** A document that is not wholly in force → the finding, with the consequences for its routes and consumers. Imported when needed. */

import type { DocumentIssue } from '../documents/document-error.ts';
import { toConsumerName } from './compiled-consumer.ts';
import type { InvalidDocument } from './findings.ts';
import type { DocumentInForce } from './in-force.ts';
import type { Parameter } from './parameters.ts';
import { isGlobalRule, toSharedKey } from './shared/shared-object.ts';

/** @param found.places what answers 503 where the older versions are not known */
export function toMalformed(
  { name: parameter, version }: Pick<Parameter, 'name' | 'version'>,
  found: {
    readonly issues: readonly DocumentIssue[];
    readonly lastValid: DocumentInForce | undefined;
    readonly places: DocumentInForce | undefined;
  },
): InvalidDocument {
  const { issues, lastValid: document, places } = found;
  const lastValid = document ? { lastValid: document.version } : {};
  const outcome = { ...lastValid, ...toOutcome(document ?? places) };
  return { parameter, version, fault: 'malformed', issues, ...outcome };
}

/** @param document a well-formed one that lacks something */
export function toUnfulfilled(document: DocumentInForce): InvalidDocument {
  const { parameter, version, missing: issues } = document;
  return { parameter, version, fault: 'unfulfilled', issues, ...toOutcome(document) };
}

function toOutcome(document: DocumentInForce | undefined) {
  if (!document) return { inForce: null };
  const { routes, consumers, shared = [], version, withheld } = document;
  const unavailableRoutes = [...new Set(routes.filter(isUnavailable).map(({ id }) => id))];
  const unavailableConsumers = consumers.filter(isUnavailable).map(toConsumerName);
  const unavailableObjects = shared.filter(isUnavailable).map(toSharedKey);
  const items = [...routes, ...consumers, ...shared];
  const isNothingLeft = items.length > 0 && items.every(isUnavailable);
  return {
    inForce: isNothingLeft ? null : version,
    ...(unavailableRoutes.length > 0 ? { unavailableRoutes } : {}),
    ...(unavailableConsumers.length > 0 ? { unavailableConsumers } : {}),
    ...(unavailableObjects.length > 0 ? { unavailableObjects } : {}),
    ...(withheld.length > 0 ? { withheld } : {}),
  };
}

function isUnavailable({ isAvailable }: { readonly isAvailable: boolean }): boolean {
  return !isAvailable;
}

/** @returns the consequences for a document's routes and consumers, as the end of a sentence about its fault */
export function toConsequence(record: InvalidDocument): string {
  const { fault, inForce, lastValid } = record;
  const off = toSubjects(record);
  if (fault === 'unfulfilled') return toLackConsequence(inForce, off);
  if (lastValid === undefined) {
    return off === '' ? 'no version is in force' : `its older versions cannot be read: ${off}`;
  }
  if (off === '') return `version ${lastValid} stays in force`;
  const rest = inForce === null ? '' : `; the rest of version ${lastValid} stays in force`;
  return `version ${lastValid} lacks ${toLack(record)}: ${off}${rest}`;
}

function toLackConsequence(inForce: number | null, off: string): string {
  // Only a shared object can lack something without being unavailable itself. Routes and consumers that have the plugin from
  // it lack the same.
  const ofOthers =
    'routes and consumers that have a plugin of it that lacks something are not available';
  if (inForce !== null) return off === '' ? ofOthers : `${off}; the rest is in force`;
  return off === '' ? 'nothing of it is in force, and other routes may take over its paths' : off;
}

function toLack({ withheld = [] }: InvalidDocument): string {
  const [first] = withheld;
  if (!first) return 'something that it needs';
  const names = [...new Set(withheld.flatMap(({ lacks }) => lacks))];
  return `${names.join(', ')}, which version ${first.askedBy} asks for`;
}

function toSubjects({
  unavailableRoutes = [],
  unavailableConsumers = [],
  unavailableObjects = [],
}: InvalidDocument): string {
  const routes = toList('route', unavailableRoutes, ['answers 503', 'answer 503']);
  const consumers = toList('consumer', unavailableConsumers, ['is refused', 'are refused']);
  const objects = unavailableObjects.map((key) =>
    isGlobalRule(key)
      ? `every request answers 503 because of ${key}`
      : `routes and consumers that name ${key} are not available`,
  );
  return [...routes, ...consumers, ...objects.slice(0, maxNamed)].join('; ');
}

/** A sentence names a few, and the fields beside it all. */
const maxNamed = 5;

function toList(
  noun: string,
  names: readonly string[],
  [one, many]: readonly [one: string, many: string],
): string[] {
  if (names.length < 2) return names.map((name) => `${noun} ${name} ${one}`);
  const others = names.length > maxNamed ? ` and ${names.length - maxNamed} more` : '';
  return [`${noun}s ${names.slice(0, maxNamed).join(', ')}${others} ${many}`];
}
