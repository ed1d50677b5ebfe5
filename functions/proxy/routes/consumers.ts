/** All consumers of a table, found by their credentials and by their names. */

import { createHash } from 'node:crypto';
import type { Consumer, ConsumerConflict, Consumers, Identified } from '../chain/exchange.ts';
import { toDashed } from '../http/headers.ts';

/** Plugins whose key is the secret itself, so that a client with it could be either of two holders. */
const provedByKey = new Set(['key-auth']);
/** Consumers that one key may belong to: each of them is tried for a request that names it. */
const maxHolders = 20;

/** @param list in order of parameter name: of two consumers with the same name or key the first one wins */
export function createConsumers(list: readonly Consumer[]): Consumers {
  const byName = new Map<string, Consumer>();
  const byKey = new Map<string, Known[]>();
  const conflicts: ConsumerConflict[] = [];
  const orphans: Consumer[] = [];
  const addKeys = (holder: Consumer, consumer: Consumer) => {
    for (const [plugin, credential] of holder.credentials) {
      const { settings } = credential;
      const digest = toKnownDigest(plugin, credential);
      const known = { holder, consumer, settings, credentialId: holder.credentialId };
      const holders = byKey.get(digest);
      const [first] = holders ?? [];
      if (!holders || !first) byKey.set(digest, [known]);
      else if (!provedByKey.has(plugin) && mayShare(holders, known)) holders.push(known);
      else conflicts.push({ winner: first.holder, loser: holder, over: plugin });
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
  const findAll = <TSettings>(plugin: string, key: string) => {
    const holders = (byKey.get(toDigest(plugin, key)) ?? []) as readonly Known<TSettings>[];
    return holders.filter((known) => known.consumer.isAvailable && known.holder.isAvailable);
  };
  return {
    findAll,
    find: <TSettings>(plugin: string, key: string) => findAll<TSettings>(plugin, key)[0],
    findByName(name) {
      const found = byName.get(name);
      return found?.isAvailable ? found : undefined;
    },
    reserved: new Set(list.flatMap(({ identityHeaders }) => identityHeaders.map(toDashed))),
    conflicts,
    orphans,
  };
}

/**
 * Whoever may write the credentials of one consumer can name the user name or key id of another one, which are no secrets. So
 * credentials of several consumers share such a key, and the secret decides. The key of a consumer's own document is its own.
 */
function mayShare(holders: readonly Known[], { holder, consumer }: Known): boolean {
  const isOther = (other: Known) => other.credentialId !== undefined && other.consumer !== consumer;
  return holder.credentialId !== undefined && holders.length < maxHolders && holders.every(isOther);
}

/** What a key stands for, and the document that it is in: the consumer's own, or a credential. */
interface Known<TSettings = unknown> extends Identified<TSettings> {
  readonly holder: Consumer;
}

/** By credential: most consumers of a table are those of the table before it. */
const digests = new WeakMap<object, { readonly plugin: string; readonly digest: string }>();

function toKnownDigest(plugin: string, credential: { readonly key: string }): string {
  const known = digests.get(credential);
  if (known?.plugin === plugin) return known.digest;
  const digest = toDigest(plugin, credential.key);
  digests.set(credential, { plugin, digest });
  return digest;
}

function toDigest(plugin: string, key: string): string {
  return createHash('sha256').update(`${plugin}\0${key}`).digest('base64');
}
