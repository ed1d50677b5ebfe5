/** What tests of publications share: a publisher or a rig for each test, one upstream for the file, and routes to publish. */
import { functionUrlHost } from './builders.ts';
import { openForFile } from './open-resources.ts';
import { type Publisher, type PublisherOptions, startPublisher } from './publisher.ts';
import { type SnapshotRig, type SnapshotRigOptions, startSnapshotRig } from './snapshot-rig.ts';
import { startUpstream, type Upstream, type UpstreamOptions } from './upstream.ts';

/**
 * Tests that ask for the same options share a publisher, which is as at its start at the beginning of each. One with options
 * of its store is closed after its test.
 *
 * @param take gets the publisher that the returned function has started
 */
export function usePublisher(take: (started: Publisher) => void) {
  const open = shareForFile(startPublisher);
  return async (options?: PublisherOptions): Promise<void> => {
    take(await open(options));
  };
}

/** @returns a function that starts what a test has to itself, or resets what the tests with the same options share */
function shareForFile<Options extends PublisherOptions, Started extends Publisher>(
  start: (options?: Options) => Promise<Started>,
) {
  let own: Started | undefined;
  const shared = new Map<string, Started>();
  afterEach(async () => {
    await own?.close();
    own = undefined;
  });
  return async (options?: Options): Promise<Started> => {
    if (options?.store !== undefined) {
      own = await start(options);
      return own;
    }
    const name = JSON.stringify(options ?? {});
    const known = shared.get(name);
    if (known) {
      await known.reset();
      return known;
    }
    const started = await openForFile(() => start(options));
    shared.set(name, started);
    return started;
  };
}

/** A function URL's route behind `key-auth`. */
export const guardedRoute = (uri: string, awsLambda: object = {}) => ({
  uri,
  plugins: {
    'key-auth': {},
    'aws-lambda': { function_uri: `https://${functionUrlHost}/`, ...awsLambda },
  },
});

/** As {@link usePublisher}, for rigs, with an upstream that is closed after the file. */
export function useSnapshotRig(options: UpstreamOptions = {}) {
  let upstream: Upstream;
  beforeAll(async () => {
    upstream = await startUpstream(options);
  });
  afterAll(() => upstream.close());
  return {
    startSnapshotRig: shareForFile<SnapshotRigOptions, SnapshotRig>(startSnapshotRig),
    /** A route to the upstream. */
    route: (uri: string, attributes: object = {}, plugins: object = {}) => ({
      uri,
      plugins: {
        ...plugins,
        'aws-lambda': { function_uri: `${upstream.url}/base`, ...attributes },
      },
    }),
  };
}

/** A fault that does not end by itself. */
export const outage = { times: Number.POSITIVE_INFINITY } as const;
