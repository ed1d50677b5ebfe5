/** All consumers of a table, found by their credentials and by their names. */

import { createHash } from 'node:crypto';
import type { Consumer, ConsumerConflict, Consumers, Identified } from '../chain/exchange.ts';
import { toDashed } from '../http/headers.ts';

/** @param list in order of parameter name: of two consumers with the same name or key the first one wins */
export function createConsumers(list: readonly Consumer[]): Consumers {
  const byName = new Map<string, Consumer>();
  const byKey = new Map<string, Known>();
  const conflicts: ConsumerConflict[] = [];
  const orphans: Consumer[] = [];
  const addKeys = (holder: Consumer, consumer: Consumer) => {
    for (const [plugin, { key, settings }] of holder.credentials) {
      const digest = toDigest(plugin, key);
      const rival = byKey.get(digest)?.holder;
      if (rival) conflicts.push({ winner: rival, loser: holder, over: plugin });
      else byKey.set(digest, { holder, consumer, settings, credentialId: holder.credentialId });
    }
  };
  for (const consumer of list) {
    if (consumer.credentialId !== undefined) continue;
    const namesake = byName.get(consumer.username);
    if (namesake) {
      conflicts.push({ winner: namesake, loser: consumer, over: 'username' });
      continue;
    }
    byName.set(consumer.username, consumer);
    addKeys(consumer, consumer);
  }
  // Afterwards: who may write a credential takes no key away from the document of any consumer.
  for (const credential of list) {
    if (credential.credentialId === undefined) continue;
    const consumer = byName.get(credential.username);
    if (consumer) addKeys(credential, consumer);
    else orphans.push(credential);
  }
  return {
    find<TSettings>(plugin: string, key: string) {
      const found = byKey.get(toDigest(plugin, key)) as Known<TSettings> | undefined;
      return found?.consumer.isAvailable && found.holder.isAvailable ? found : undefined;
    },
    findByName(name) {
      const found = byName.get(name);
      return found?.isAvailable ? found : undefined;
    },
    reserved: new Set(list.flatMap(({ identityHeaders }) => identityHeaders.map(toDashed))),
    conflicts,
    orphans,
  };
}

/** What a key stands for, and the document that it is in: the consumer's own, or a credential. */
interface Known<TSettings = unknown> extends Identified<TSettings> {
  readonly holder: Consumer;
}

function toDigest(plugin: string, key: string): string {
  return createHash('sha256').update(`${plugin}\0${key}`).digest('base64');
}
