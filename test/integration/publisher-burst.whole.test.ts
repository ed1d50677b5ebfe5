/** The built publisher: hundreds of edits in a minute, as the queue delivers them. */
import { unpackSnapshot } from '../../functions/proxy/routes/snapshot/envelope.ts';
import { readSnapshot } from '../../functions/proxy/routes/snapshot/read.ts';
import { batching } from '../../lib/publisher/batching.ts';
import { LOCAL_PARAMETER_PATH as root } from '../../local/stack/seeds.ts';
import { guardedRoute as route, usePublisher } from '../support/publication.ts';
import { bucket, key, type Publisher, toBatch, toChangeEvent } from '../support/publisher.ts';
import { toDeliveries } from '../support/queue-delivery.ts';

let publisher: Publisher;
const start = usePublisher((started) => {
  publisher = started;
});

const editCount = 500;
/** Each is edited ten times. */
const routeCount = 50;
const minuteMs = 60_000;
const times = Array.from({ length: editCount }, (_, edit) => (edit * minuteMs) / editCount);
const deliveries = toDeliveries(times, {
  windowMs: batching.windowSeconds * 1000,
  maxConcurrency: batching.maxConcurrency,
  // As long as with 10,000 routes (bench/fleet/assumptions.ts).
  runMs: 400,
});

test('500 edits in a minute make tens of publications, and the last one has every edit', async () => {
  await start();

  await Promise.all(
    deliveries.map(async (batches) => {
      for (const edits of batches) await deliver(edits);
    }),
  );

  const batchCount = deliveries.flat().length;
  const puts = publisher.objects.calls.filter(({ operation }) => operation === 'PutObject');
  const publications = puts.filter(({ status }) => status === 200);
  expect(publications.length).toBeLessThanOrEqual(batchCount);
  expect(publications.length).toBeLessThan(100);
  expect(publisher.calls.length).toBeLessThanOrEqual(editCount);
  expect(await readPublished()).toEqual(readStored());
});

/** Makes the edits, and delivers the batch of their events. */
async function deliver(edits: readonly number[]): Promise<void> {
  const names = edits.map((edit) => `routes/r${edit % routeCount}`);
  for (const [index, name] of names.entries()) publisher.put(name, route(`/edit${edits[index]}`));
  const events = names.map((name) => toChangeEvent('Update', `${root}/${name}`));
  expect(await publisher.invoke(toBatch(events))).toMatchObject({ kind: 'buffered' });
}

const names = Array.from({ length: routeCount }, (_, index) => `${root}/routes/r${index}`);

function readStored(): readonly unknown[] {
  return names.map(
    (Name) => Object(publisher.store.call('GetParameter', { Name })).Parameter.Value,
  );
}

async function readPublished(): Promise<readonly unknown[]> {
  const { bytes } = Object(publisher.objects.get(bucket, key));
  const snapshot = await readSnapshot(await unpackSnapshot(bytes, { root, key: undefined }), root);
  return names.map((name) => snapshot.documentAt(snapshot.findDocument(name) ?? -1).text);
}
