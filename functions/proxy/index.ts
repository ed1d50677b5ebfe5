/** Lambda entry and composition root: the one place where environment, clock and network meet the stages. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createShare } from './chain/share.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { createHandler, type StreamingHandler } from './handler.ts';
import { type Background, createBackground, nextTurn } from './http/background.ts';
import { ProxyError } from './http/errors.ts';
import { createLogger, type Logger } from './log/log.ts';
import { createRequestMetrics } from './log/metrics.ts';
import type { OpenStream } from './relay.ts';
import { createTableSource, type TableSource } from './routes/refresh.ts';
import type { ServedTable } from './routes/served-table.ts';
import { createPools } from './send/connections.ts';
import { createCredentialSources } from './sign/credentials.ts';
import { createSnapshotMode } from './snapshot-mode.ts';

declare const awslambda: {
  readonly HttpResponseStream: { readonly from: OpenStream };
  streamifyResponse(handler: StreamingHandler): StreamingHandler;
};

/** The CPU is free of charge during INIT, but the time is limited: the proxy connects ahead to this many upstreams. */
const maxWarmed = 16;
const now = () => Date.now();
const write = (line: string) => {
  process.stdout.write(line);
};

async function createProxy(): Promise<StreamingHandler> {
  const open: OpenStream = (stream, prelude) => awslambda.HttpResponseStream.from(stream, prelude);
  let config: Config;
  try {
    config = readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const log = createLogger('info', write);
    log.error(error.message, { event: 'misconfigured' });
    return createHandler({ routes: refuseAll(error), open, log, now, debugHeaders: false });
  }
  const log = createLogger(config.logLevel, write);
  const background = createBackground({ now, nextTurn, sleep: (ms) => sleep(ms) });
  const routes = await createRoutes(config, log, background);
  await routes.start();
  const { debugHeaders, metrics: level, parameterPath: proxy } = config;
  const metrics =
    level === 'off' ? undefined : createRequestMetrics({ proxy, perRoute: level === 'routes' });
  return createHandler({ routes, open, log, now, debugHeaders, metrics, background });
}

async function createRoutes(
  config: Config,
  log: Logger,
  background: Background,
): Promise<TableSource> {
  const { allowedHosts, region } = config;
  const credentials = createCredentialSources(config, now);
  const pools = createPools({ allowedHosts, now });
  const pacing = { random: Math.random, sleep: (ms: number) => sleep(ms) };
  const services = {
    region,
    allowedHosts,
    credentials,
    now,
    connect: pools.get,
    limits: {
      endpoint: config.dynamoDbEndpoint,
      table: config.limitTable,
      share: createShare(),
    },
    ...pacing,
    log: (level: 'warn' | 'error', message: string, fields = {}) => log[level](message, fields),
  };
  const compile = { services, requireAccessPlugin: config.requireAccessPlugin };
  let isFirst = true;
  const onTable = (table: ServedTable) => {
    pools.retain(table.pools);
    // The first requests of a new environment find their TLS handshakes under way; nothing waits for them.
    if (isFirst) for (const pool of [...table.pools].slice(0, maxWarmed)) pool.warm();
    isFirst = false;
    logTable(log, table, config.parameterPath);
  };
  const refresh = {
    ...{ intervalMs: config.refreshMs, now, log, onTable, background, ...pacing },
    later: (callback: () => void, delayMs: number) => setTimeout(callback, delayMs).unref(),
  };
  const { snapshot: settings } = config;
  const parts = { config, compile, log, credentials: credentials.execution };
  if (settings) {
    return createTableSource({
      ...refresh,
      load: createSnapshotMode({ ...parts, settings, background }),
    });
  }
  // Imported only in direct mode: environments that read a snapshot would pay for this code at each cold start.
  const { createDirectMode } = await import('./direct-mode.ts');
  return createTableSource({ ...refresh, load: createDirectMode({ ...parts, pacing, now }) });
}

/** Logs the table, and names routes that are open to everyone (the first 50), so that none is open by mistake. */
function logTable(log: Logger, { version, summary }: ServedTable, root: string): void {
  log.info('routes in force', { event: 'table', table: version, ...summary });
  if (summary.routes === 0) log.warn(`no routes: there is no parameter below ${root}/routes/`);
}

/** With a wrong environment variable every request answers `MISCONFIGURED`; the log names the variable. */
function refuseAll(cause: ConfigError): TableSource {
  return {
    start: async () => {},
    current: async () => {
      throw new ProxyError('MISCONFIGURED', cause.message, { headers: { 'retry-after': '60' } });
    },
    ageMs: () => undefined,
  };
}

/**
 * The Lambda entry point, a streamified handler. The module waits at most 6 seconds for the route table before it exports
 * this. Requests wait for a table that is not there by then.
 */
export const handler = awslambda.streamifyResponse(await createProxy());
