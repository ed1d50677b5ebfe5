/** What became of a changed parameter: for the log, the metrics and the operators. */

import { toConsumerName } from '../proxy/routes/compiled-consumer.ts';
import type { InvalidDocument } from '../proxy/routes/findings.ts';
import type { DocumentInForce } from '../proxy/routes/in-force.ts';

/** What became of one parameter. */
export type Finding = {
  readonly parameter: string;
  /** The secret whose change led to this document. */
  readonly secret?: string;
  /** The document of a shared object whose change led to this document. */
  readonly through?: string;
} & Outcome;

/** The five outcomes of a change. */
export type Outcome =
  | {
      readonly outcome: 'accepted';
      readonly version: number;
      /** Ids of the routes that the document puts in force. */
      readonly routes: readonly string[];
      /** Ids of those routes that are open to everyone. */
      readonly openRoutes: readonly string[];
      readonly consumers: readonly string[];
      readonly warnings: readonly string[];
    }
  | ({ readonly outcome: 'refused' } & InvalidDocument)
  | { readonly outcome: 'deleted' }
  /** A secret that no document refers to, as yet. */
  | { readonly outcome: 'unused' }
  /** A parameter that is neither a document nor a secret. */
  | { readonly outcome: 'stray' };

/** A document of which every part is in force. */
export function toAcceptance(document: DocumentInForce): Finding {
  const { parameter, version, routes, consumers, warnings } = document;
  return {
    ...{ outcome: 'accepted', parameter, version },
    routes: routes.map(({ id }) => id),
    openRoutes: routes.filter(({ isOpen }) => isOpen).map(({ id }) => id),
    consumers: consumers.map(toConsumerName),
    warnings,
  };
}

/** A document of which not every part is in force. */
export function toRefusal(record: InvalidDocument): Finding {
  return { outcome: 'refused', ...record };
}
