/** Measures awslabs/aws-sigv4-proxy, a signing proxy that listens on a port, if SIGV4_PROXY_BIN names its binary. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { toProgramPath } from '../harness/bundles.ts';
import type { Bench, Figure } from '../harness/figure.ts';
import { print } from '../harness/print.ts';
import { runProcess } from '../harness/process.ts';
import { type Row, toRow } from '../harness/row.ts';
import type { FrontInput, FrontMeasurement } from '../programs/front.ts';
import { toDirectTarget } from './direct-target.ts';

/** Linux counts the CPU time of a process in hundredths of a second. */
const tickMs = 10;
const startTimeoutMs = 5000;

export const peers: Figure = {
  name: 'peers',
  async measure(bench) {
    const binary = bench.sigv4Proxy;
    if (!binary) {
      print('peers: SIGV4_PROXY_BIN names no aws-sigv4-proxy, which is left out.');
      return [];
    }
    return measureProxy(bench, binary);
  },
};

async function measureProxy(bench: Bench, binary: string): Promise<Row[]> {
  const port = await findFreePort();
  const { host, upstreamPort } = bench.peer;
  const upstream = ['--host', `${host}:${upstreamPort}`, '--upstream-url-scheme', 'http'];
  const scope = ['--name', 'lambda', '--region', 'us-east-1'];
  const child = spawn(binary, ['--port', `:${port}`, ...upstream, ...scope], {
    env: { ...bench.env },
    stdio: 'ignore',
  });
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  try {
    await Promise.race([waitForPort(port), failed]);
    const rounds = bench.isQuick ? 5 : 25;
    const requestsPerRound = 400;
    const beforeMs = await readCpuMs(child.pid);
    const input: FrontInput = {
      port,
      rounds,
      requestsPerRound,
      handlers: [],
      direct: toDirectTarget(bench),
      bodyBytes: 1024,
    };
    const { front, direct } = await runProcess<FrontMeasurement>({
      node: bench.node,
      program: toProgramPath('front'),
      input,
    });
    const usedMs = (await readCpuMs(child.pid)) - beforeMs;
    const requests = (rounds + 2) * requestsPerRound;
    const what = 'aws-sigv4-proxy, 1 KB request';
    return [
      toRow({
        figure: 'peers',
        what: `${what}, p50`,
        unit: 'µs',
        values: front,
        baseline: { name: 'direct call', values: direct },
      }),
      toRow({
        figure: 'peers',
        what: `${what}, its own CPU`,
        unit: 'µs',
        values: [(usedMs * 1000) / requests],
      }),
    ];
  } finally {
    child.kill();
  }
}

function findFreePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function waitForPort(port: number): Promise<void> {
  const endMs = performance.now() + startTimeoutMs;
  while (performance.now() < endMs) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('aws-sigv4-proxy does not listen');
}

/** User and system time of a process, from /proc. */
async function readCpuMs(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}
