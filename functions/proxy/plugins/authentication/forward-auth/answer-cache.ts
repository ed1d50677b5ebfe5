/** A cache of an authorizer's responses. Its size is limited, because clients choose the keys. */
import { createHash } from 'node:crypto';
import { createRecent } from '../../../http/recent.ts';
import type { Clock } from '../../../http/time.ts';
import type { ServiceAnswer } from '../../../send/service.ts';

/** Authorizers' responses by key. An entry expires after the document's `cache.ttl`, or earlier if the response says so. */
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
      const lifetimeMs = Math.min(ttlMs, readMaxAgeMs(answer));
      if (answer.body.length > maxBytes || lifetimeMs === 0) return;
      entries.set(toDigest(key), { answer, untilMs: now() + lifetimeMs });
    },
  };
}

/** RFC 9111 §5.2.2.10: `s-maxage` precedes `max-age` in a cache that several clients share. An authorizer's token may end sooner. */
function readMaxAgeMs({ headers }: ServiceAnswer): number {
  const directives = headers
    .filter(([name]) => name === 'cache-control')
    .flatMap(([, value]) => value.toLowerCase().split(','))
    .map((text) => text.trim().split('='));
  const ages = ['s-maxage', 'max-age'].map((wanted) =>
    directives.filter(([name]) => name === wanted).map(([, value = '']) => toSeconds(value)),
  );
  const [seconds = []] = ages.filter((list) => list.length > 0);
  return Math.min(...seconds) * 1000;
}

/** A value that is not a number of seconds is taken for expired (RFC 9111 §4.2.1). */
function toSeconds(text: string): number {
  const [, digits] = /^"?(\d{1,10})"?$/.exec(text) ?? [];
  return digits === undefined ? 0 : Number(digits);
}

/** Keys hold credentials, and memory dumps are read by others. */
function toDigest(key: string): string {
  return createHash('sha256').update(key).digest('base64');
}
