/** A control group that may use a share of one CPU, as a small function gets it; where the machine lets us make one. */
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CpuQuota {
  /** File that takes the ids of the processes to limit. */
  readonly processesFile: string;
  remove(): void;
}

/** Lambda deals out its share in periods of 20 ms. */
const periodUs = 20_000;
const name = `countersign-bench-${process.pid}`;

/** @returns undefined when control groups are not ours to make: no Linux, no root, a read-only mount */
export function createCpuQuota(share: number): CpuQuota | undefined {
  const quotaUs = Math.round(periodUs * share);
  return (
    tryGroup(join('/sys/fs/cgroup', name), { 'cpu.max': `${quotaUs} ${periodUs}` }) ??
    tryGroup(join('/sys/fs/cgroup/cpu', name), {
      'cpu.cfs_period_us': String(periodUs),
      'cpu.cfs_quota_us': String(quotaUs),
    })
  );
}

function tryGroup(
  folder: string,
  settings: Readonly<Record<string, string>>,
): CpuQuota | undefined {
  try {
    mkdirSync(folder);
  } catch {
    return undefined;
  }
  try {
    for (const [file, value] of Object.entries(settings)) {
      // Without O_CREAT: where cgroups are not mounted this is a folder like any other.
      writeFileSync(join(folder, file), value, { flag: 'r+' });
    }
    return { processesFile: join(folder, 'cgroup.procs'), remove: () => rmdirSync(folder) };
  } catch {
    rmdirSync(folder);
    return undefined;
  }
}
