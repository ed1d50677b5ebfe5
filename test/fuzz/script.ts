/** A generated stream → the bytes that it comes to, and the steps in which an upstream plays them. */
import type { Step } from '../support/raw-upstream.ts';
import type { End } from './reading.ts';

export interface Played {
  /** Of the request that it answers. */
  readonly method: string;
  /** One character a byte. */
  readonly message: string;
  readonly changes: readonly Change[];
  /** Behind the message. */
  readonly tail: string;
  /** How much is left away at the end, of 1000; 0 is nothing. */
  readonly missing: number;
  /** Where the bytes are divided into writes, of 1000, and the pause there. */
  readonly cuts: readonly (readonly [at: number, pauseMs: number])[];
  readonly end: End;
}

export interface Change {
  /** Of 1000, or of the message's first 200 bytes. */
  readonly at: number;
  readonly isInHead: boolean;
  readonly kind: 'insert' | 'replace' | 'delete' | 'repeat';
  readonly text: string;
}

/** @returns all the bytes that are played, one character a byte */
export function toBytes({ message: original, changes, tail, missing }: Played): string {
  let bytes = original;
  for (const { at, isInHead, kind, text: added } of changes) {
    const index = Math.floor((at / 1000) * (isInHead ? Math.min(200, bytes.length) : bytes.length));
    const before = bytes.slice(0, index);
    if (kind === 'insert') bytes = before + added + bytes.slice(index);
    else if (kind === 'replace') bytes = before + added + bytes.slice(index + 1);
    else if (kind === 'delete') bytes = before + bytes.slice(index + 1);
    else bytes = before + bytes.slice(index, index + 20) + bytes.slice(index);
  }
  const all = bytes + tail;
  return all.slice(0, all.length - Math.ceil((missing / 1000) * all.length));
}

/** @returns the bytes as an upstream plays them */
export function toSteps({ cuts, end }: Played, bytes: string): Step[] {
  const places = cuts
    .map(([at, pauseMs]) => ({ at: Math.floor((at / 1000) * bytes.length), pauseMs }))
    .toSorted((a, b) => a.at - b.at);
  const steps: Step[] = [];
  let from = 0;
  for (const { at, pauseMs } of places) {
    steps.push(bytes.slice(from, at), ...(pauseMs === 0 ? [] : [{ pauseMs }]));
    from = at;
  }
  steps.push(bytes.slice(from), ...(end === 'open' ? [] : [end]));
  return steps.filter((step) => step !== '');
}
