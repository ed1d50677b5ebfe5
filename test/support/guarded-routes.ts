/** Routes with plugins in the built artefact, and an upstream that reports the requests that it received. */
import { type Artefact, startArtefact } from './artefact.ts';
import { type ClientRequest, type ClientResponse, send } from './client.ts';
import { startUpstream, type Upstream } from './upstream.ts';

type Plugins = Readonly<Record<string, unknown>>;
type Headers = NonNullable<ClientRequest['headers']>;

export interface GuardedRoutesOptions {
  /** Plugins by route; `orders` is served at `/orders` and below it. */
  readonly routes: Readonly<Record<string, Plugins>>;
  /** Plugins by user name, or whole documents. */
  readonly consumers?: Readonly<Record<string, Plugins>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Whether edits are taken up. @default false */
  readonly reloads?: boolean;
}

export interface GuardedRoutes {
  readonly artefact: Artefact;
  readonly upstream: Upstream;
  /** @param target of a GET, or a whole request */
  ask(target: string | ClientRequest, headers?: Headers): Promise<Answer>;
  close(): Promise<unknown>;
}

export interface Answer extends ClientResponse {
  /** The sentence of a problem. */
  readonly detail: string | undefined;
  /** The request that the upstream received; undefined if it received none. */
  readonly arrived: Arrived | undefined;
}

export interface Arrived {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export async function startGuardedRoutes(options: GuardedRoutesOptions): Promise<GuardedRoutes> {
  const upstream = await startUpstream({
    answer: ({ method, target, rawHeaders, body }, response) => {
      const headers = Object.fromEntries(rawHeaders);
      response.end(JSON.stringify({ method, target, headers, body: body.toString() }));
    },
  });
  const signed = { function_uri: `${upstream.url}/`, authorization: { iam: {} } };
  const artefact = await startArtefact({
    routes: mapValues(options.routes, (plugins, id) => ({
      uris: [`/${id}`, `/${id}/*`],
      plugins: { 'aws-lambda': signed, ...plugins },
    })),
    consumers: mapValues(options.consumers ?? {}, (document) =>
      'plugins' in document ? document : { plugins: document },
    ),
    secrets: options.secrets ?? {},
    reloads: options.reloads ?? false,
  });
  return {
    artefact,
    upstream,
    async ask(target, headers = []) {
      const request = typeof target === 'string' ? { target, headers } : target;
      return toAnswer(await send(artefact.url, request));
    },
    close: () => Promise.all([artefact.close(), upstream.close()]),
  };
}

function toAnswer(response: ClientResponse): Answer {
  const isOurs = response.header('countersign-error') !== undefined;
  const detail = isOurs ? response.json()['detail'] : undefined;
  return {
    ...response,
    detail: typeof detail === 'string' ? detail : undefined,
    arrived:
      isOurs || response.body.length === 0 ? undefined : (response.json() as unknown as Arrived),
  };
}

function mapValues<T, U>(
  values: Readonly<Record<string, T>>,
  map: (value: T, key: string) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value, key)]));
}
