/** Everything that happens to the proxy while clients ask: faults of both upstreams and of Parameter Store, freezes, edits. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Interception, ParameterStore } from '../../local/parameter-store/parameter-store.ts';
import { LOCAL_PARAMETER_PATH } from '../../local/stack/seeds.ts';
import { begin, count, end, type Ledger, setState } from './ledger.ts';
import type { Random } from './random.ts';
import {
  allRoutes,
  brokenDocuments,
  movingRoutes,
  type RouteId,
  toDocument,
  type UpstreamUrls,
} from './routes.ts';
import { type SoakUpstream, upstreamFaults } from './upstream.ts';

export interface World {
  readonly ledger: Ledger;
  readonly random: Random;
  readonly store: ParameterStore;
  readonly steady: SoakUpstream;
  readonly shaky: SoakUpstream;
  readonly pids: () => readonly number[];
  /** What Parameter Store does to every call. */
  setInterception(next: (() => Interception | Promise<undefined> | undefined) | undefined): void;
  /** Ends the chaos. */
  readonly signal: AbortSignal;
}

/** Settles when the signal has come and everything is well again. */
export async function makeChaos(world: World): Promise<void> {
  const { random } = world;
  const again = async (action: () => Promise<void>, min: number, max: number) => {
    for (;;) {
      await waitFor(random.between(min, max), world.signal);
      if (world.signal.aborted) return;
      await action();
    }
  };
  await Promise.all([
    again(() => vexUpstream(world, world.steady), 200, 1500),
    again(() => vexUpstream(world, world.shaky), 200, 1500),
    again(() => refuseConnections(world), 2000, 6000),
    again(() => vexStore(world), 1000, 9000),
    again(() => freeze(world), 500, 2500),
    again(async () => edit(world), 100, 900),
  ]);
}

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

const storeFaults: Readonly<Record<string, () => Interception | Promise<undefined>>> = {
  throttled: () => ({ type: 'ThrottlingException', message: 'Rate exceeded', status: 400 }),
  failing: () => ({ type: 'InternalServerError', status: 500 }),
  hanging: () => new Promise(() => {}),
  'hung up': () => 'hang-up',
  'not JSON': () => ({ body: '<html>' }),
  'cut JSON': () => ({ body: '{"Parameters":[' }),
  'without parameters': () => ({ body: '{}' }),
  'with strange parameters': () => ({ body: '{"Parameters":[{"Name":7},null]}' }),
};

async function vexStore({ ledger, random, setInterception, signal }: World): Promise<void> {
  const names = Object.keys(storeFaults);
  // In turn, so that even a short run has several.
  const name = names[ledger.storeFaults.length % names.length] ?? '';
  count(ledger, `parameter store: ${name}`);
  const fault = begin(ledger.storeFaults);
  setInterception(storeFaults[name]);
  await waitFor(random.between(300, 1500), signal);
  setInterception(undefined);
  end(fault);
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
  const kind = random.pick(['valid', 'valid', 'broken', 'moving', 'secret']);
  count(ledger, `edit: ${kind}`);
  if (kind === 'secret') putSecret(tools);
  else if (kind === 'valid') putRoute(tools, random.pick(allRoutes));
  else if (kind === 'moving') move(tools, random.pick(movingRoutes));
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
  put(tools, `routes/${route}`, JSON.stringify(toDocument(route, version, tools.urls)));
}

function isThere({ ledger }: EditTools, route: RouteId): boolean {
  return ledger.states.get(route)?.at(-1)?.value !== 'absent';
}

/** What is not there would come into being broken, and never have been valid. */
function breakRoute(tools: EditTools, route: RouteId, text: string): void {
  if (isThere(tools, route)) put(tools, `routes/${route}`, text);
}

function move(tools: EditTools, route: RouteId): void {
  if (!isThere(tools, route)) {
    putRoute(tools, route);
    return;
  }
  setState(tools.ledger, route, 'absent');
  tools.store.call('DeleteParameter', { Name: `${LOCAL_PARAMETER_PATH}/routes/${route}` });
}
