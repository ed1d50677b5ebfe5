/** Parameter Store, S3 and KMS with their quotas and latencies, in virtual time. */
import type { ParameterCall } from '../../functions/proxy/routes/parameters.ts';
import { AwsServiceError } from '../../functions/proxy/send/aws-json.ts';
import type { ObjectStore, StoredObject } from '../../functions/proxy/send/object-store.ts';
import { s3, ssm } from './assumptions.ts';
import type { VirtualClock } from './clock.ts';
import { drawLatency } from './random.ts';

/** Calls to one service. */
export interface CallCount {
  answered: number;
  throttled: number;
  /** Calls in each second of virtual time since the start, answered or not. */
  readonly bySecond: Map<number, number>;
}

/** A stored parameter. */
export interface StoredParameter {
  readonly Name: string;
  readonly Type: 'String';
  readonly Value: string;
  readonly Version: number;
  readonly LastModifiedDate: number;
}

/** Parameter Store of one account. */
export interface FleetParameterStore {
  /** Parameters by name, in the order of names. */
  readonly parameters: Map<string, StoredParameter>;
  readonly count: CallCount;
  readonly call: ParameterCall;
}

/** S3 with one object. */
export interface FleetObjectStore extends ObjectStore {
  readonly count: CallCount;
  readonly writes: { answered: number };
  /** Whether every call fails. */
  isDown: boolean;
}

interface Options {
  readonly clock: VirtualClock;
  readonly random: () => number;
}

const pageSize = 10;

/** Creates a Parameter Store that throttles as AWS does: a token bucket of one second's calls. */
export function createFleetParameterStore({ clock, random }: Options): FleetParameterStore {
  const parameters = new Map<string, StoredParameter>();
  const count = createCallCount();
  const take = createBucket(ssm.callsPerSecond, clock);
  /** In a simulation values change, and names do not. */
  let names: readonly string[] = [];
  return {
    parameters,
    count,
    async call(operation, input) {
      countCall(count, clock);
      const isTaken = take();
      await clock.sleep(drawLatency(ssm.latency, random));
      if (!isTaken) {
        count.throttled += 1;
        throw new AwsServiceError('ThrottlingException', 400, `${operation}: Rate exceeded`);
      }
      count.answered += 1;
      if (operation === 'GetParametersByPath') {
        if (names.length !== parameters.size) names = [...parameters.keys()];
        return readPage(names, parameters, Number(input['NextToken'] ?? 0));
      }
      const wanted = operation === 'GetParameters' ? (input['Names'] as readonly string[]) : [];
      return { Parameters: wanted.flatMap((name) => parameters.get(name) ?? []) };
    },
  };
}

function readPage(
  names: readonly string[],
  parameters: ReadonlyMap<string, StoredParameter>,
  start: number,
): Record<string, unknown> {
  const page = names.slice(start, start + pageSize);
  const end = start + page.length;
  return {
    Parameters: page.map((name) => parameters.get(name)),
    ...(end < names.length ? { NextToken: String(end) } : {}),
  };
}

/** Creates an S3 with one object, which is written conditionally. */
export function createFleetObjectStore({ clock, random }: Options): FleetObjectStore {
  let object: StoredObject | undefined;
  let written = 0;
  const count = createCallCount();
  const take = createBucket(s3.readsPerSecond, clock);
  const wait = (bytes: number) =>
    clock.sleep(drawLatency(s3.latency, random) + bytes / s3.bytesPerMs);
  const store: FleetObjectStore = {
    count,
    writes: { answered: 0 },
    isDown: false,
    async read(knownEtag) {
      countCall(count, clock);
      const isTaken = take();
      const found = object;
      const isSame = found !== undefined && found.etag === knownEtag;
      await wait(isSame || !found ? 0 : found.bytes.length);
      if (store.isDown) throw new AwsServiceError('InternalError', 500, 'GetObject');
      if (!isTaken) {
        count.throttled += 1;
        throw new AwsServiceError('SlowDown', 503, 'GetObject');
      }
      count.answered += 1;
      if (!found) return 'missing';
      return isSame ? 'same' : found;
    },
    async write(bytes, expectedEtag) {
      await wait(bytes.length);
      if (store.isDown) throw new AwsServiceError('InternalError', 500, 'PutObject');
      if (object?.etag !== expectedEtag) return 'lost';
      written += 1;
      store.writes.answered += 1;
      object = { bytes, etag: `"${written}"` };
      return object.etag;
    },
  };
  return store;
}

function createCallCount(): CallCount {
  return { answered: 0, throttled: 0, bySecond: new Map() };
}

function countCall({ bySecond }: CallCount, clock: VirtualClock): void {
  const second = Math.floor(clock.now() / 1000);
  bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
}

/** @returns a function that says whether a call is within the quota */
function createBucket(perSecond: number, clock: VirtualClock): () => boolean {
  let left = perSecond;
  let filledAtMs = clock.now();
  return () => {
    const elapsedMs = clock.now() - filledAtMs;
    left = Math.min(perSecond, left + (elapsedMs * perSecond) / 1000);
    filledAtMs = clock.now();
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}
