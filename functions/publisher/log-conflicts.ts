/** What no document says by itself: two routes with one place, and credentials whose consumers are not there. */
import type { Logger } from '../proxy/log/log.ts';
import type { Orphan } from '../proxy/routes/findings.ts';
import { messages } from '../proxy/routes/report.ts';
import type { Replaced } from './replace-snapshot.ts';
import type { PublishedState } from './state.ts';

/** What a change has brought about: conflicts in which a changed document takes part, and credentials without a consumer. */
export function logConflicts(
  { snapshot, before, state }: Replaced,
  { log }: { readonly log: Logger },
): void {
  const isChanged = (route: string) => {
    const parameter = route.split('#', 1)[0] ?? '';
    return before.records.get(parameter)?.digest !== state.records.get(parameter)?.digest;
  };
  for (const { winner, loser } of snapshot.conflicts) {
    if (!isChanged(winner) && !isChanged(loser)) continue;
    const message = 'two routes claim the same host, path and method; the first one wins';
    log.warn(message, { winner, loser });
  }
  const known = new Set(findOrphans(before).map(({ parameter }) => parameter));
  for (const { parameter, consumer } of findOrphans(state)) {
    if (!known.has(parameter)) log.warn(messages.orphan, { parameter, consumer });
  }
}

function findOrphans({ records }: PublishedState): Orphan[] {
  const holders = [...records.values()].flatMap(({ parameter, consumers = [] }) =>
    consumers.map(({ username, credential }) => ({ parameter, username, credential })),
  );
  const names = new Set(holders.flatMap((own) => (own.credential ? [] : [own.username])));
  return holders.flatMap(({ parameter, username, credential }) =>
    credential && !names.has(username) ? [{ parameter, consumer: username }] : [],
  );
}
