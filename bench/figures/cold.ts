/**
 * Measures a cold start, from the import of the module to the first byte of the response to the first signed request.
 */

import { toProgramPath } from '../harness/bundles.ts';
import { type CpuQuota, createCpuQuota } from '../harness/cpu-quota.ts';
import { alternate, type Bench, type Figure } from '../harness/figure.ts';
import { print } from '../harness/print.ts';
import { runProcess } from '../harness/process.ts';
import { type Budget, type Row, ratio, toRow } from '../harness/row.ts';
import type { ColdInput, ColdMeasurement } from '../programs/cold.ts';

const fullRounds = 25;
const quickRounds = 5;
/** Lambda's shares of a CPU for functions of these sizes (1,769 MB is one CPU). */
const shares = [
  { share: 0.29, memory: '512 MB' },
  { share: 0.07, memory: '128 MB' },
];
const budget: Budget = { text: '≤ 0.35 × SDK proxy', limit: 0.35, of: ratio };

/** One cold start, and the time at which its first call to Parameter Store arrived. */
interface Start extends ColdMeasurement {
  readonly evaluatedMs: number | undefined;
}

interface Subject {
  readonly name: string;
  readonly handler: string;
  readonly starts: Start[];
}

export const cold: Figure = {
  name: 'cold',
  async measure(bench) {
    const { proxy, empty, sdk } = bench.handlers;
    const ours = toSubject('proxy', proxy);
    const emptyHandler = toSubject('empty handler', empty);
    const sdkProxy = sdk === undefined ? undefined : toSubject('SDK proxy', sdk);
    const subjects = [ours, emptyHandler, ...(sdkProxy ? [sdkProxy] : [])];
    const rounds = bench.isQuick ? quickRounds : fullRounds;
    // The first round fills the disk cache and warms the peer, so its results are discarded.
    await alternate(1, subjects, async ({ handler }) => void (await start(bench, handler)));
    await alternate(rounds, subjects, async ({ handler, starts }) => {
      starts.push(await start(bench, handler));
    });
    const full = [...toRows(ours, sdkProxy), ...toRows(emptyHandler, undefined).slice(-2)];
    return [...full, ...(await measureShares(bench))];
  },
};

/**
 * Measures with a share of a CPU, which applies when Lambda repeats INIT within an invocation. A normal INIT has a
 * whole CPU.
 */
async function measureShares(bench: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { share, memory } of shares) {
    const quota = createCpuQuota(share);
    if (!quota) {
      print(`cold: control groups are not ours to make here; ${share} of a CPU is left out.`);
      continue;
    }
    try {
      const { proxy, empty, sdk } = bench.handlers;
      const ours = toSubject('proxy', proxy);
      const emptyHandler = toSubject('empty handler', empty);
      const sdkProxy = toSubject('SDK proxy', sdk ?? proxy);
      const subjects = [ours, emptyHandler, ...(sdk === undefined ? [] : [sdkProxy])];
      await alternate(bench.isQuick ? 2 : 7, subjects, async ({ handler, starts }) => {
        starts.push(await start(bench, handler, quota));
      });
      const toMs = ({ starts }: Subject) => starts.map(({ firstByteMs }) => firstByteMs);
      const row = (name: string, of: Subject, baseline?: Subject) =>
        toRow({
          figure: 'cold',
          what: `${name}at ${share} of a CPU (${memory}), import to first byte`,
          unit: 'ms',
          values: toMs(of),
          ...(baseline ? { baseline: { name: baseline.name, values: toMs(baseline) } } : {}),
        });
      rows.push(row('', ours, sdk === undefined ? undefined : sdkProxy));
      rows.push(row('empty handler, ', emptyHandler));
    } finally {
      quota.remove();
    }
  }
  return rows;
}

function toSubject(name: string, handler: string): Subject {
  return { name, handler, starts: [] };
}

async function start(
  { node, peer, env }: Bench,
  handler: string,
  quota?: CpuQuota,
): Promise<Start> {
  await peer.takeMarks();
  const input: ColdInput = { handler, path: '/bytes/1024' };
  const measured = await runProcess<ColdMeasurement>({
    node,
    program: toProgramPath('cold'),
    input,
    env,
    quota,
  });
  const { ssmAtMs } = await peer.takeMarks();
  const evaluatedMs = ssmAtMs === undefined ? undefined : ssmAtMs - measured.startedAtMs;
  return { ...measured, evaluatedMs };
}

const stages: readonly {
  readonly what: string;
  readonly of: (start: Start) => number | undefined;
  readonly budget?: Budget;
}[] = [
  { what: 'node itself, before the import', of: ({ bootMs }) => bootMs },
  { what: 'import to the first Parameter Store call', of: ({ evaluatedMs }) => evaluatedMs },
  { what: 'import to table loaded', of: ({ initMs }) => initMs },
  { what: 'import to first byte, CPU', of: ({ firstByteCpuMs }) => firstByteCpuMs },
  { what: 'import to first byte', of: ({ firstByteMs }) => firstByteMs, budget },
];

function toRows({ name, starts }: Subject, baseline: Subject | undefined): Row[] {
  return stages.flatMap(({ what, of, budget: limit }) => {
    const values = starts.map(of).filter((value) => value !== undefined);
    const beside = baseline?.starts.map(of).filter((value) => value !== undefined);
    if (values.length === 0) return [];
    const row = toRow({
      figure: 'cold',
      what: name === 'proxy' ? what : `${name}, ${what}`,
      unit: 'ms',
      values,
      ...(baseline && beside ? { baseline: { name: baseline.name, values: beside } } : {}),
      ...(limit && beside ? { budget: limit } : {}),
    });
    return [row];
  });
}
