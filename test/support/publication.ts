/** What tests of publications share: a publisher or a rig for each test, one upstream for the file, and routes to publish. */
import { functionUrlHost } from './builders.ts';
import { openForFile } from './open-resources.ts';
import { type Publisher, type PublisherOptions, startPublisher } from './publisher.ts';
import { type SnapshotRig, type SnapshotRigOptions, startSnapshotRig } from './snapshot-rig.ts';
import { startUpstream, type Upstream, type UpstreamOptions } from './upstream.ts';

/**
 * Tests that ask for no options share a publisher, which is empty at the beginning of each. One with options is closed
 * after its test.
 *
 * @param take gets the publisher that the returned function has started
 */
export function usePublisher(take: (started: Publisher) => void) {
  const open = shareForFile(startPublisher);
  return async (options?: PublisherOptions): Promise<void> => {
    take(await open(options));
  };
}

/** @returns a function that starts what a test has to itself, or empties what the tests without options share */
function shareForFile<Options, Started extends Publisher>(
  start: (options?: Options) => Promise<Started>,
) {
  let own: Started | undefined;
  let shared: Started | undefined;
  afterEach(async () => {
    await own?.close();
    own = undefined;
  });
  return async (options?: Options): Promise<Started> => {
    if (options !== undefined) {
      own = await start(options);
      return own;
    }
    if (shared) await shared.reset();
    else shared = await openForFile(() => start());
    return shared;
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
