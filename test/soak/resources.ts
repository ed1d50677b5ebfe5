/** What the environments hold: memory, and sockets as both ends see them. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import type { SoakUpstream } from './upstream.ts';

export interface Sample {
  readonly asked: number;
  /** Resident memory of each environment; empty where the system does not tell. */
  readonly rssMb: readonly number[];
  readonly sockets: readonly number[];
  readonly upstreamSockets: number;
}

interface Sampled {
  readonly asked: number;
  readonly pids: () => readonly number[];
  readonly steady: SoakUpstream;
  readonly shaky: SoakUpstream;
}

export async function takeSample({ asked, pids, steady, shaky }: Sampled): Promise<Sample> {
  const rss = await Promise.all(pids().map(readRssMb));
  const sockets = await Promise.all(pids().map(countSockets));
  return {
    asked,
    rssMb: rss.filter((mb) => mb !== undefined),
    sockets: sockets.filter((number) => number !== undefined),
    upstreamSockets: steady.open() + shaky.open(),
  };
}

const leewayMb = 32;
const leewaySockets = 4;
/** Until then heaps are still growing to their size, and memory says nothing. */
const warmRequests = 5000;

/** Compares the second half of a run with its beginning, when caches and heaps had been filled. */
export function findGrowth(samples: readonly Sample[]): string[] {
  const [warm, last] = [samples[Math.min(1, samples.length - 1)], samples.at(-1)];
  if (warm === undefined || last === undefined) return ['nothing was sampled'];
  const environments = Math.max(1, last.rssMb.length);
  const maxOf = (list: readonly number[]) => Math.max(0, ...list);
  const found: string[] = [];
  const isWarm = warm.asked >= warmRequests;
  if (isWarm && maxOf(last.rssMb) > maxOf(warm.rssMb) + leewayMb) {
    found.push(`memory grew from ${maxOf(warm.rssMb)} to ${maxOf(last.rssMb)} MB`);
  }
  if (maxOf(last.sockets) > maxOf(warm.sockets) + leewaySockets) {
    found.push(`sockets grew from ${maxOf(warm.sockets)} to ${maxOf(last.sockets)}`);
  }
  if (last.upstreamSockets > warm.upstreamSockets + leewaySockets * environments) {
    found.push(
      `the upstreams' connections grew from ${warm.upstreamSockets} to ${last.upstreamSockets}`,
    );
  }
  return found;
}

async function readRssMb(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}

async function countSockets(pid: number): Promise<number | undefined> {
  const folder = `/proc/${pid}/fd`;
  const descriptors = await readdir(folder).catch(() => undefined);
  if (descriptors === undefined) return undefined;
  const links = await Promise.all(
    descriptors.map((descriptor) => readlink(`${folder}/${descriptor}`).catch(() => '')),
  );
  return links.filter((link) => link.startsWith('socket:')).length;
}
