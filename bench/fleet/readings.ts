/**
 * The readers of environments: the product's own snapshot loader and its own direct mode. Equal snapshots are unpacked
 * only once.
 */
import { createDirectMode } from '../../functions/proxy/direct-mode.ts';
import { createLoggedLoader } from '../../functions/proxy/routes/logged-loader.ts';
import type { RouteTable } from '../../functions/proxy/routes/route-table.ts';
import { compileRecord } from '../../functions/proxy/routes/snapshot/compile-record.ts';
import { createCompiledDocuments } from '../../functions/proxy/routes/snapshot/compiled-documents.ts';
import { unpackSnapshot } from '../../functions/proxy/routes/snapshot/envelope.ts';
import { createSnapshotLoader } from '../../functions/proxy/routes/snapshot/load.ts';
import { readSnapshot, type Snapshot } from '../../functions/proxy/routes/snapshot/read.ts';
import type { SnapshotTable } from '../../functions/proxy/routes/snapshot/snapshot-table.ts';
import { unpacking } from './assumptions.ts';
import { released, standingStill } from './clock.ts';
import { type Reading, type Resume, whenAwake } from './environment.ts';
import { root, type World } from './world.ts';

/** Counts the decryptions of environments. */
export interface KeyCount {
  answered: number;
}

/** @returns a function that creates readers of the snapshot */
export function createSnapshotReadings(world: World, keys: KeyCount) {
  const { clock, config, parts, s3, ssm } = world;
  const unpacked = new Map<Buffer, Promise<Snapshot>>();
  const unpackOnce = (bytes: Buffer): Promise<Snapshot> => {
    const snapshot = unpacked.get(bytes) ?? unpack(bytes, world);
    unpacked.set(bytes, snapshot);
    return snapshot;
  };
  const compiling = {
    ...{ root, rules: config.rules, registry: parts.registry, compile: parts.compile },
    ...{ readVariable: () => undefined, log: parts.log },
  };
  const documents = createCompiledDocuments((record) => compileRecord(record, compiling));
  const versions = new Map<number, ReadonlyMap<string, number>>();
  const unpackingMs = unpacking.baseMs + ssm.parameters.size * unpacking.perRouteMs;
  return (resume: Resume): Reading<SnapshotTable> => {
    const wait = <T>(promise: Promise<T>) => released(whenAwake(promise, resume), clock);
    const load = createSnapshotLoader({
      ...{ root, uri: 's3://fleet/v1', key: undefined, documents, now: clock.now },
      hasOriginSecret: false,
      store: { ...s3, read: (etag) => wait(s3.read(etag)) },
      unpack: async (bytes) => {
        keys.answered += 1;
        const snapshot = await unpackOnce(bytes);
        await wait(clock.sleep(unpackingMs));
        const { sequence } = snapshot.header;
        if (!versions.has(sequence)) versions.set(sequence, readVersions(snapshot, world));
        return snapshot;
      },
    });
    return {
      load: (previous) => standingStill(() => load(previous), clock),
      versionOf: ({ sequence }, name) => versions.get(sequence)?.get(name) ?? 1,
    };
  };
}

async function unpack(bytes: Buffer, { clock }: World): Promise<Snapshot> {
  const parse = async () =>
    readSnapshot(await unpackSnapshot(bytes, { root, key: undefined }), root);
  return standingStill(parse, clock);
}

function readVersions(snapshot: Snapshot, { edits }: World): ReadonlyMap<string, number> {
  const versions = new Map<string, number>();
  for (const { name } of edits) {
    const place = snapshot.findDocument(name);
    if (place !== undefined) versions.set(name, snapshot.documentAt(place).version);
  }
  return versions;
}

/** @returns a function that creates readers of Parameter Store */
export function createDirectReadings(world: World) {
  const { clock, random, config, parts, ssm } = world;
  const tables = new Map<string, Promise<RouteTable>>();
  /** Compiles documents once for all environments that read the same. Each environment makes its own calls. */
  const createLoader: typeof createLoggedLoader = (options) => async (previous) => {
    const parameters = await options.reader.readTree(root);
    const key = parameters.reduce((sum, { version }) => sum + version, 0);
    const known = tables.get(`${key}`);
    if (known !== undefined) return known;
    const reader = { ...options.reader, readTree: async () => parameters };
    const table = createLoggedLoader({ ...options, reader })(previous);
    tables.set(`${key}`, table);
    return table;
  };
  return (resume: Resume): Reading<RouteTable> => {
    const wait = <T>(promise: Promise<T>) => released(whenAwake(promise, resume), clock);
    const load = createDirectMode({
      ...{ config, now: clock.now, createLoader, ...parts },
      pacing: { random, sleep: (ms) => wait(clock.sleep(ms)) },
      callOnce: (...input) => wait(ssm.call(...input)),
    });
    return {
      load: (previous) => standingStill(() => load(previous), clock),
      versionOf: ({ documents }, name) => documents.get(name)?.version ?? 0,
    };
  };
}
