/** Finds conflicts between documents that are valid on their own. */

import type { CompiledDocument } from '../../functions/proxy/routes/compile.ts';
import { toConsumerName } from '../../functions/proxy/routes/compiled-consumer.ts';
import { createConsumers } from '../../functions/proxy/routes/consumers.ts';
import { createMatcher } from '../../functions/proxy/routes/create-matcher.ts';
import { toSharedKey } from '../../functions/proxy/routes/shared/shared-object.ts';

/** @param documents documents that would be in force together, in the order of their names */
export function findConflicts(documents: readonly CompiledDocument[]): string[] {
  const { conflicts } = createMatcher(documents.flatMap(({ routes }) => routes));
  const consumers = createConsumers(documents.flatMap((document) => document.consumers));
  return [
    ...findSameIds(documents),
    ...conflicts.map(
      ([winner, loser]) =>
        `routes ${winner.id} and ${loser.id} have the same host, path and method; ${winner.id} wins`,
    ),
    ...consumers.conflicts.map(
      ({ winner, loser, over }) =>
        `consumers ${toConsumerName(winner)} and ${toConsumerName(loser)} have the same ${over === 'username' ? over : `${over} key`}; ${toConsumerName(winner)} keeps it`,
    ),
    ...consumers.orphans.map(
      (credential) =>
        `consumers/${toConsumerName(credential)} lets nobody in: there is no consumer ${credential.username}`,
    ),
  ];
}

function findSameIds(documents: readonly CompiledDocument[]): string[] {
  const first = new Map<string, string>();
  return documents
    .flatMap(({ shared = [] }) => shared)
    .flatMap((object) => {
      const key = toSharedKey(object);
      const winner = first.get(key);
      if (winner === undefined) first.set(key, object.parameter);
      const both = `${winner} and ${object.parameter} have the ${key.replace('/', ' ').replace('_', ' ')}`;
      return winner === undefined ? [] : [`${both}; the first one is used`];
    });
}

/** Ids of the enabled routes that are open to everyone. */
export function findOpenRoutes(documents: readonly CompiledDocument[]): string[] {
  return documents.flatMap(({ routes }) =>
    routes.filter(({ isOpen, isEnabled }) => isOpen && isEnabled).map(({ id }) => id),
  );
}
