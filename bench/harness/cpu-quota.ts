/** A control group with a share of one CPU, as a small function has it, on machines that allow it. */
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CpuQuota {
  /** File to which the ids of the limited processes are written. */
  readonly processesFile: string;
  remove(): void;
}

/** Lambda allots its share in periods of 20 ms. */
const periodUs = 20_000;
const name = `countersign-bench-${process.pid}`;

/** @returns undefined if control groups cannot be created: no Linux, no root, or a read-only mount */
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
      // Without O_CREAT, because if cgroups are not mounted this is an ordinary folder.
      writeFileSync(join(folder, file), value, { flag: 'r+' });
    }
    return { processesFile: join(folder, 'cgroup.procs'), remove: () => rmdirSync(folder) };
  } catch {
    rmdirSync(folder);
    return undefined;
  }
}
