/** A change → what it does to the documents in force, found out by the proxy's own table loader. */

import { findSecrets } from '../proxy/documents/references.ts';
import type { InvalidDocument } from '../proxy/routes/findings.ts';
import type { DocumentInForce } from '../proxy/routes/in-force.ts';
import type { TableLoaderOptions } from '../proxy/routes/load-state.ts';
import type { Parameter, ParameterReader } from '../proxy/routes/parameters.ts';
import { createTableLoader } from '../proxy/routes/table.ts';
import { toKind } from '../proxy/routes/tree.ts';
import { AwsServiceError } from '../proxy/send/aws-json.ts';
import type { Change } from './change.ts';

export type Finding = {
  readonly parameter: string;
  /** The secret whose change led to this document. */
  readonly secret?: string;
} & Outcome;

export type Outcome =
  | {
      readonly outcome: 'accepted';
      readonly version: number;
      /** Ids of the routes that the document puts in force. */
      readonly routes: readonly string[];
      /** Those of them that are open to everyone. */
      readonly openRoutes: readonly string[];
      readonly consumers: readonly string[];
      readonly warnings: readonly string[];
    }
  | ({ readonly outcome: 'refused' } & InvalidDocument)
  | { readonly outcome: 'deleted' }
  /** A secret that no document refers to, as yet. */
  | { readonly outcome: 'unused' }
  /** A parameter that is none of routes, consumers and secrets. */
  | { readonly outcome: 'stray' };

export type Review = (change: Change) => Promise<readonly Finding[]>;

export type ReviewOptions = Omit<TableLoaderOptions, 'onNotice'>;

export function createReview(options: ReviewOptions): Review {
  const { root } = options;
  return async ({ name: parameter, isDeletion }) => {
    const gone: readonly Finding[] = isDeletion ? [{ outcome: 'deleted', parameter }] : [];
    if (parameter.startsWith(`${root}/secrets/`)) {
      const dependents = await findDependents(options, parameter);
      const isUnused = dependents.length === 0 && !isDeletion;
      return isUnused ? [{ outcome: 'unused', parameter }] : [...gone, ...dependents];
    }
    if (isDeletion) return gone;
    if (toKind(parameter, root) === undefined) return [{ outcome: 'stray', parameter }];
    const narrow = toNarrowReader(options, parameter);
    return loadFindings(options, narrow, (name) => name === parameter);
  };
}

/** Who refers to a secret is known when everything has been read. */
async function findDependents(options: ReviewOptions, secret: string): Promise<readonly Finding[]> {
  const { root, rules, reader } = options;
  const dependents = new Set<string>();
  const watching: ParameterReader = {
    ...reader,
    async readTree(path) {
      const all = await reader.readTree(path);
      for (const { name, value } of all) {
        const isDocument = toKind(name, root) !== undefined;
        if (isDocument && findSecrets(value, rules).includes(secret)) dependents.add(name);
      }
      return all;
    },
  };
  const findings = await loadFindings(options, watching, (name) => dependents.has(name));
  return findings.map((finding) => ({ ...finding, secret }));
}

/** Builds the table that a new environment would have, and reads from it what became of some documents. */
async function loadFindings(
  options: ReviewOptions,
  reader: ParameterReader,
  isAsked: (name: string) => boolean,
): Promise<readonly Finding[]> {
  let failure: unknown;
  const load = createTableLoader({
    ...options,
    reader,
    onNotice(notice) {
      if (notice.kind === 'secrets-unread') failure = notice.error;
    },
  });
  const { table, invalid, unreadHistories } = await load(undefined);
  // The loader does without what cannot be read now; what is said here of the version in force would be wrong.
  for (const { error } of unreadHistories) throw error;
  if (failure !== undefined) throw failure;
  const refused = invalid.map(toRefusal);
  const refusedNames = new Set(refused.map(({ parameter }) => parameter));
  const accepted = [...table.documents.values()]
    .filter(({ parameter }) => !refusedNames.has(parameter))
    .map(toAcceptance);
  return [...refused, ...accepted].filter(({ parameter }) => isAsked(parameter));
}

function toAcceptance(document: DocumentInForce): Finding {
  const { parameter, version, routes, consumers, warnings } = document;
  return {
    outcome: 'accepted',
    parameter,
    version,
    routes: routes.map(({ id }) => id),
    openRoutes: routes.filter(({ isOpen }) => isOpen).map(({ id }) => id),
    consumers: consumers.map(({ username }) => username),
    warnings,
  };
}

function toRefusal(document: InvalidDocument): Finding {
  return { outcome: 'refused', ...document };
}

/**
 * One document and the secrets, where the proxy reads everything: a burst of edits must not use up the calls that the
 * proxies' own refreshes need.
 */
function toNarrowReader({ reader, root, rules }: ReviewOptions, name: string): ParameterReader {
  let history: readonly Parameter[] = [];
  return {
    ...reader,
    async readTree() {
      history = await readExisting(reader, name);
      const refers = history.some(({ value }) => findSecrets(value, rules).length > 0);
      return [...history.slice(0, 1), ...(refers ? await reader.readTree(`${root}/secrets`) : [])];
    },
    readHistory: async () => [...history],
  };
}

/** Nothing when it was deleted meanwhile: that is an event of its own. */
async function readExisting(reader: ParameterReader, name: string): Promise<readonly Parameter[]> {
  try {
    return await reader.readHistory(name);
  } catch (error) {
    if (error instanceof AwsServiceError && error.type === 'ParameterNotFound') return [];
    throw error;
  }
}
