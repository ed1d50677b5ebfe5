import { join } from 'node:path';
import { startFunctionUrl } from '../function-url/function-url.ts';
import type { ListenOptions } from '../http-server.ts';
import type { RuntimeCommand } from '../runtime/environment.ts';
import { createEnvironmentPool } from '../runtime/environment-pool.ts';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from './credentials.ts';
import { LOCAL_PARAMETER_PATH } from './seeds.ts';

/** How the proxy runs. */
export interface ProxyOptions extends ListenOptions {
  readonly parameterStoreUrl: string;
  /** Folder of the built artefact. @default dist/proxy */
  readonly proxyRoot?: string | undefined;
  /** Adds or replaces variables of the proxy. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Runs the artefact under another runtime client. @default this Node and bootstrap.ts */
  readonly command?: RuntimeCommand | undefined;
  /** The function's timeout. @default 120000 */
  readonly timeoutMs?: number | undefined;
  /** @default 10 */
  readonly maxEnvironments?: number | undefined;
  /** Called for each line that the proxy writes. */
  readonly onLine?: ((line: string, stream: 'stdout' | 'stderr') => void) | undefined;
}

/** The proxy behind its public function URL. */
export interface RunningProxy {
  readonly url: string;
  readonly port: number;
  /** Process ids of the running environments. */
  readonly pids: () => readonly number[];
  /** Uses another build from now on; `proxyRoot` is its folder. */
  recycle(proxyRoot: string): void;
  close(): Promise<void>;
}

/** The environment variables of the local proxy. */
export function proxyEnv(parameterStoreUrl: string): Record<string, string> {
  return {
    COUNTERSIGN_PARAMETER_PATH: LOCAL_PARAMETER_PATH,
    COUNTERSIGN_ALLOWED_HOSTS: '127.0.0.1,localhost',
    COUNTERSIGN_REFRESH_SECONDS: '2',
    AWS_REGION: LOCAL_REGION,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    AWS_SESSION_TOKEN: LOCAL_CREDENTIALS.sessionToken,
    AWS_ENDPOINT_URL_SSM: parameterStoreUrl,
  };
}

/** Starts the built artefact behind a function URL, with one environment. Throws if its init fails. */
export async function startProxy(options: ProxyOptions): Promise<RunningProxy> {
  const { command, maxEnvironments } = options;
  const pool = createEnvironmentPool({
    taskRoot: options.proxyRoot ?? join(import.meta.dirname, '..', '..', 'dist', 'proxy'),
    functionName: 'countersign-proxy',
    env: { ...proxyEnv(options.parameterStoreUrl), ...options.env },
    onLine: (line, stream) => options.onLine?.(line, stream),
    ...(command === undefined ? {} : { command }),
    ...(maxEnvironments === undefined ? {} : { maxEnvironments }),
  });
  try {
    await pool.warm();
    const front = await startFunctionUrl({
      ...{ host: options.host, port: options.port, tries: options.tries },
      invoke: pool.invoke,
      invokeMode: 'RESPONSE_STREAM',
      timeoutMs: options.timeoutMs ?? 120_000,
    });
    const close = async () => {
      await Promise.all([front.close(), pool.close()]);
    };
    const { pids, recycle } = pool;
    return { url: front.url, port: front.port, pids, recycle, close };
  } catch (error) {
    await pool.close();
    throw error;
  }
}
