/** One account in virtual time: its services, its documents and their edits. */
import { type Config, readConfig } from '../../functions/proxy/config.ts';
import { createLogger } from '../../functions/proxy/log/log.ts';
import { plugins } from '../../functions/proxy/plugins/registry.ts';
import { createPools } from '../../functions/proxy/send/connections.ts';
import { toShape } from '../programs/route-mix.ts';
import { createVirtualClock, type VirtualClock } from './clock.ts';
import { createRandom } from './random.ts';
import {
  createFleetObjectStore,
  createFleetParameterStore,
  type FleetObjectStore,
  type FleetParameterStore,
} from './services.ts';

export const root = '/countersign/fleet';

/** A change of one document. */
export interface Edit {
  readonly name: string;
  readonly version: number;
  readonly atMs: number;
}

/** The state that environments and publisher share. */
export interface World {
  readonly clock: VirtualClock;
  readonly random: () => number;
  readonly ssm: FleetParameterStore;
  readonly s3: FleetObjectStore;
  readonly config: Config;
  readonly edits: Edit[];
  /** Writes a new version of a document. */
  edit(place: number): Edit;
  /** Services for compiling documents. Nothing is called. */
  readonly parts: Parts;
}

type Parts = ReturnType<typeof createParts>;

/** Two minutes after midnight, so that no schedule starts at a round time by chance. */
const startMs = Date.UTC(2026, 10, 27, 0, 2);

/** Creates an account with documents, in which nothing runs yet. The same seed creates the same account. */
export function createWorld({ routes, seed }: { routes: number; seed: number }): World {
  const clock = createVirtualClock(startMs);
  const random = createRandom(seed);
  const ssm = createFleetParameterStore({ clock, random });
  const names: string[] = [];
  for (let place = 0; place < routes; place += 1) {
    const { id, uri, host } = toShape(place);
    const name = `${root}/routes/${id}`;
    names.push(name);
    ssm.parameters.set(name, toParameter(name, { uri, host }, { version: 1, nowMs: startMs }));
  }
  const edits: Edit[] = [];
  return {
    ...{ clock, random, ssm, edits },
    s3: createFleetObjectStore({ clock, random }),
    config: readConfig({ AWS_REGION: 'us-east-1', COUNTERSIGN_PARAMETER_PATH: root }),
    edit(place) {
      const name = names[place % names.length] ?? '';
      const { uri, host } = toShape(place % names.length);
      const version = (ssm.parameters.get(name)?.Version ?? 0) + 1;
      const nowMs = clock.now();
      ssm.parameters.set(name, toParameter(name, { uri, host }, { version, nowMs }));
      const edit = { name, version, atMs: nowMs };
      edits.push(edit);
      return edit;
    },
    parts: createParts(clock, random),
  };
}

function toParameter(
  Name: string,
  place: { readonly uri: string; readonly host: string | undefined },
  { version, nowMs }: { readonly version: number; readonly nowMs: number },
) {
  const functionUri = 'https://abcdefghij0123456789klmnopqrst.lambda-url.us-east-1.on.aws/base/';
  const plugins = { 'aws-lambda': { function_uri: functionUri, authorization: { iam: {} } } };
  const Value = JSON.stringify({ desc: `version ${version}`, ...place, plugins });
  return { Name, Type: 'String', Value, Version: version, LastModifiedDate: nowMs / 1000 } as const;
}

function createParts(clock: VirtualClock, random: () => number) {
  const { now } = clock;
  const keys = async () => ({ accessKeyId: 'AKIDFLEET', secretAccessKey: 'fleet' });
  const log = createLogger('error', () => {});
  const services = {
    ...{ region: 'us-east-1', allowedHosts: [], now, random, sleep: clock.sleep },
    limits: { endpoint: new URL('https://dynamodb.us-east-1.amazonaws.com/'), table: undefined },
    credentials: { execution: keys, assume: () => keys },
    log: () => {},
    connect: createPools({ allowedHosts: [], now }).get,
  };
  return {
    compile: { services, requireAccessPlugin: false },
    registry: plugins,
    log,
    credentials: keys,
  };
}
