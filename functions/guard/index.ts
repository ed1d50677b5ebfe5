/**
 * The document guard: told by EventBridge of each change below the proxy's path, it reads the document with the proxy's
 * own code and says at once whether it is in force. It decides nothing: the proxies have read the same.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Config, readConfig } from '../proxy/config.ts';
import { ProxyError } from '../proxy/http/errors.ts';
import { createLogger } from '../proxy/log/log.ts';
import { createInertServices } from '../proxy/plugins/inert-services.ts';
import { plugins } from '../proxy/plugins/registry.ts';
import { createParameterReader } from '../proxy/routes/parameters.ts';
import type { CredentialsProvider } from '../proxy/sign/provider.ts';
import { parseChange } from './change.ts';
import { logFindings } from './log-findings.ts';
import { createPublisher } from './publish.ts';
import { createReview } from './review.ts';
import { toMessage } from './to-message.ts';

const now = () => Date.now();

/** @throws when the change could not be looked at; Lambda tries the event again then */
export type GuardHandler = (event: unknown) => Promise<void>;

function createGuard(config: Config): GuardHandler {
  const { allowedHosts, region, limitTable, readVariable, parameterPath: root } = config;
  const log = createLogger(config.logLevel, (line) => process.stdout.write(line));
  const credentials = createCredentials(config);
  const pacing = { random: Math.random, sleep: (ms: number) => sleep(ms) };
  const review = createReview({
    root,
    reader: createParameterReader({
      endpoint: config.ssmEndpoint,
      region,
      credentials,
      now,
      // Lambda tries the whole event again, minutes later.
      pacing: { ...pacing, mostTries: 1 },
    }),
    registry: plugins,
    compile: {
      services: createInertServices({ region, allowedHosts, limitTable }),
      requireAccessPlugin: config.requireAccessPlugin,
    },
    rules: config.rules,
    readVariable,
  });
  const publish = createPublisher({ readVariable, credentials, now });
  return async (event) => {
    const change = parseChange(event, root);
    if (!change) {
      log.warn('an event that is no change of a parameter below the path', { event: 'unknown' });
      return;
    }
    const findings = await review(change);
    logFindings(log, findings, root);
    const message = toMessage(findings, root);
    if (message) await publish?.(message);
  };
}

/** The guard's own; it assumes no role, because it calls nothing that a document names. */
function createCredentials({ readEnvironmentCredentials }: Config): CredentialsProvider {
  return async () => {
    const credentials = readEnvironmentCredentials();
    if (credentials) return credentials;
    throw new ProxyError('CREDENTIALS_UNAVAILABLE', 'no credentials in the environment');
  };
}

export const handler = createGuard(readConfig());
