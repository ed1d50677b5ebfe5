/** What clients ask and what upstreams answer: both can be recomputed by either side, so that no byte goes unchecked. */
import { createHash } from 'node:crypto';

export interface Asked {
  readonly route: string;
  /** Names the request, and gives the answer's payload. */
  readonly name: string;
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly body: Buffer | undefined;
}

/** First line of an answer's body; the payload follows. */
export interface Told {
  readonly route: string;
  readonly version: string;
  readonly name: string;
  readonly method: string;
  readonly bodyDigest: string;
  /** The API key that the upstream received. */
  readonly key: string;
}

export function digestOf(body: Buffer | undefined): string {
  return createHash('sha256')
    .update(body ?? '')
    .digest('hex');
}

/** A name ends in the payload's size. */
export function toName(number: number, payloadBytes: number): string {
  return `n${number}.${payloadBytes}`;
}

function toPayload(name: string): Buffer {
  const size = Number(name.split('.')[1] ?? 0);
  return Buffer.alloc(size, createHash('sha256').update(name).digest('hex'));
}

export function toBody(told: Told): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(told)}\n`), toPayload(told.name)]);
}

/** @returns undefined when the body is not what an upstream would have made for this name */
export function readTold(body: Buffer, name: string): Told | undefined {
  const lineEnd = body.indexOf('\n');
  const expected = toPayload(name);
  if (lineEnd === -1 || !body.subarray(lineEnd + 1).equals(expected)) return undefined;
  return JSON.parse(body.subarray(0, lineEnd).toString('utf8')) as Told;
}
