/** Measures matching and loading with few and many routes. The sizes take turns in short blocks in one process. */

import type { ProxyRequest } from '../../functions/proxy/http/message.ts';
import { createMatcher } from '../../functions/proxy/routes/create-matcher.ts';
import type { Matcher } from '../../functions/proxy/routes/match.ts';
import type { Route } from '../../functions/proxy/routes/route.ts';
import { parseUri } from '../../functions/proxy/routes/uri.ts';
import { loadRoutes } from './load-routes.ts';
import { type RouteShape, toHitRequest, toMissRequest, toShape } from './route-mix.ts';

export interface MatchInput {
  readonly sizes: readonly number[];
  readonly rounds: number;
  readonly loadRounds: number;
}

export interface MatchSubject {
  /** Nanoseconds for each request, one value for each round. */
  readonly hitNs: readonly number[];
  readonly missNs: readonly number[];
  /** Microseconds for each route of a complete first load without the network, one value for each round. */
  readonly loadUs: readonly number[];
  /** Heap of each route of a loaded table; run with --expose-gc. */
  readonly bytesPerRoute: number;
}

/** Results by number of routes. */
export type MatchMeasurement = Readonly<Record<string, MatchSubject>>;

const input = JSON.parse(process.argv[2] ?? '') as MatchInput;
/** Requests of one block. Each size gets as many different requests as it has routes. */
const requestsPerBlock = 20_000;
const distinctRequests = 2000;

interface Subject {
  readonly size: number;
  readonly matcher: Matcher;
  readonly hits: readonly ProxyRequest[];
  readonly misses: readonly ProxyRequest[];
  readonly hitNs: number[];
  readonly missNs: number[];
  readonly loadUs: number[];
}

const subjects = input.sizes.map(toSubject);
const warmUpRounds = 3;
for (let round = -warmUpRounds; round < input.rounds; round += 1) {
  for (const subject of subjects) {
    const hitNs = timeBlock(subject.matcher, subject.hits, true);
    const missNs = timeBlock(subject.matcher, subject.misses, false);
    if (round < 0) continue;
    subject.hitNs.push(hitNs);
    subject.missNs.push(missNs);
  }
}
for (let round = -1; round < input.loadRounds; round += 1) {
  for (const { size, loadUs } of subjects) {
    const startedMs = performance.now();
    await loadRoutes(shapes(size));
    if (round >= 0) loadUs.push(((performance.now() - startedMs) * 1000) / size);
  }
}
const measurement: Record<number, MatchSubject> = {};
for (const { size, hitNs, missNs, loadUs } of subjects) {
  const bytesPerRoute = await weighRoutes(size);
  measurement[size] = { hitNs, missNs, loadUs, bytesPerRoute };
}
process.send?.(measurement satisfies MatchMeasurement, () => process.exit(0));

async function weighRoutes(size: number): Promise<number> {
  const before = measureHeap();
  const table = await loadRoutes(shapes(size));
  const bytes = measureHeap() - before;
  if (table.documents.size !== size) throw new Error('a route is missing');
  return bytes / size;
}

function measureHeap(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed;
}

function toSubject(size: number): Subject {
  const all = shapes(size);
  const spread = Array.from(
    { length: distinctRequests },
    // The step is coprime to the sizes, so it visits routes in all parts of the table.
    (_, index) => all[(index * 7919) % size] as RouteShape,
  );
  return {
    size,
    matcher: createMatcher(all.map(toRoute)),
    hits: spread.map(toHitRequest),
    misses: spread.map(toMissRequest),
    hitNs: [],
    missNs: [],
    loadUs: [],
  };
}

function shapes(size: number): RouteShape[] {
  return Array.from({ length: size }, (_, index) => toShape(index));
}

function toRoute({ id, uri, host }: RouteShape): Route {
  return {
    id,
    parameter: `/countersign/bench/routes/${id}`,
    uris: [parseUri(uri)],
    hosts: [host ?? ''],
    methods: undefined,
    priority: 0,
    isEnabled: true,
    isAvailable: true,
    isOpen: true,
    secretParameters: [],
    plugins: [],
    handle: () => Promise.reject(new Error('only matched here')),
  };
}

function timeBlock(matcher: Matcher, requests: readonly ProxyRequest[], isHit: boolean): number {
  let found = 0;
  const startedMs = performance.now();
  for (let count = 0; count < requestsPerBlock; count += 1) {
    const request = requests[count % requests.length] as ProxyRequest;
    if (isMatch(matcher, request)) found += 1;
  }
  const tookMs = performance.now() - startedMs;
  if (found !== (isHit ? requestsPerBlock : 0)) throw new Error(`${found} matches`);
  return (tookMs * 1e6) / requestsPerBlock;
}

function isMatch(matcher: Matcher, request: ProxyRequest): boolean {
  try {
    return matcher.match(request).route.id !== '';
  } catch {
    return false;
  }
}
