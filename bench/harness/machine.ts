/** Describes the machine without identifying it. */
import { cpus, loadavg, totalmem } from 'node:os';

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  readonly platform: string;
  /** Version of the measured Node. */
  readonly node: string;
  /** Load average of one minute before the first figure. Above 0.5 other processes were running. */
  readonly loadBefore: number;
}

export function describeMachine(node: string): Machine {
  const all = cpus();
  return {
    cores: all.length,
    cpu: all[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    node,
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}
