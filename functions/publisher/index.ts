/**
 * The publisher's Lambda entry and composition root: told by EventBridge of each change below the proxy's path, and run on
 * a schedule, it judges documents with the proxy's own code and publishes what is in force as one snapshot.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Config, ConfigError, readConfig } from '../proxy/config.ts';
import { ProxyError } from '../proxy/http/errors.ts';
import { createLogger } from '../proxy/log/log.ts';
import { toCountMetrics } from '../proxy/log/metrics.ts';
import { createInertServices } from '../proxy/plugins/inert-services.ts';
import { plugins } from '../proxy/plugins/registry.ts';
import {
  createParameterCall,
  createParameterReader,
  type ParameterReaderOptions,
} from '../proxy/routes/parameters.ts';
import { createObjectStore } from '../proxy/send/object-store.ts';
import type { CredentialsProvider } from '../proxy/sign/provider.ts';
import { createSnapshotStorage } from '../proxy/snapshot-storage.ts';
import { createCurrentReader } from './current-parameters.ts';
import { createListing } from './listing.ts';
import { logFindings } from './log-findings.ts';
import { createNotifier } from './notify.ts';
import { createPace } from './pace.ts';
import { createPublisher, type Publication } from './publisher.ts';
import { withRetriedCalls, withRetriedStorage } from './retry-passing.ts';
import { createSecretReader } from './secret-reader.ts';
import { createSnapshotObject } from './snapshot-object.ts';
import { parseTask } from './task.ts';

/** @throws when something could not be read or written; Lambda and SQS try the event again then */
export type PublisherHandler = (event: unknown) => Promise<Publication>;

const now = () => Date.now();
const pacing = { random: Math.random, sleep: (ms: number) => sleep(ms) };

function createPublisherHandler(config: Config): PublisherHandler {
  const { parameterPath: root, snapshot: settings, readVariable, rules, originSecret } = config;
  if (!settings) {
    throw new ConfigError(
      'environment variable COUNTERSIGN_SNAPSHOT_URI: found nothing, expected s3://<bucket>/<key>',
    );
  }
  const log = createLogger(config.logLevel, (line) => process.stdout.write(line));
  const credentials = createCredentials(config);
  const parameters = {
    endpoint: config.ssmEndpoint,
    ...{ region: config.region, credentials, now },
    pacing: {
      ...pacing,
      onSlow: () =>
        log.warn('Parameter Store keeps throttling; the reading goes on where it is', {
          event: 'throttled',
        }),
    },
  };
  // First pages are asked for again as well: a batch that fails comes back minutes later.
  const call = toCall(parameters);
  const pace = createPace(now, pacing.sleep);
  const reader = createParameterReader(parameters, call);
  const readCurrent = createCurrentReader(async (...input) => {
    await pace();
    return call(...input);
  });
  const secrets = createSecretReader({
    now,
    readBatch: async (names) => {
      await pace();
      return reader.readNamed(names);
    },
  });
  const notify = createNotifier({ readVariable, credentials, now });
  const publish = createPublisher({
    ...{ root, rules, originSecret, readVariable, reader, readCurrent, log, ...pacing },
    registry: plugins,
    compile: {
      services: createInertServices(config),
      requireAccessPlugin: config.requireAccessPlugin,
    },
    ...{ readSecrets: secrets.read, pollSecrets: secrets.poll, forgetSecrets: secrets.forget },
    list: createListing(root, (betweenPages) => toReader(parameters, betweenPages), pacing),
    object: createSnapshotObject({
      ...{ root, now, log },
      ...withRetriedStorage(
        createSnapshotStorage(config, settings, { credentials, open: createObjectStore }),
        pacing,
      ),
    }),
    report: (findings) => logFindings(log, findings, root),
    notify,
  });
  return async (event) => {
    const publication = await publish(parseTask(event, root));
    const { published, ...fields } = publication;
    log.info(published ? 'a snapshot was published' : 'the snapshot is up to date', {
      event: published ? 'published' : 'unchanged',
      ...{ ...fields, proxy: root },
      // A heartbeat: an alarm tells when it stops.
      ...toCountMetrics({ publisherRuns: 1 }, ['proxy']),
    });
    return publication;
  };
}

function toReader(parameters: ParameterReaderOptions, betweenPages: () => Promise<void>) {
  return createParameterReader({ ...parameters, betweenPages }, toCall(parameters));
}

function toCall(parameters: ParameterReaderOptions) {
  return withRetriedCalls(createParameterCall(parameters), parameters.pacing);
}

/** Nothing is called that a document names, so there is no role to assume. */
function createCredentials({ readEnvironmentCredentials }: Config): CredentialsProvider {
  return async () => {
    const credentials = readEnvironmentCredentials();
    if (credentials) return credentials;
    throw new ProxyError('CREDENTIALS_UNAVAILABLE', 'no credentials in the environment');
  };
}

export const handler = createPublisherHandler(readConfig());
