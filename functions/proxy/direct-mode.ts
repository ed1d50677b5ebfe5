/** Part of the composition root: the table that is read from Parameter Store itself. */
import type { Config } from './config.ts';
import type { TableLoaderOptions } from './routes/load-state.ts';
import { createParameterReader } from './routes/parameters.ts';
import { createTableLoader, type LoadTable } from './routes/table.ts';
import type { Pacing } from './routes/throttling.ts';
import type { CredentialsProvider } from './sign/provider.ts';

export interface DirectModeOptions
  extends Pick<TableLoaderOptions, 'registry' | 'compile' | 'log'> {
  readonly config: Config;
  readonly credentials: CredentialsProvider;
  readonly pacing: Pick<Pacing, 'random' | 'sleep'>;
}

/** @returns a function that reads the table once, and takes over what did not change */
export function createDirectMode(options: DirectModeOptions): LoadTable {
  const { config, credentials, registry, compile, log, pacing } = options;
  const { region, readVariable } = config;
  const now = () => Date.now();
  const onSlow = () =>
    log.warn('Parameter Store throttles a reading; it goes on where it is', { event: 'throttled' });
  const reader = createParameterReader({
    endpoint: config.ssmEndpoint,
    ...{ region, credentials, now },
    pacing: { ...pacing, onSlow },
  });
  return createTableLoader({
    root: config.parameterPath,
    originSecret: config.originSecret,
    rules: config.rules,
    ...{ reader, registry, compile, readVariable, log },
  });
}
