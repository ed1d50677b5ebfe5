/** Logs each document that is not wholly in force, once, with the consequences for its routes and consumers. */

import type { DocumentIssue } from '../documents/document-error.ts';
import { toCountMetrics } from '../log/metrics.ts';
import type { DocumentInForce, Withheld } from './in-force.ts';
import type { LoadState } from './load-state.ts';
import type { Parameter, UnreadableParameter } from './parameters.ts';

/** The fields of an `invalid-document` line. */
export interface InvalidDocument {
  readonly parameter: string;
  readonly version: number;
  /** Malformed: its own text is wrong. Unfulfilled: something around it is missing. */
  readonly fault: 'malformed' | 'unfulfilled';
  /** The version of which anything is in force, or null. */
  readonly inForce: number | null;
  /** The last valid version, which replaces a malformed one; undefined if there is none. */
  readonly lastValid?: number | undefined;
  readonly issues: readonly DocumentIssue[];
  /** Ids of routes that answer 503. */
  readonly unavailableRoutes?: readonly string[] | undefined;
  /** Names of consumers whose credentials are refused. */
  readonly unavailableConsumers?: readonly string[] | undefined;
  /** Which of them lack guards that a newer version than theirs asks for. */
  readonly withheld?: readonly Withheld[] | undefined;
}

type ReportState = Pick<LoadState, 'log' | 'root' | 'memory'>;

/** @param found.claims what answers 503 where the older versions are not known */
export function reportMalformed(
  { name: parameter, version }: Pick<Parameter, 'name' | 'version'>,
  found: {
    readonly issues: readonly DocumentIssue[];
    readonly lastValid: DocumentInForce | undefined;
    readonly claims: DocumentInForce | undefined;
  },
  state: ReportState,
): void {
  const { issues, lastValid: document, claims } = found;
  const lastValid = document ? { lastValid: document.version } : {};
  const outcome = { ...lastValid, ...toOutcome(document ?? claims) };
  report({ parameter, version, fault: 'malformed', issues, ...outcome }, state);
  if (document && document.missing.length > 0) reportUnfulfilled(document, state);
  else state.memory.unfulfilled = undefined;
}

/** @param document a well-formed one that lacks something */
export function reportUnfulfilled(document: DocumentInForce, state: ReportState): void {
  const { parameter, version, missing: issues } = document;
  report({ parameter, version, fault: 'unfulfilled', issues, ...toOutcome(document) }, state);
}

/** @param parameter one whose value cannot be decrypted: what it claims is not known where no version is in force */
export function reportUnreadable(
  { name: parameter, version }: UnreadableParameter,
  { log, root, memory, previous }: ReportState & Pick<LoadState, 'previous'>,
): void {
  const news = `${parameter}:${version}`;
  if (memory.unreadable === news) return;
  memory.unreadable = news;
  const inForce = previous?.version ?? null;
  const consequence =
    inForce === null
      ? 'what it claims is not known, and other routes may take its paths'
      : `version ${inForce} stays in force`;
  log.error(`a document cannot be decrypted; ${consequence}`, {
    event: 'unreadable-document',
    ...{ parameter, version, inForce, proxy: root },
    ...toCountMetrics({ invalidDocuments: 1 }, ['proxy', 'parameter']),
  });
}

function toOutcome(document: DocumentInForce | undefined) {
  if (!document) return { inForce: null };
  const { routes, consumers, version, withheld } = document;
  const unavailableRoutes = routes.filter(isUnavailable).map(({ id }) => id);
  const unavailableConsumers = consumers.filter(isUnavailable).map(({ username }) => username);
  const unavailable = unavailableRoutes.length + unavailableConsumers.length;
  const isNothingLeft = unavailable > 0 && unavailable === routes.length + consumers.length;
  return {
    inForce: isNothingLeft ? null : version,
    ...(unavailableRoutes.length > 0 ? { unavailableRoutes } : {}),
    ...(unavailableConsumers.length > 0 ? { unavailableConsumers } : {}),
    ...(withheld.length > 0 ? { withheld } : {}),
  };
}

function isUnavailable({ isAvailable }: { readonly isAvailable: boolean }): boolean {
  return !isAvailable;
}

function report(record: InvalidDocument, { log, root, memory }: ReportState): void {
  const news = JSON.stringify(record);
  if (memory[record.fault] === news) return;
  memory[record.fault] = news;
  log.error(`${toFault(record)}; ${toConsequence(record)}`, {
    event: 'invalid-document',
    ...record,
    proxy: root,
    ...toCountMetrics({ invalidDocuments: 1 }, ['proxy', 'parameter']),
  });
}

function toFault({ fault }: InvalidDocument): string {
  return fault === 'malformed' ? 'a document is invalid' : 'a document cannot be fulfilled';
}

/** @returns the consequences for a document's routes and consumers, as the end of a sentence about its fault */
export function toConsequence(record: InvalidDocument): string {
  const { fault, inForce, lastValid } = record;
  const off = toSubjects(record);
  if (fault === 'unfulfilled') return inForce === null ? off : `${off}; the rest is in force`;
  if (lastValid === undefined) {
    return off === '' ? 'no version is in force' : `its older versions cannot be read: ${off}`;
  }
  if (off === '') return `version ${lastValid} stays in force`;
  const rest = inForce === null ? '' : `; the rest of version ${lastValid} stays in force`;
  return `version ${lastValid} lacks ${toLack(record)}: ${off}${rest}`;
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
}: InvalidDocument): string {
  const routes = toList('route', unavailableRoutes, ['answers 503', 'answer 503']);
  const consumers = toList('consumer', unavailableConsumers, ['is refused', 'are refused']);
  return [...routes, ...consumers].join('; ');
}

/** A sentence names a few, and the fields beside it all. */
const mostNamed = 5;

function toList(
  noun: string,
  names: readonly string[],
  [one, many]: readonly [one: string, many: string],
): string[] {
  if (names.length < 2) return names.map((name) => `${noun} ${name} ${one}`);
  const others = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : '';
  return [`${noun}s ${names.slice(0, mostNamed).join(', ')}${others} ${many}`];
}
