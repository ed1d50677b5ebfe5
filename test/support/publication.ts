/** What tests of publications share: a publisher or a rig for each test, one upstream for the file, and routes to publish. */
import { functionUrlHost } from './builders.ts';
import { type Publisher, type PublisherOptions, startPublisher } from './publisher.ts';
import { type SnapshotRig, type SnapshotRigOptions, startSnapshotRig } from './snapshot-rig.ts';
import { startUpstream, type Upstream, type UpstreamOptions } from './upstream.ts';

/**
 * Closes the publisher of a test after it.
 *
 * @param take gets the publisher that the returned function has started
 */
export function usePublisher(take: (started: Publisher) => void) {
  let publisher: Publisher | undefined;
  afterEach(() => publisher?.close());
  return async (options?: PublisherOptions): Promise<void> => {
    publisher = await startPublisher(options);
    take(publisher);
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

/** Closes the rig of a test after it, and the upstream after the file. */
export function useSnapshotRig(options: UpstreamOptions = {}) {
  let upstream: Upstream;
  let rig: SnapshotRig | undefined;
  beforeAll(async () => {
    upstream = await startUpstream(options);
  });
  afterAll(() => upstream.close());
  afterEach(() => rig?.close());
  return {
    async startSnapshotRig(rigOptions?: SnapshotRigOptions): Promise<SnapshotRig> {
      rig = await startSnapshotRig(rigOptions);
      return rig;
    },
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
