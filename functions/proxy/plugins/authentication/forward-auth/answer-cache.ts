/** Answers of an authorizer, for a while. Bounded: clients choose what they are kept by. */
import { createHash } from 'node:crypto';
import type { Clock } from '../../../http/time.ts';
import type { ServiceAnswer } from '../../../send/service.ts';

/** Authorizers' responses by key. An entry expires after the document's `cache.ttl`. */
export interface AnswerCache {
  find(key: string): ServiceAnswer | undefined;
  keep(key: string, answer: ServiceAnswer): void;
}

const maxEntries = 1000;
/** A refusal with a page is not worth the memory. */
const maxBytes = 16 * 1024;

/** @returns a cache that forgets the oldest answer when it is full */
export function createAnswerCache(ttlMs: number, now: Clock): AnswerCache {
  const entries = new Map<string, { readonly answer: ServiceAnswer; readonly untilMs: number }>();
  return {
    find(key) {
      const digest = toDigest(key);
      const entry = entries.get(digest);
      if (!entry) return undefined;
      if (entry.untilMs > now()) return entry.answer;
      entries.delete(digest);
      return undefined;
    },
    keep(key, answer) {
      if (answer.body.length > maxBytes) return;
      const digest = toDigest(key);
      // Once more at the end, so that the order is that of age.
      entries.delete(digest);
      entries.set(digest, { answer, untilMs: now() + ttlMs });
      const oldest = entries.keys().next();
      if (entries.size > maxEntries && !oldest.done) entries.delete(oldest.value);
    },
  };
}

/** Keys hold credentials, and memory dumps are read by others. */
function toDigest(key: string): string {
  return createHash('sha256').update(key).digest('base64');
}
