/**
 * `npm run bench`: measures every figure and prints a table. A full run also writes docs/benchmarks.md and its chart.
 */
import { existsSync } from 'node:fs';
import { processEnv } from '../local/process-env.ts';
import { bundle } from './figures/bundle.ts';
import { cold } from './figures/cold.ts';
import { concurrent } from './figures/concurrent.ts';
import { cost } from './figures/cost.ts';
import { match } from './figures/match.ts';
import { peers } from './figures/peers.ts';
import { sign } from './figures/sign.ts';
import { snapshot } from './figures/snapshot.ts';
import { stream } from './figures/stream.ts';
import { warm } from './figures/warm.ts';
import { bundleBaseline, bundlePrograms, proxyArtefact } from './harness/bundles.ts';
import { toProxyEnvironment } from './harness/environment.ts';
import type { Bench, Figure } from './harness/figure.ts';
import { describeMachine } from './harness/machine.ts';
import { type Options, parseOptions } from './harness/options.ts';
import { findNode, installBaselinePackages } from './harness/packages.ts';
import { startPeer } from './harness/peer.ts';
import { print } from './harness/print.ts';
import { toTextTable } from './harness/report.ts';
import { keepResults } from './harness/results.ts';
import type { Row } from './harness/row.ts';

const figures: readonly Figure[] = [
  bundle,
  cold,
  warm,
  concurrent,
  sign,
  peers,
  match,
  snapshot,
  stream,
  cost,
];

const options = parseOptions(
  process.argv.slice(2),
  figures.map(({ name }) => name),
);
await run(options);

async function run({ isQuick, only, usesOwnNode }: Options): Promise<void> {
  if (!existsSync(proxyArtefact)) throw new Error('dist/ is missing: run `npm run build` first');
  const node = await findNode(usesOwnNode);
  const machine = describeMachine(node.version);
  const hasSdk = await installBaselinePackages();
  await bundlePrograms();
  const handlers = {
    proxy: proxyArtefact,
    empty: await bundleBaseline('empty-handler'),
    sdk: hasSdk ? await bundleBaseline('sdk-proxy') : undefined,
  };
  print(`Node ${machine.node}, ${machine.cores} cores, load ${machine.loadBefore}`);
  const peer = await startPeer(node.path);
  const bench = {
    node: node.path,
    peer,
    isQuick,
    handlers,
    env: toProxyEnvironment(peer),
    sigv4Proxy: processEnv['SIGV4_PROXY_BIN'],
  };
  const chosen = figures.filter(({ name }) => only?.includes(name) ?? true);
  const rows = await measureAll(chosen, bench).finally(() => peer.stop());
  print(`\n${toTextTable(rows)}`);
  if (isQuick || only || !hasSdk) {
    print('\nNot the whole bench: docs/benchmarks.md stays as it is.');
    return;
  }
  await keepResults({ date: new Date().toISOString().slice(0, 10), machine, rows });
  print('\nKept in docs/benchmarks.md and docs/benchmarks.svg.');
}

async function measureAll(chosen: readonly Figure[], bench: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  for (const figure of chosen) {
    const startedMs = performance.now();
    rows.push(...(await figure.measure(bench, rows)));
    print(`${figure.name}: ${Math.round((performance.now() - startedMs) / 1000)} s`);
  }
  return rows;
}
