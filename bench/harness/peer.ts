/**
 * Runs Parameter Store and upstream in another process on loopback, so that their CPU does not count as the proxy's.
 */
import type { Marks, PeerAddress } from '../programs/peer.ts';
import { toProgramPath } from './bundles.ts';
import { startProcess } from './process.ts';

export interface Peer extends PeerAddress {
  /** Times of the first calls since the last `takeMarks`. */
  takeMarks(): Promise<Marks>;
  stop(): void;
}

export async function startPeer(node: string): Promise<Peer> {
  const { child, firstMessage } = startProcess({
    node,
    program: toProgramPath('peer'),
    input: null,
  });
  const address = (await firstMessage) as PeerAddress;
  return {
    ...address,
    takeMarks: () =>
      new Promise((resolve) => {
        child.once('message', (marks) => resolve(marks as Marks));
        child.send('take-marks');
      }),
    stop: () => child.disconnect(),
  };
}
