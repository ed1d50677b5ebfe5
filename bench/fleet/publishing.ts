/** Runs the product's own publisher in virtual time. A queue delivers the edits. */
import { createParameterReader } from '../../functions/proxy/routes/parameters.ts';
import { createCurrentReader } from '../../functions/publisher/current-parameters.ts';
import { createListing } from '../../functions/publisher/listing.ts';
import { createPublisher } from '../../functions/publisher/publisher.ts';
import { createSnapshotObject } from '../../functions/publisher/snapshot-object.ts';
import type { Task } from '../../functions/publisher/task.ts';
import { eventLatency, publisher as timing } from './assumptions.ts';
import { released } from './clock.ts';
import { drawLatency } from './random.ts';
import { type Edit, root, type World } from './world.ts';

export interface Publishing {
  /** Publishes everything once, as a deployment does. */
  deploy(): Promise<void>;
  /** Sends the event of an edit. */
  announce(edit: Edit): void;
  /** Starts the schedules. */
  schedule(endMs: number): void;
  /** Number of runs that failed and that the queue repeated. */
  readonly failures: () => number;
  /** Time in which the publisher ran, in ms. */
  readonly busyMs: () => number;
}

/** Creates a publisher that has not started. */
export function createPublishing(world: World): Publishing {
  const { clock, random } = world;
  const publish = createWaitingPublisher(world);
  let failures = 0;
  let busyMs = 0;
  const run = async (task: Task): Promise<void> => {
    const beganMs = clock.now();
    clock.begin();
    try {
      await publish(task);
      await rest(world, toCpuMs(world));
    } catch (error) {
      failures += 1;
      // SQS delivers a failed batch again. A schedule repeats by itself.
      if (task.kind === 'changes') clock.at(clock.now() + 30_000, () => void run(task));
      if (failures > 1000) throw error;
    } finally {
      clock.end();
      busyMs += clock.now() - beganMs;
    }
  };
  let batch: Edit[] = [];
  const deliver = () => {
    const changes = batch.map(({ name }) => ({ name, isDeletion: false }));
    batch = [];
    void run({ kind: 'changes', changes });
  };
  const repeat = (task: Task, everyMs: number, endMs: number) => {
    const atMs = clock.now() + everyMs;
    if (atMs > endMs) return;
    clock.at(atMs, () => {
      void run(task);
      repeat(task, everyMs, endMs);
    });
  };
  return {
    deploy: () => run({ kind: 'everything', isDeployment: true }),
    announce(edit) {
      clock.at(clock.now() + drawLatency(eventLatency, random), () => {
        if (batch.length === 0) clock.at(clock.now() + timing.batchingWindowMs, deliver);
        batch.push(edit);
      });
    },
    schedule(endMs) {
      repeat({ kind: 'secrets' }, timing.secretsEveryMs, endMs);
      // So that every simulation contains one of these runs.
      clock.at(clock.now() + 20_000, () => void run({ kind: 'everything' }));
    },
    failures: () => failures,
    busyMs: () => busyMs,
  };
}

function toCpuMs({ ssm }: World): number {
  return timing.baseMs + timing.perRouteMs * ssm.parameters.size;
}

/** Lets virtual time continue while the publisher waits. It stands still while the publisher works. */
async function rest({ clock }: World, ms: number): Promise<void> {
  await released(clock.sleep(ms), clock);
}

const noSecrets = async () => ({ values: new Map(), unknown: new Set<string>() });

function createWaitingPublisher(world: World) {
  const { clock, random, config, parts, ssm, s3 } = world;
  const sleep = (ms: number) => released(clock.sleep(ms), clock);
  const pacing = { random, sleep };
  const callOnce: typeof ssm.call = (...input) => released(ssm.call(...input), clock);
  const settings = {
    endpoint: config.ssmEndpoint,
    ...{ region: config.region, credentials: parts.credentials, now: clock.now, pacing },
  };
  const readCurrent = createCurrentReader(callOnce);
  return createPublisher({
    ...{ root, rules: config.rules, originSecret: undefined, readVariable: () => undefined },
    ...{ reader: createParameterReader(settings, callOnce), readCurrent, ...pacing },
    ...{ registry: parts.registry, compile: parts.compile, log: parts.log },
    ...{ readSecrets: noSecrets, pollSecrets: noSecrets, forgetSecrets: () => {} },
    notify: undefined,
    list: createListing(
      root,
      (betweenPages) => createParameterReader({ ...settings, betweenPages }, callOnce),
      pacing,
    ),
    object: createSnapshotObject({
      ...{ root, key: undefined, now: clock.now, log: parts.log },
      store: {
        read: (etag) => released(s3.read(etag), clock),
        write: (...input) => released(s3.write(...input), clock),
      },
    }),
    report: () => {},
  });
}
