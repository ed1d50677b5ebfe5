import { join } from 'node:path';
import { startApiGateway } from '../api-gateway/api-gateway.ts';
import { startFunctionUrl } from '../function-url/function-url.ts';
import type { Listening } from '../http-server.ts';
import { invokeInProcess, streamInProcess } from '../invoke.ts';
import { createEnvironmentPool } from '../runtime/environment-pool.ts';
import { echo } from '../upstreams/echo.ts';
import { createServerSentEvents, type EventsOptions } from '../upstreams/server-sent-events.ts';
import { startUsers } from '../upstreams/users.ts';
import { createLocalVerifier } from './credentials.ts';
import { API_STAGE } from './seeds.ts';

/** How the demo upstreams are started. */
export interface UpstreamsOptions {
  /** Folder of the built greeter. @default dist/hello */
  readonly greeterRoot?: string | undefined;
  /** Folder of the built users API. @default dist/users */
  readonly usersRoot?: string | undefined;
  /** First of three ports. @default chosen by the system */
  readonly port?: number | undefined;
  /**
   * Number of ports to try for each.
   * @default 1
   */
  readonly tries?: number | undefined;
  /** The pace of the event stream. */
  readonly events?: EventsOptions | undefined;
  /** Called for each line that the functions' processes write. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/** The demo upstreams. All of them require IAM. */
export interface Upstreams {
  /** The greeter's function URL. */
  readonly helloUrl: string;
  /** The API: greeter at `/default/test-apisix`, echo at `/default/echo`, users at `/default/demo/users`, and below. */
  readonly apiUrl: string;
  /** The function URL of the Server-Sent Events. */
  readonly streamUrl: string;
  readonly pids: () => readonly number[];
  /** Uses another build from now on. It has one folder for each function, as `dist/`. */
  recycle(distRoot: string): void;
  close(): Promise<void>;
}

/** Starts the greeter, the API and the event stream; their URLs end with a slash. */
export async function startUpstreams(options: UpstreamsOptions = {}): Promise<Upstreams> {
  const greeter = createEnvironmentPool({
    taskRoot: options.greeterRoot ?? join(import.meta.dirname, '..', '..', 'dist', 'hello'),
    functionName: 'hello',
    onLine: (line) => options.onLine?.(line),
  });
  const users = await startUsers({ usersRoot: options.usersRoot, onLine: options.onLine });
  const started: Listening[] = [];
  const next = () => {
    const port = (started.at(-1)?.port ?? (options.port ?? 1) - 1) + 1;
    return options.port === undefined ? {} : { port, tries: options.tries };
  };
  const close = async () => {
    await Promise.all([greeter, users, ...started].map((part) => part.close()));
  };
  const verifier = createLocalVerifier('lambda');
  const echoing = invokeInProcess(echo);
  const events = streamInProcess(createServerSentEvents(options.events));
  try {
    const hello = await startFunctionUrl({ ...next(), invoke: greeter.invoke, verifier });
    started.push(hello);
    const api = await startApiGateway({
      ...next(),
      stage: API_STAGE,
      verifier: createLocalVerifier('execute-api'),
      resources: [
        { path: '/test-apisix', invoke: greeter.invoke },
        { path: '/echo', invoke: echoing },
        { path: '/echo/{proxy+}', invoke: echoing },
        ...users.resources,
      ],
    });
    started.push(api);
    const stream = await startFunctionUrl({
      ...next(),
      ...{ invoke: events, invokeMode: 'RESPONSE_STREAM', verifier },
    });
    started.push(stream);
    const [helloUrl, apiUrl, streamUrl] = [`${hello.url}/`, `${api.url}/`, `${stream.url}/`];
    const pids = () => [...greeter.pids(), ...users.pids()];
    const recycle = (distRoot: string) => {
      greeter.recycle(join(distRoot, 'hello'));
      users.recycle(join(distRoot, 'users'));
    };
    return { helloUrl, apiUrl, streamUrl, pids, recycle, close };
  } catch (error) {
    await close();
    throw error;
  }
}
