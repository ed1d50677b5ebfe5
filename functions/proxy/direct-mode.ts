/** Part of the composition root: the table that is read from Parameter Store itself. */
import type { Config } from './config.ts';
import type { Clock } from './http/time.ts';
import type { Logger } from './log/log.ts';
import { plugins } from './plugins/registry.ts';
import { createLoggedLoader, type LoggedLoaderOptions } from './routes/logged-loader.ts';
import { createParameterReader, type ParameterCall } from './routes/parameters.ts';
import type { RouteTable } from './routes/route-table.ts';
import type { Pacing } from './routes/throttling.ts';
import type { CredentialsProvider } from './sign/provider.ts';

/** What direct mode shares with the rest of the composition root. */
export interface DirectModeOptions extends Pick<LoggedLoaderOptions, 'compile' | 'log'> {
  readonly config: Config;
  readonly credentials: CredentialsProvider;
  readonly pacing: Pick<Pacing, 'random' | 'sleep'>;
  readonly now: Clock;
  /** Calls Parameter Store once. @default a signed POST */
  readonly callOnce?: ParameterCall;
  /** @default {@link createLoggedLoader} */
  readonly createLoader?: typeof createLoggedLoader;
}

/** An account has 40 calls a second in a Region, for everything that runs there: one environment takes two of them. */
const pageIntervalMs = 500;

/** @returns a function that reads the table once, and takes over what did not change */
export function createDirectMode(
  options: DirectModeOptions,
): (previous: RouteTable | undefined) => Promise<RouteTable> {
  const { config, credentials, compile, log, pacing, now } = options;
  const { createLoader = createLoggedLoader } = options;
  const { region, readVariable } = config;
  const onSlow = () =>
    log.warn('Parameter Store throttles a reading; it goes on where it is', { event: 'throttled' });
  let hasTable = false;
  let pauses = 0;
  const settings = {
    endpoint: config.ssmEndpoint,
    ...{ region, credentials, now },
    pacing: { ...pacing, onSlow },
    // Without a table requests are waiting; with one nothing is.
    betweenPages: async () => {
      if (!hasTable) return;
      pauses += 1;
      await pacing.sleep(pageIntervalMs);
    },
  };
  const reader = createParameterReader(settings, options.callOnce);
  const load = createLoader({
    root: config.parameterPath,
    originSecret: config.originSecret,
    rules: config.rules,
    ...{ reader, registry: plugins, compile, readVariable, log },
  });
  let isStretched = false;
  return async (previous) => {
    hasTable = previous !== undefined;
    pauses = 0;
    const table = await load(previous);
    const tookMs = pauses * pageIntervalMs;
    if (tookMs > config.refreshMs && !isStretched) {
      isStretched = true;
      logStretched(log, { tookMs, pages: pauses + 1 });
    }
    return table;
  };
}

function logStretched(log: Logger, fields: { readonly tookMs: number; readonly pages: number }) {
  log.warn(
    'a refresh takes longer than its interval: Parameter Store is read at two calls a second; a snapshot has no such limit',
    { event: 'refresh-stretched', ...fields },
  );
}
