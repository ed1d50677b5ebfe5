/** Clients ask the built artefact while chaos is made around it; an oracle judges every answer. */
import { setTimeout as pause } from 'node:timers/promises';
import { type RunningProxy, startProxy } from '../../local/stack/proxy.ts';
import { type ClientResponse, send } from '../support/client.ts';
import { makeChaos, putAll, type World } from './chaos.ts';
import { count, createLedger, refreshMs, slackMs } from './ledger.ts';
import { createLogBook, type LogBook } from './log-book.ts';
import { type Asked, toName } from './message.ts';
import { judge } from './oracle.ts';
import { createRandom, type Random } from './random.ts';
import { findGrowth, type Sample, takeSample } from './resources.ts';
import { allRoutes } from './routes.ts';
import { startFaultyStore } from './store-faults.ts';
import { startSoakUpstream } from './upstream.ts';

export interface SoakOptions {
  readonly requests: number;
  readonly seed: number;
  /** Ends the run, finished or not. */
  readonly seconds: number;
  readonly environments: number;
  /** Folder of the built artefact. @default dist/proxy */
  readonly proxyRoot?: string | undefined;
  readonly onProgress?: (line: string) => void;
}

export interface SoakReport {
  readonly requests: number;
  readonly seconds: number;
  readonly outcomes: ReadonlyMap<string, number>;
  readonly injected: ReadonlyMap<string, number>;
  readonly logged: ReadonlyMap<string, number>;
  readonly violations: readonly Violation[];
  /** Longest time for which a replaced document still answered. */
  readonly longestStaleMs: number;
  readonly longestMs: number;
  readonly samples: readonly Sample[];
}

/** A client waits longer than Lambda may take. */
const lambdaTimeoutMs = 7000;
const patienceMs = 10_000;
const samples = 10;

/** What should not have been. */
export interface Violation {
  readonly fact: string;
  /** What the proxy wrote about it. */
  readonly said: readonly string[];
}

interface Run extends Omit<World, 'signal'> {
  readonly options: SoakOptions;
  readonly log: LogBook;
  readonly url: string;
  readonly outcomes: Map<string, number>;
  readonly violations: Violation[];
  readonly samples: Sample[];
  readonly endMs: number;
  asked: number;
  longestStaleMs: number;
  longestMs: number;
}

export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const ledger = createLedger();
  const random = createRandom(options.seed);
  const log = createLogBook();
  const { store, setStoreFault } = await startFaultyStore(ledger);
  const steady = await startSoakUpstream({ ledger, random });
  const shaky = await startSoakUpstream({ ledger, random });
  let proxy: RunningProxy | undefined;
  try {
    putAll({ ledger, store, urls: { steady: steady.url, shaky: shaky.url } });
    proxy = await startProxy({
      parameterStoreUrl: store.url,
      proxyRoot: options.proxyRoot,
      env: { COUNTERSIGN_REFRESH_SECONDS: String(refreshMs / 1000) },
      timeoutMs: lambdaTimeoutMs,
      maxEnvironments: options.environments,
      onLine: log.add,
    });
    const { url, pids } = proxy;
    const begunMs = Date.now();
    const run: Run = {
      ...{ options, ledger, log, random, store, steady, shaky, url, pids, setStoreFault },
      ...{ outcomes: new Map(), violations: [], samples: [] },
      ...{ asked: 0, longestStaleMs: 0, longestMs: 0, endMs: begunMs + options.seconds * 1000 },
    };
    await play(run);
    const { outcomes, violations, longestStaleMs, longestMs } = run;
    const others = [...findGrowth(run.samples), ...findUnlogged(run)];
    return {
      ...{ outcomes, longestStaleMs, longestMs, logged: log.counts, samples: run.samples },
      violations: [...violations, ...others.map((fact) => ({ fact, said: [] }))],
      requests: run.asked,
      seconds: (Date.now() - begunMs) / 1000,
      injected: ledger.counts,
    };
  } finally {
    await proxy?.close();
    await Promise.all([store.close(), steady.stop(), shaky.stop()]);
  }
}

async function play(run: Run): Promise<void> {
  const { environments } = run.options;
  const ask = () => askOnce(run);
  // Every environment is there before the chaos begins: with slow answers, no two requests share one.
  run.steady.setMode({ fault: 'slow', probability: 1 });
  run.shaky.setMode({ fault: 'slow', probability: 1 });
  await Promise.all(Array.from({ length: environments }, ask));
  run.steady.setMode(undefined);
  run.shaky.setMode(undefined);
  const ending = new AbortController();
  const chaos = makeChaos({ ...run, signal: ending.signal });
  const client = async () => {
    while (run.asked < run.options.requests && Date.now() < run.endMs) {
      await ask();
      await sampleWhenDue(run);
    }
  };
  await Promise.all(Array.from({ length: environments }, client));
  ending.abort();
  await chaos;
  // What chaos left behind is answered away, then the last sample is taken.
  for (let rest = 0; rest < 20 * environments; rest += 1) await ask();
  run.samples.push(await takeSample(run));
}

async function sampleWhenDue(run: Run): Promise<void> {
  const { options, samples: taken } = run;
  if (run.asked < ((taken.length + 1) * options.requests) / samples) return;
  // Its place is taken at once, so that no other client takes it too.
  const place = taken.push({ asked: run.asked, rssMb: [], sockets: [], upstreamSockets: 0 }) - 1;
  const sample = await takeSample(run);
  taken[place] = sample;
  const rss = sample.rssMb.map((mb) => mb.toFixed(0)).join(' ');
  options.onProgress?.(
    `${run.asked} requests, ${run.violations.length} violations, MB: ${rss}, upstream sockets: ${sample.upstreamSockets}`,
  );
}

function toAsked(seeded: Random, number: number): Asked {
  const random = seeded.fork(`request ${number}`);
  const route = random.pick(allRoutes);
  const method = random.pick(['GET', 'GET', 'PUT', 'POST'] as const);
  const size = random.chance(0.04) ? random.between(65_000, 200_000) : random.between(0, 3000);
  const bodySize = Math.floor(random.between(0, 2000));
  const body = method === 'GET' ? undefined : Buffer.alloc(bodySize, String(number));
  return { route, method, body, name: toName(number, Math.floor(size)) };
}

async function askOnce(run: Run): Promise<void> {
  const { ledger, random, url } = run;
  run.asked += 1;
  const asked = toAsked(random, run.asked);
  const { route, name, method, body } = asked;
  const target = `/${route}/${name}`;
  const fromMs = Date.now();
  try {
    const answer = await withPatience(send(url, { target, method, ...(body ? { body } : {}) }));
    const period = { fromMs, untilMs: Date.now() };
    const verdict = judge({ asked, answer, period, ledger });
    if (route === 'breaker' && answer.status >= 500) ledger.lastFailureMs = Date.now();
    run.outcomes.set(verdict.outcome, (run.outcomes.get(verdict.outcome) ?? 0) + 1);
    run.longestStaleMs = Math.max(run.longestStaleMs, verdict.staleMs ?? 0);
    if (verdict.violation) await noteViolation(run, verdict.violation, name);
  } catch (error) {
    count(ledger, 'unanswered');
    await noteViolation(run, `unanswered: ${method} ${target}: ${error}`, name);
  }
  run.longestMs = Math.max(run.longestMs, Date.now() - fromMs);
  ledger.seen.delete(name);
}

async function noteViolation({ violations, log }: Run, fact: string, name: string): Promise<void> {
  // The environment writes its line after the answer.
  await pause(slackMs);
  violations.push({ fact, said: log.about(name) });
}

function withPatience(answer: Promise<ClientResponse>): Promise<ClientResponse> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${patienceMs} ms`)), patienceMs);
  });
  return Promise.race([answer, over]).finally(() => clearTimeout(timer));
}

/** One line a request, no more and no fewer; and no environment was ever replaced. */
function findUnlogged(run: Run): string[] {
  const { counts } = run.log;
  const lines = counts.get('access') ?? 0;
  const found = lines === run.asked ? [] : [`${run.asked} requests, ${lines} access lines`];
  // Cuts end the handler with an error, which Lambda's runtime prints.
  const text = [...counts.keys()].filter(
    (name) => name.startsWith('text') && !/^text: (Error: response cut|\s+at )/.test(name),
  );
  return [...found, ...text.map((line) => `the proxy wrote ${line}`)];
}
