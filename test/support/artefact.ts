/** The built artefact behind a local function URL, with its Parameter Store and its log. */
import type {
  ParameterStore,
  ParameterStoreOptions,
} from '../../local/parameter-store/parameter-store.ts';
import { startParameterStore } from '../../local/parameter-store/parameter-store.ts';
import { type RunningProxy, startProxy } from '../../local/stack/proxy.ts';
import { LOCAL_PARAMETER_PATH } from '../../local/stack/seeds.ts';
import { eventually } from './eventually.ts';
import { closeAtEnd } from './open-resources.ts';

export interface ArtefactOptions {
  /** Documents by route id, put before the proxy starts. */
  readonly routes?: Readonly<Record<string, unknown>>;
  /** Documents by user name, put as SecureStrings. */
  readonly consumers?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Texts by name below the root. */
  readonly parameters?: ReadonlyMap<string, string>;
  readonly env?: Readonly<Record<string, string>>;
  readonly store?: ParameterStoreOptions;
  /**
   * Whether it takes up edits: it reads its documents five times a second. Otherwise it reads them once, because each read
   * costs CPU as long as the test runs. @default false
   */
  readonly reloads?: boolean;
  readonly timeoutMs?: number;
  /** Each is a process that takes a quarter of a second of CPU. @default 3 */
  readonly maxEnvironments?: number;
}

export interface LogLine {
  readonly [field: string]: unknown;
}

export interface Artefact {
  readonly url: string;
  readonly store: ParameterStore;
  /** Process ids of the environments that run. */
  readonly pids: () => readonly number[];
  /** The text that the proxy has written. */
  readonly text: () => string;
  /** The parsed log lines. */
  readonly lines: () => LogLine[];
  putRoute(id: string, document: unknown): void;
  putConsumer(username: string, document: unknown): void;
  putText(name: string, value: string): void;
  remove(id: string): void;
  removeConsumer(username: string): void;
  /** Waits until a line has all these fields. */
  logged(fields: LogLine): Promise<LogLine>;
  close(): Promise<void>;
}

export const root = LOCAL_PARAMETER_PATH;

/** Starts the artefact. */
export async function startArtefact(options: ArtefactOptions = {}): Promise<Artefact> {
  const store = await startParameterStore(options.store);
  const put = (name: string, value: string, type: string) =>
    store.call('PutParameter', {
      Name: `${root}/${name}`,
      Value: value,
      Type: type,
      Overwrite: true,
    });
  const putRoute = (id: string, document: unknown) =>
    put(`routes/${id}`, JSON.stringify(document), 'String');
  const putConsumer = (username: string, document: unknown) =>
    put(`consumers/${username}`, JSON.stringify(document), 'SecureString');
  for (const [id, document] of Object.entries(options.routes ?? {})) putRoute(id, document);
  for (const [name, document] of Object.entries(options.consumers ?? {})) {
    putConsumer(name, document);
  }
  for (const [name, value] of Object.entries(options.secrets ?? {})) {
    put(`secrets/${name}`, value, 'SecureString');
  }
  for (const [name, text] of options.parameters ?? []) put(name, text, 'SecureString');
  const written: string[] = [];
  let proxy: RunningProxy;
  try {
    proxy = await startProxy({
      parameterStoreUrl: store.url,
      env: { COUNTERSIGN_REFRESH_SECONDS: options.reloads ? '0.2' : '3600', ...options.env },
      onLine: (line) => written.push(line),
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
      maxEnvironments: options.maxEnvironments ?? 3,
    });
  } catch (error) {
    await store.close();
    throw error;
  }
  const edit =
    <Args extends readonly unknown[]>(write: (...args: Args) => unknown) =>
    (...args: Args) => {
      if (!options.reloads) throw new Error('an edit takes no effect without reloads: true');
      write(...args);
    };
  const lines = () => written.filter((line) => line.startsWith('{')).map(parseLine);
  return {
    url: proxy.url,
    store,
    pids: proxy.pids,
    text: () => written.join('\n'),
    lines,
    putRoute: edit(putRoute),
    putConsumer: edit(putConsumer),
    putText: edit((name, value) => put(name, value, 'String')),
    remove: edit((id) => store.call('DeleteParameter', { Name: `${root}/routes/${id}` })),
    removeConsumer: edit((username) =>
      store.call('DeleteParameter', { Name: `${root}/consumers/${username}` }),
    ),
    logged: (fields) => eventually(() => lines().find((line) => hasFields(line, fields))),
    close: closeAtEnd(() => Promise.all([proxy.close(), store.close()])),
  };
}

function parseLine(line: string): LogLine {
  return JSON.parse(line) as LogLine;
}

function hasFields(line: LogLine, fields: LogLine): boolean {
  return Object.entries(fields).every(([name, value]) => line[name] === value);
}
