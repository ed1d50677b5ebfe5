/**
 * The built artefact with a route for each set of plugins, and an upstream that reports the requests that it received.
 */
import { type Artefact, type ArtefactOptions, startArtefact } from './artefact.ts';
import { type ClientRequest, type ClientResponse, send } from './client.ts';
import { startUpstream, type Upstream, type UpstreamOptions } from './upstream.ts';

export interface Guarded {
  readonly artefact: Artefact;
  readonly upstream: Upstream;
  /** Sends to the route of that name; `target` follows its path. */
  ask(route: string, request?: Partial<ClientRequest>): Promise<ClientResponse>;
  close(): Promise<unknown>;
}

export interface GuardedOptions extends Omit<ArtefactOptions, 'routes'> {
  readonly answer?: UpstreamOptions['answer'];
}

/** @param routes plugins by name of route, without the upstream plugin */
export async function startGuarded(
  routes: Readonly<Record<string, object>>,
  { answer, ...options }: GuardedOptions = {},
): Promise<Guarded> {
  const upstream = await startUpstream(answer ? { answer } : {});
  const lambda = { function_uri: `${upstream.url}/` };
  const documents = Object.entries(routes).map(([name, plugins]) => [
    name,
    { uris: [`/${name}`, `/${name}/*`], plugins: { 'aws-lambda': lambda, ...plugins } },
  ]);
  const artefact = await startArtefact({ ...options, routes: Object.fromEntries(documents) });
  return {
    artefact,
    upstream,
    ask: (route, request = {}) =>
      send(artefact.url, { ...request, target: `/${route}${request.target ?? ''}` }),
    close: () => Promise.all([artefact.close(), upstream.close()]),
  };
}

/** @returns a header as a client sends it, or none */
export function headers(
  ...list: readonly (readonly [name: string, value: string])[]
): Partial<ClientRequest> {
  return { headers: list };
}
