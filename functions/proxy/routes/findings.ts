/** What loading a table finds out about documents, as values: the caller logs them, shows them or publishes them. */

import type { DocumentIssue } from '../documents/document-error.ts';
import type { Withheld } from './in-force.ts';

/** A document whose newest version is not in force, or not all of it. */
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
  /** Services and other shared objects that make the routes and consumers unavailable that name them: `service/orders`. */
  readonly unavailableObjects?: readonly string[] | undefined;
  /** Which of them lack access plugins that a newer version asks for. */
  readonly withheld?: readonly Withheld[] | undefined;
}

/** A document whose newest version cannot be decrypted. */
export interface UnreadableDocument {
  readonly parameter: string;
  readonly version: number;
  /** The version that stays in force, or null. */
  readonly inForce: number | null;
}

/** What an operator should know of a document, though it is valid. */
export interface DocumentWarning {
  readonly parameter: string;
  readonly version: number;
  readonly text: string;
}

/** Two routes with the same place, two consumers with the same name or key, or two shared objects with the same id. Only one of them is in force. */
export interface Conflict {
  readonly between: 'routes' | 'consumers' | 'shared objects';
  /** `<parameter>#<id>` */
  readonly winner: string;
  /** `<parameter>#<id>` */
  readonly loser: string;
  /** What two consumers have in common: `username`, or the name of the plugin whose key is the same. */
  readonly over?: string;
}

/** A credential whose consumer is not there. */
export interface Orphan {
  readonly parameter: string;
  /** The name of the consumer that it names. */
  readonly consumer: string;
}

/** An error that kept something from being done for one document. */
export interface DocumentFailure {
  readonly parameter: string;
  readonly error: unknown;
}

/** All findings of one load. Lists are in the order of parameter names. */
export interface Findings {
  /** All that are invalid now. A parameter is in it twice where its last valid version lacks something. */
  readonly invalid: readonly InvalidDocument[];
  /** All that cannot be decrypted now. */
  readonly unreadable: readonly UnreadableDocument[];
  /** Warnings of documents that this load compiled; `table.documents` has those of all documents. */
  readonly warnings: readonly DocumentWarning[];
  /** All conflicts of the table. */
  readonly conflicts: readonly Conflict[];
  /** All credentials of the table that let nobody in, since their consumers are not there. */
  readonly orphans: readonly Orphan[];
  /** Malformed documents whose older versions could not be read by this load. */
  readonly unreadHistories: readonly DocumentFailure[];
  /** Documents that this load could not compile because of a bug of the proxy; they count as malformed. */
  readonly failures: readonly DocumentFailure[];
}

/** Findings that the stages of one load add to. */
export type FindingLists = {
  readonly [K in Exclude<keyof Findings, 'conflicts' | 'orphans'>]: Findings[K][number][];
};

/** @returns lists without any finding */
export function createFindingLists(): FindingLists {
  return { invalid: [], unreadable: [], warnings: [], unreadHistories: [], failures: [] };
}
