/** What no document says by itself: two routes with one place, two consumers with one key, and credentials without a consumer. */
import type { Consumer } from '../proxy/chain/exchange.ts';
import type { Logger } from '../proxy/log/log.ts';
import { createConsumers } from '../proxy/routes/consumers.ts';
import { messages } from '../proxy/routes/report.ts';
import type { ConsumerRecord } from '../proxy/routes/snapshot/format.ts';
import type { Replaced } from './replace-snapshot.ts';
import type { PublishedState } from './state.ts';

type Log = Pick<Logger, 'warn'>;

/** Logs conflicts in which a changed document takes part, and credentials that lost their consumer or have none yet. */
export function logConflicts(
  { snapshot, before, state }: Replaced,
  { log }: { readonly log: Log },
): void {
  const isChanged = (parameter: string) =>
    before.records.get(parameter)?.digest !== state.records.get(parameter)?.digest;
  const toParameter = (route: string) => route.split('#', 1)[0] ?? '';
  for (const { winner, loser } of snapshot.conflicts) {
    if (!isChanged(toParameter(winner)) && !isChanged(toParameter(loser))) continue;
    log.warn(messages.conflict.routes, { winner, loser });
  }
  const isOfConsumers = (parameter: string) =>
    [before, state].some(({ records }) => records.get(parameter)?.consumers !== undefined);
  const names = [...new Set([...before.records.keys(), ...state.records.keys()])];
  const changed = new Set(names.filter((name) => isOfConsumers(name) && isChanged(name)));
  // Most changes are of routes, and there may be very many consumers.
  if (changed.size > 0) logConsumers({ before, state, changed }, log);
}

interface ChangedConsumers extends Pick<Replaced, 'before' | 'state'> {
  /** Names of the documents. */
  readonly changed: ReadonlySet<string>;
}

function logConsumers({ before, state, changed }: ChangedConsumers, log: Log): void {
  const { conflicts, orphans } = createConsumers(toConsumers(state));
  for (const { winner, loser, over } of conflicts) {
    if (!changed.has(winner.parameter) && !changed.has(loser.parameter)) continue;
    log.warn(messages.conflict.consumers, { winner: toName(winner), loser: toName(loser), over });
  }
  const known = new Set(createConsumers(toConsumers(before)).orphans.map(toName));
  for (const orphan of orphans) {
    const { parameter, username: consumer } = orphan;
    if (!known.has(toName(orphan))) log.warn(messages.orphan, { parameter, consumer });
  }
}

function toName({ parameter, username }: Pick<Consumer, 'parameter' | 'username'>): string {
  return `${parameter}#${username}`;
}

/** The consumers as far as names and keys go, in order of their parameters. */
function toConsumers({ records }: Pick<PublishedState, 'records'>): Consumer[] {
  const documents = [...records.values()].sort((a, b) => (a.parameter < b.parameter ? -1 : 1));
  return documents.flatMap(({ parameter, consumers = [] }) =>
    consumers.map((consumer) => toConsumer(parameter, consumer)),
  );
}

function toConsumer(
  parameter: string,
  { username, credential, isAvailable, keys = {} }: ConsumerRecord,
): Consumer {
  const credentials = Object.entries(keys).map(
    ([plugin, key]) => [plugin, { key, settings: undefined }] as const,
  );
  return {
    ...{ username, parameter, isAvailable, labels: {}, plugins: [], identityHeaders: [] },
    credentials: new Map(credentials),
    ...(credential === undefined ? {} : { credentialId: credential }),
  };
}
