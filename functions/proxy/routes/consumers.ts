/** All consumers of a table, found by their credentials and by their names. */
import { createHash } from 'node:crypto';
import type { Consumer, ConsumerConflict, Consumers, Identified } from '../chain/exchange.ts';
import { toDashed } from '../http/headers.ts';

/** @param list in order of parameter name: of two with the same name or key the first one wins */
export function createConsumers(list: readonly Consumer[]): Consumers {
  const byName = new Map<string, Consumer>();
  const byKey = new Map<string, Identified<unknown>>();
  const conflicts: ConsumerConflict[] = [];
  for (const consumer of list) {
    const namesake = byName.get(consumer.username);
    if (namesake) {
      conflicts.push({ winner: namesake, loser: consumer, over: 'username' });
      continue;
    }
    byName.set(consumer.username, consumer);
    for (const [plugin, { key, settings }] of consumer.credentials) {
      const digest = toDigest(plugin, key);
      const rival = byKey.get(digest)?.consumer;
      if (rival) conflicts.push({ winner: rival, loser: consumer, over: plugin });
      else byKey.set(digest, { consumer, settings });
    }
  }
  return {
    find<TSettings>(plugin: string, key: string) {
      const found = byKey.get(toDigest(plugin, key)) as Identified<TSettings> | undefined;
      return found?.consumer.isAvailable ? found : undefined;
    },
    findByName(name) {
      const found = byName.get(name);
      return found?.isAvailable ? found : undefined;
    },
    reserved: new Set(list.flatMap(({ identityHeaders }) => identityHeaders.map(toDashed))),
    conflicts,
  };
}

function toDigest(plugin: string, key: string): string {
  return createHash('sha256').update(`${plugin}\0${key}`).digest('base64');
}
