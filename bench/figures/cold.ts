/** A cold start: from the import of the module to the first byte of the first signed request's answer. */

import { toProgramPath } from '../harness/bundles.ts';
import { alternate, type Bench, type Figure } from '../harness/figure.ts';
import { runProcess } from '../harness/process.ts';
import { type Budget, type Row, ratio, toRow } from '../harness/row.ts';
import type { ColdInput, ColdMeasurement } from '../programs/cold.ts';

const fullRounds = 25;
const quickRounds = 5;
const budget: Budget = { text: '≤ 0.35 × SDK proxy', limit: 0.35, of: ratio };

/** One cold start, and when its first call to Parameter Store arrived there. */
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
    // The first round fills the disk cache and warms the peer; it is thrown away.
    await alternate(1, subjects, async ({ handler }) => void (await start(bench, handler)));
    await alternate(rounds, subjects, async ({ handler, starts }) => {
      starts.push(await start(bench, handler));
    });
    return [...toRows(ours, sdkProxy), ...toRows(emptyHandler, undefined).slice(-2)];
  },
};

function toSubject(name: string, handler: string): Subject {
  return { name, handler, starts: [] };
}

async function start({ node, peer, env }: Bench, handler: string): Promise<Start> {
  await peer.takeMarks();
  const input: ColdInput = { handler, path: '/bytes/1024' };
  const measured = await runProcess<ColdMeasurement>({
    node,
    program: toProgramPath('cold'),
    input,
    env,
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
