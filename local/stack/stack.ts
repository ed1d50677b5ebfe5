import { join } from 'node:path';
import { createLogGroup } from '../logs/log-group.ts';
import {
  type ParameterStoreOptions,
  startParameterStore,
} from '../parameter-store/parameter-store.ts';
import { type ProxyOptions, startProxy } from './proxy.ts';
import { type PublisherOptions, type RunningPublisher, startPublisher } from './publisher.ts';
import { seedRoutes } from './seeds.ts';
import { startUpstreams, type UpstreamsOptions } from './upstreams.ts';

/** @param parameterStoreUrl the running store, to write to */
export type FillStore = (parameterStoreUrl: string) => Promise<void>;

/** The whole local stack. By default the system chooses every port, and nothing is stored in files. */
export interface StackOptions {
  readonly proxy?: Omit<ProxyOptions, 'parameterStoreUrl'>;
  readonly parameterStore?: ParameterStoreOptions;
  readonly upstreams?: UpstreamsOptions;
  /** Puts the demo's routes. @default true */
  readonly seeds?: boolean;
  /** Puts documents, before publisher and proxy read them for the first time. */
  readonly fill?: FillStore | undefined;
  /**
   * Runs a publisher and S3, and the proxy reads the snapshot.
   * @default none: the proxy reads the parameter store
   */
  readonly publisher?: Omit<PublisherOptions, 'parameterStoreUrl'> | undefined;
}

/** A running stack. */
export interface Stack {
  /** The proxy's public URL, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly parameterStoreUrl: string;
  /** Location of the snapshot; undefined if the proxy reads the parameter store. */
  readonly snapshot: Pick<RunningPublisher, 's3Url' | 'snapshotUri'> | undefined;
  /** URLs of the upstreams, with a slash at the end. */
  readonly helloUrl: string;
  readonly apiUrl: string;
  readonly streamUrl: string;
  /** Process ids of all running environments. */
  pids(): readonly number[];
  /** Uses another build from now on. It has one folder for each function, as `dist/`. */
  recycle(distRoot: string): void;
  /** Ends every server and process. */
  close(): Promise<void>;
}

/** Starts parameter store, upstreams, demo routes and proxy, in this order. If one fails, the others are ended. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const started: { close(): Promise<void> }[] = [];
  const close = async () => {
    await Promise.all(started.map((part) => part.close()));
  };
  try {
    let publisher: RunningPublisher | undefined;
    const logs = createLogGroup();
    const store = await startParameterStore({
      ...options.parameterStore,
      logs,
      onChange: (change) => publisher?.tell(change),
    });
    started.push(store);
    const upstreams = await startUpstreams(options.upstreams);
    started.push(upstreams);
    const { helloUrl, apiUrl, streamUrl } = upstreams;
    if (options.seeds ?? true) seedRoutes(store, { helloUrl, apiUrl, streamUrl });
    await options.fill?.(store.url);
    if (options.publisher) {
      publisher = await startPublisher({ ...options.publisher, parameterStoreUrl: store.url });
      started.push(publisher);
    }
    const proxy = await startProxy({
      ...options.proxy,
      env: { ...publisher?.proxyEnv, ...options.proxy?.env },
      onLine: (line, stream) => {
        logs.write(line);
        options.proxy?.onLine?.(line, stream);
      },
      parameterStoreUrl: store.url,
    });
    started.push(proxy);
    return {
      ...{
        url: proxy.url,
        port: proxy.port,
        parameterStoreUrl: store.url,
        helloUrl,
        apiUrl,
        streamUrl,
        snapshot: publisher,
      },
      pids: () => [...proxy.pids(), ...upstreams.pids(), ...(publisher?.pids() ?? [])],
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
