/**
 * `chash`: the same key goes to the same node in all environments, because nothing is remembered. Each node has a score for a key, and
 * the highest one wins (weighted rendezvous hashing). If a node is missing, only its keys move, each to the node with the second highest
 * score.
 */
import { createHash } from 'node:crypto';
import type { Picker, Weighted } from './node.ts';

const maxHash = 2 ** 32;

/** @param read the hash of a text. @default the beginning of its SHA-256 */
export function createConsistentHash(read: (text: string) => Halves = toHalves): Picker {
  const seeds = new Map<string, Halves>();
  const seedOf = (name: string): Halves => {
    const seed = seeds.get(name) ?? read(name);
    seeds.set(name, seed);
    return seed;
  };
  return {
    pick<T extends Weighted>(candidates: readonly T[], key: string): T {
      // A key may be a megabyte long: it is read once, whatever the number of nodes.
      const hashed = read(key);
      let best: T | undefined;
      let bestScore = Number.NEGATIVE_INFINITY;
      for (const node of candidates) {
        const score = toScore(hashed, seedOf(node.name), node.weight);
        if (score > bestScore) {
          best = node;
          bestScore = score;
        }
      }
      if (!best) throw new Error('there is no node to choose');
      return best;
    },
  };
}

type Halves = readonly [number, number];

function toHalves(text: string): Halves {
  const digest = createHash('sha256').update(text).digest();
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
}

function toScore(key: Halves, seed: Halves, weight: number): number {
  const hash = mix(mix(key[0] ^ seed[0]) ^ key[1] ^ seed[1]);
  return -weight / Math.log((hash + 0.5) / maxHash);
}

/** The end of MurmurHash3: each bit of the input changes half of the bits. */
function mix(value: number): number {
  let bits = value ^ (value >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
