/** Everything that happens to the proxy while clients ask: faults of both upstreams and of Parameter Store, freezes, edits. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ParameterStore } from '../../local/parameter-store/parameter-store.ts';
import { LOCAL_PARAMETER_PATH } from '../../local/stack/seeds.ts';
import { begin, count, end, type Ledger, setState, toNamedKey } from './ledger.ts';
import type { Random } from './random.ts';
import {
  allRoutes,
  brokenDocuments,
  movingRoutes,
  type RouteId,
  toDocument,
  type UpstreamUrls,
} from './routes.ts';
import { type StoreFault, storeFaults } from './store-faults.ts';
import { type SoakUpstream, upstreamFaults } from './upstream.ts';

export interface World {
  readonly ledger: Ledger;
  readonly random: Random;
  readonly store: ParameterStore;
  readonly steady: SoakUpstream;
  readonly shaky: SoakUpstream;
  readonly pids: () => readonly number[];
  /** What Parameter Store does to every call. */
  setStoreFault(next: StoreFault | undefined): void;
  /** Ends the chaos. */
  readonly signal: AbortSignal;
}

/** Settles when the signal has come and everything is well again. */
export async function makeChaos(world: World): Promise<void> {
  // Each with decisions of its own, so that what the machine does between them changes none.
  const again = async (name: string, [min, max]: Pause, action: Action) => {
    const own = { ...world, random: world.random.fork(name) };
    for (;;) {
      await waitFor(own.random.between(min, max), world.signal);
      if (world.signal.aborted) return;
      await action(own);
    }
  };
  await Promise.all([
    again('steady', [200, 1500], (own) => vexUpstream(own, own.steady)),
    again('shaky', [200, 1500], (own) => vexUpstream(own, own.shaky)),
    again('connections', [2000, 6000], refuseConnections),
    again('store', [500, 4500], vexStore),
    again('freezes', [500, 2500], freeze),
    again('edits', [100, 900], async (own) => edit(own)),
  ]);
}

type Pause = readonly [minMs: number, maxMs: number];
type Action = (world: World) => Promise<void>;

async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => {});
}

async function vexUpstream({ random, signal }: World, upstream: SoakUpstream): Promise<void> {
  const fault = random.pick(upstreamFaults);
  const maxProbability = fault === 'hang' ? 0.15 : 0.5;
  upstream.setMode({ fault, probability: random.between(0.02, maxProbability) });
  await waitFor(random.between(200, 1500), signal);
  upstream.setMode(undefined);
}

async function refuseConnections({ ledger, random, shaky, signal }: World): Promise<void> {
  count(ledger, 'upstream: refused connections');
  const outage = begin(ledger.outages);
  await shaky.stop();
  await waitFor(random.between(50, 500), signal);
  await shaky.start();
  end(outage);
}

async function vexStore({ ledger, random, setStoreFault, signal }: World): Promise<void> {
  const names = Object.keys(storeFaults);
  // In turn, so that even a short run has several.
  const name = names[ledger.storeFaults.length % names.length] ?? '';
  count(ledger, `parameter store: ${name}`);
  const span = begin(ledger.storeFaults);
  setStoreFault(storeFaults[name]);
  await waitFor(random.between(300, 1500), signal);
  setStoreFault(undefined);
  end(span);
}

async function freeze({ ledger, random, pids, signal }: World): Promise<void> {
  const running = pids();
  if (running.length === 0) return;
  const pid = random.pick(running);
  count(ledger, 'environment frozen');
  const span = begin(ledger.freezes);
  process.kill(pid, 'SIGSTOP');
  await waitFor(random.between(50, 800), signal);
  process.kill(pid, 'SIGCONT');
  end(span);
}

const versions = new WeakMap<Ledger, number>();

function nextVersion(ledger: Ledger): number {
  const version = (versions.get(ledger) ?? 0) + 1;
  versions.set(ledger, version);
  return version;
}

type EditTools = Pick<World, 'ledger' | 'store'> & { readonly urls: UpstreamUrls };

/** Puts every route and the secret at their first versions. */
export function putAll(tools: EditTools): void {
  putSecret(tools);
  for (const route of allRoutes) putRoute(tools, route);
}

function edit(world: World): void {
  const { ledger, random } = world;
  const urls = { steady: world.steady.url, shaky: world.shaky.url };
  const tools = { ...world, urls };
  const kind = random.pick(['valid', 'valid', 'broken', 'moving', 'anew', 'secret']);
  count(ledger, `edit: ${kind}`);
  if (kind === 'secret') putSecret(tools);
  else if (kind === 'valid') putRoute(tools, random.pick(allRoutes));
  else if (kind === 'moving') move(tools, random.pick(movingRoutes));
  else if (kind === 'anew')
    makeAnew(tools, random.pick(movingRoutes), random.pick(brokenDocuments));
  else breakRoute(tools, random.pick(allRoutes), random.pick(brokenDocuments));
}

function put({ store }: EditTools, name: string, value: string, type = 'String'): void {
  const Name = `${LOCAL_PARAMETER_PATH}/${name}`;
  store.call('PutParameter', { Name, Value: value, Type: type, Overwrite: true });
}

function putSecret(tools: EditTools): void {
  const value = `key-${nextVersion(tools.ledger)}`;
  setState(tools.ledger, 'secret', value);
  put(tools, 'secrets/key', value, 'SecureString');
}

function putRoute(tools: EditTools, route: RouteId): void {
  const version = `v${nextVersion(tools.ledger)}`;
  setState(tools.ledger, route, version);
  setState(tools.ledger, toNamedKey(route), route);
  put(tools, `routes/${route}`, JSON.stringify(toDocument(route, version, tools.urls)));
}

function isThere({ ledger }: EditTools, route: RouteId): boolean {
  return ledger.states.get(route)?.at(-1)?.value !== 'absent';
}

/** What is not there would come into being broken, and never have been valid. */
function breakRoute(tools: EditTools, route: RouteId, text: string): void {
  if (!isThere(tools, route)) return;
  setState(tools.ledger, toNamedKey(route), /"uri": "\/([a-z-]+)\//.exec(text)?.[1] ?? '');
  put(tools, `routes/${route}`, text);
}

function move(tools: EditTools, route: RouteId): void {
  if (!isThere(tools, route)) {
    putRoute(tools, route);
    return;
  }
  setState(tools.ledger, route, 'absent');
  tools.store.call('DeleteParameter', { Name: `${LOCAL_PARAMETER_PATH}/routes/${route}` });
}

/** A second version that is malformed, before anyone has read the first one: only the history has it. */
function makeAnew(tools: EditTools, route: RouteId, text: string): void {
  if (isThere(tools, route)) move(tools, route);
  putRoute(tools, route);
  breakRoute(tools, route, text);
}
