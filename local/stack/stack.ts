import { join } from 'node:path';
import {
  type ParameterStoreOptions,
  startParameterStore,
} from '../parameter-store/parameter-store.ts';
import { type ProxyOptions, startProxy } from './proxy.ts';
import { seedRoutes } from './seeds.ts';
import { startUpstreams, type UpstreamsOptions } from './upstreams.ts';

/** The whole local stack; without options every port is chosen by the system and nothing is kept. */
export interface StackOptions {
  readonly proxy?: Omit<ProxyOptions, 'parameterStoreUrl'>;
  readonly parameterStore?: ParameterStoreOptions;
  readonly upstreams?: UpstreamsOptions;
}

/** A running stack. */
export interface Stack {
  /** The proxy's public URL, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly parameterStoreUrl: string;
  /** URLs of the upstreams, with a slash at the end. */
  readonly helloUrl: string;
  readonly apiUrl: string;
  readonly streamUrl: string;
  /** Process ids of every environment that runs. */
  pids(): readonly number[];
  /** Serves another build from now on; one folder in it a function, as in `dist/`. */
  recycle(distRoot: string): void;
  /** Ends every server and process. */
  close(): Promise<void>;
}

/** Starts parameter store, upstreams, seeds and proxy, in this order; on failure nothing is left running. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const started: { close(): Promise<void> }[] = [];
  const close = async () => {
    await Promise.all(started.map((part) => part.close()));
  };
  try {
    const store = await startParameterStore(options.parameterStore);
    started.push(store);
    const upstreams = await startUpstreams(options.upstreams);
    started.push(upstreams);
    const { helloUrl, apiUrl, streamUrl } = upstreams;
    seedRoutes(store, { helloUrl, apiUrl, streamUrl });
    const proxy = await startProxy({ ...options.proxy, parameterStoreUrl: store.url });
    started.push(proxy);
    return {
      ...{
        url: proxy.url,
        port: proxy.port,
        parameterStoreUrl: store.url,
        helloUrl,
        apiUrl,
        streamUrl,
      },
      pids: () => [...proxy.pids(), ...upstreams.pids()],
      recycle: (distRoot) => {
        proxy.recycle(join(distRoot, 'proxy'));
        upstreams.recycle(distRoot);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
