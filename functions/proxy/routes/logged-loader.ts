/** A table loader whose findings go to the log. */

import type { Logger } from '../log/log.ts';
import type { TableLoaderOptions } from './load-state.ts';
import type { Reported } from './report.ts';
import type { RouteTable } from './route-table.ts';
import { createTableLoader, type LoadResult } from './table.ts';
import type { Notice } from './tree.ts';

/** What a loader that logs needs. */
export interface LoggedLoaderOptions extends Omit<TableLoaderOptions, 'onNotice'> {
  readonly log: Logger;
}

/** Loads the table. What it finds out about the documents is in the log. */
export type LoadLoggedTable = (previous: RouteTable | undefined) => Promise<RouteTable>;

/** @returns a loader that remembers what it has logged, so that each bad version is named once */
export function createLoggedLoader({ log, ...options }: LoggedLoaderOptions): LoadLoggedTable {
  const load = createTableLoader({ ...options, onNotice: (notice) => logNotice(notice, log) });
  let reported: Reported | undefined;
  return async (previous) => {
    const result = await load(previous);
    if (reported || hasFindings(result)) {
      const { reportFindings } = await import('./report.ts');
      reported = reportFindings(result, reported, { log, root: options.root });
    }
    return result.table;
  };
}

function hasFindings({ table, ...findings }: LoadResult): boolean {
  return Object.values(findings).some(({ length }) => length > 0);
}

function logNotice(notice: Notice, log: Logger): void {
  switch (notice.kind) {
    case 'stray-parameter': {
      const { parameter } = notice;
      log.debug('a parameter is below no folder of documents or secrets', { parameter });
      break;
    }
    case 'unreadable-secrets': {
      const { kind: event, names } = notice;
      log.warn(noticeMessages[event], { event, names });
      break;
    }
    case 'secrets-unread': {
      const { kind: event, error } = notice;
      log.warn(noticeMessages[event], { event, error });
    }
  }
}

/** Texts of the lines about secrets. The CLI shows the same. */
export const noticeMessages = {
  'unreadable-secrets': 'secrets cannot be decrypted',
  'secrets-unread': 'secrets outside of the path could not be read',
} as const;
