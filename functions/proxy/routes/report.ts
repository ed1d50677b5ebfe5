/**
 * Findings of a load → log lines and metrics, each once: the next load finds the same again. Imported when there is something
 * to report.
 */

import type { Logger } from '../log/log.ts';
import { toCountMetrics } from '../log/metrics.ts';
import type { Conflict, Findings, InvalidDocument, UnreadableDocument } from './findings.ts';
import { toConsequence } from './invalid-document.ts';

/** What the log has said already. */
export interface Reported {
  /** By parameter, of documents that are not wholly in force. */
  readonly documents: ReadonlyMap<string, ReportedDocument>;
  readonly conflicts: ReadonlySet<string>;
  /** Parameters of credentials without a consumer. */
  readonly orphans: ReadonlySet<string>;
}

interface ReportedDocument {
  readonly malformed?: string | undefined;
  readonly unfulfilled?: string | undefined;
  readonly unreadable?: string | undefined;
  readonly isHistoryUnread?: boolean | undefined;
}

/** Texts of lines without figures of their own. The CLI shows the same. */
export const messages = {
  failure: 'a document could not be compiled',
  unreadHistory: 'the history of an invalid document could not be read',
  conflict: {
    routes: 'two routes have the same host, path and method; the first one wins',
    consumers: 'two consumers have the same name or key; the first one keeps it',
    'shared objects': 'two shared objects have the same kind and id; the first one is used',
  },
  orphan: 'a credential lets nobody in: the consumer that its name says is not there',
} as const;

/** Where findings are reported to. */
export interface ReportOptions {
  readonly log: Logger;
  /** Root path of the documents; it is the dimension `proxy` of the metrics. */
  readonly root: string;
}

/**
 * Logs what is new among the findings of a load.
 *
 * @param reported what earlier calls have returned last; undefined for the first load
 * @returns what has been said now
 */
export function reportFindings(
  findings: Findings,
  reported: Reported | undefined,
  options: ReportOptions,
): Reported {
  const { log } = options;
  const { failures, warnings, conflicts, orphans } = findings;
  for (const { parameter, error } of failures) log.error(messages.failure, { parameter, error });
  for (const { text, parameter, version } of warnings) log.warn(text, { parameter, version });
  const documents = reportDocuments(findings, reported?.documents ?? new Map(), options);
  const said = new Set(reported?.conflicts);
  for (const conflict of conflicts) {
    const news = JSON.stringify(conflict);
    if (!said.has(news)) reportConflict(conflict, log);
    said.add(news);
  }
  for (const { parameter, consumer } of orphans) {
    if (!reported?.orphans.has(parameter)) log.warn(messages.orphan, { parameter, consumer });
  }
  // One whose consumer was there meanwhile is named again.
  const left = new Set(orphans.map(({ parameter }) => parameter));
  return { documents, conflicts: said, orphans: left };
}

/** A document that is whole again is forgotten: the log reports its next fault anew. */
function reportDocuments(
  { invalid, unreadable, unreadHistories }: Findings,
  before: Reported['documents'],
  options: ReportOptions,
): Reported['documents'] {
  const after = new Map<string, ReportedDocument>();
  for (const document of unreadable) {
    const { parameter, version } = document;
    const old = before.get(parameter);
    const news = `${parameter}:${version}`;
    if (old?.unreadable !== news) reportUnreadable(document, options);
    after.set(parameter, { ...old, unreadable: news });
  }
  const unread = new Set(unreadHistories.map(({ parameter }) => parameter));
  for (const { parameter, error } of unreadHistories) {
    const old = before.get(parameter);
    if (!old?.isHistoryUnread) options.log.warn(messages.unreadHistory, { parameter, error });
  }
  for (const record of invalid) {
    const { parameter, fault } = record;
    const old = before.get(parameter);
    const news = JSON.stringify(record);
    if (old?.[fault] !== news) reportInvalid(record, options);
    const isHistoryUnread = fault === 'malformed' ? unread.has(parameter) : old?.isHistoryUnread;
    const others = after.get(parameter) ?? { unreadable: old?.unreadable, isHistoryUnread };
    after.set(parameter, { ...others, [fault]: news });
  }
  return after;
}

function reportInvalid(record: InvalidDocument, { log, root }: ReportOptions): void {
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

function reportUnreadable(document: UnreadableDocument, { log, root }: ReportOptions): void {
  log.error(toUnreadableMessage(document), {
    event: 'unreadable-document',
    ...document,
    proxy: root,
    ...toCountMetrics({ invalidDocuments: 1 }, ['proxy', 'parameter']),
  });
}

/** @returns what is wrong, and the consequence for requests to the document's paths */
export function toUnreadableMessage({ inForce }: UnreadableDocument): string {
  const consequence =
    inForce === null
      ? 'its paths are not known, and other routes may take them over'
      : `version ${inForce} stays in force`;
  return `a document cannot be decrypted; ${consequence}`;
}

function reportConflict({ between, ...rivals }: Conflict, log: Logger): void {
  log.warn(messages.conflict[between], rivals);
}
