/** The whole tree, read at a pace that leaves the account's calls to others. */

import { toKind } from '../proxy/routes/kind.ts';
import type { ParameterReader, UnreadableParameter } from '../proxy/routes/parameters.ts';
import type { Listing } from './revision.ts';
import type { PublishedState } from './state.ts';

/** How the reading of a tree waits. */
export interface ListingPace {
  readonly sleep: (ms: number) => Promise<void>;
}

/** Parameters in a page. */
const pageSize = 10;
/** These pages are read without pauses: a small installation is never kept waiting. */
const burstPages = 10;
const pageIntervalMs = 1000;
/** Ten pages a second while a deployment waits: Parameter Store takes 40 calls a second in an account and Region. */
const deploymentIntervalMs = 100;
/** What a reading may take; Lambda ends an invocation after 15 minutes. */
const maxReadingMs = 10 * 60_000;

/** @param toReader a reader that waits for the given function between two pages */
export function createListing(
  root: string,
  toReader: (betweenPages: () => Promise<void>) => Pick<ParameterReader, 'readTree'>,
  { sleep }: ListingPace,
): (state: PublishedState, pace: { readonly isDeployment: boolean }) => Promise<Listing> {
  return async (state, { isDeployment }) => {
    let pages = 1;
    const intervalMs = isDeployment ? deploymentIntervalMs : toIntervalMs(state);
    const reader = toReader(async () => {
      pages += 1;
      if (pages > burstPages) await sleep(intervalMs);
    });
    const unreadable: UnreadableParameter[] = [];
    const all = await reader.readTree(root, (parameter) => unreadable.push(parameter));
    const documents = [...all, ...unreadable].filter(({ name }) => toKind(name, root));
    documents.sort((a, b) => (a.name < b.name ? -1 : 1));
    const inside = all.filter(({ name }) => name.startsWith(`${root}/secrets/`));
    return { documents, secrets: new Map(inside.map(({ name, value }) => [name, value])) };
  };
}

function toIntervalMs({ contentDigest, notes }: PublishedState): number {
  if (contentDigest === '') return deploymentIntervalMs;
  const expectedPages = Math.max(1, notes.size / pageSize);
  return Math.min(pageIntervalMs, maxReadingMs / expectedPages);
}
