/** The sequence of snapshots: proxies take none that is smaller than the one they have. */

import { unpackSnapshot } from '../../functions/proxy/routes/snapshot/envelope.ts';
import { readSnapshot } from '../../functions/proxy/routes/snapshot/read.ts';
import { createSnapshotObject } from '../../functions/publisher/snapshot-object.ts';
import { emptyState } from '../../functions/publisher/state.ts';
import { writeSnapshot } from '../../functions/publisher/write-snapshot.ts';
import { toLogger } from '../support/builders.ts';

const root = '/countersign/test';
const serverTimeMs = Date.UTC(2026, 4, 22, 16, 43, 0);
const hourMs = 3_600_000;

/** Publishes with a clock of its own, and returns the sequence. */
async function publish(clockMs: number, stored: { bytes?: Buffer }): Promise<number> {
  const object = createSnapshotObject({
    ...{ root, key: undefined, log: toLogger(), now: () => clockMs },
    store: {
      serverTimeMs: () => serverTimeMs,
      read: async () => (stored.bytes ? { bytes: stored.bytes, etag: '"e"' } : 'missing'),
      async write(bytes) {
        stored.bytes = bytes;
        return '"e"';
      },
    },
  });
  const content = { root, documents: [], invalid: 0, origin: undefined, notes: {} };
  const snapshot = writeSnapshot(content);
  await object.replace(await object.read(), { next: emptyState, snapshot });
  const opened = await unpackSnapshot(stored.bytes ?? Buffer.alloc(0), { root, key: undefined });
  return (await readSnapshot(opened, root)).header.sequence;
}

test('does not shrink after the object was deleted, though the clock of an earlier publisher was ahead', async () => {
  const stored: { bytes?: Buffer } = {};
  const first = await publish(serverTimeMs + hourMs, stored);
  delete stored.bytes;
  expect(await publish(serverTimeMs, stored)).toBeGreaterThanOrEqual(first);
  expect(await publish(serverTimeMs - hourMs, stored)).toBeGreaterThan(first);
});
