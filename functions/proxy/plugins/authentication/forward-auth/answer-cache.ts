/** A cache of an authorizer's responses. Its size is limited, because clients choose the keys. */
import { createHash } from 'node:crypto';
import { createRecent } from '../../../http/recent.ts';
import type { Clock } from '../../../http/time.ts';
import type { ServiceAnswer } from '../../../send/service.ts';

/** Authorizers' responses by key. An entry expires after the document's `cache.ttl`. */
export interface AnswerCache {
  find(key: string): ServiceAnswer | undefined;
  keep(key: string, answer: ServiceAnswer): void;
}

const maxEntries = 1000;
/** Longest body that is cached. */
const maxBytes = 16 * 1024;

/** @returns a cache that forgets the oldest answer when it is full */
export function createAnswerCache(ttlMs: number, now: Clock): AnswerCache {
  const entries = createRecent<{ readonly answer: ServiceAnswer; readonly untilMs: number }>(
    maxEntries,
  );
  return {
    find(key) {
      const entry = entries.get(toDigest(key));
      return entry && entry.untilMs > now() ? entry.answer : undefined;
    },
    keep(key, answer) {
      if (answer.body.length > maxBytes) return;
      entries.set(toDigest(key), { answer, untilMs: now() + ttlMs });
    },
  };
}

/** Keys hold credentials, and memory dumps are read by others. */
function toDigest(key: string): string {
  return createHash('sha256').update(key).digest('base64');
}
