/** Secrets and signatures: compared in constant time, decoded without leniency. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** Takes the same time for any two secrets of the same lengths: digests are compared, which are of one length. */
export function isSameSecret(given: string | Buffer, own: string | Buffer): boolean {
  return timingSafeEqual(toDigest(given), toDigest(own));
}

function toDigest(secret: string | Buffer): Buffer {
  return createHash('sha256').update(secret).digest();
}
