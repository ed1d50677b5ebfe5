/** Measures a request in a warm process, compared with a client that signs and calls the upstream by itself. */
import { toProgramPath } from '../harness/bundles.ts';
import { pluginTree } from '../harness/environment.ts';
import type { Bench, Figure } from '../harness/figure.ts';
import { runProcess } from '../harness/process.ts';
import { addedRatio, type Budget, type Row, type RowOptions, toRow } from '../harness/row.ts';
import type { AllocateInput, AllocateMeasurement } from '../programs/allocate.ts';
import type { WarmInput, WarmMeasurement, WarmSubject } from '../programs/warm.ts';
import { toSubjects } from './request-subjects.ts';

interface Size {
  readonly text: string;
  readonly bodyBytes: number;
  readonly rounds: number;
  readonly requestsPerRound: number;
  readonly budget?: Budget;
}

const budget: Budget = { text: 'adds ≤ 1.5 × direct call', limit: 1.5, of: addedRatio };

const sizes: readonly Size[] = [
  // 20,000 requests of each subject.
  { text: '1 KB', bodyBytes: 1024, rounds: 25, requestsPerRound: 800, budget },
  { text: '1 MB', bodyBytes: 2 ** 20, rounds: 15, requestsPerRound: 20 },
];

export const warm: Figure = {
  name: 'warm',
  async measure(bench) {
    const rows: Row[] = [];
    for (const size of sizes) rows.push(...(await measureSize(bench, size)));
    return [...rows, ...(await measureAllocations(bench))];
  },
};

async function measureSize(bench: Bench, size: Size): Promise<Row[]> {
  const { bodyBytes, rounds, requestsPerRound } = size;
  const input: WarmInput = {
    ...toSubjects(bench, bodyBytes),
    rounds: bench.isQuick ? Math.ceil(rounds / 5) : rounds,
    requestsPerRound,
  };
  const measured = await runProcess<WarmMeasurement>({
    node: bench.node,
    program: toProgramPath('warm'),
    input,
    env: { ...bench.env, COUNTERSIGN_PARAMETER_PATH: pluginTree },
  });
  const { direct, ...others } = measured;
  if (!direct) throw new Error('the warm program left the baseline out');
  return Object.entries(others).flatMap(([name, subject]) => {
    const what = name === 'proxy' ? `${size.text} request` : `${size.text} request, ${name}`;
    return toRows(what, subject, { direct, limit: name === 'proxy' ? size.budget : undefined });
  });
}

interface Beside {
  readonly direct: WarmSubject;
  readonly limit: Budget | undefined;
}

function toRows(what: string, ours: WarmSubject, { direct, limit }: Beside): Row[] {
  const row = (aspect: string, of: (subject: WarmSubject) => readonly number[], own?: Budget) =>
    toRow({
      figure: 'warm',
      what: `${what}, ${aspect}`,
      unit: 'µs',
      values: of(ours),
      baseline: { name: 'direct call', values: of(direct) },
      ...(own ? { budget: own } : {}),
    } satisfies RowOptions);
  return [
    row('CPU', ({ cpuUs }) => cpuUs, limit),
    row('p50', ({ p50Us }) => p50Us),
    row('p99', ({ p99Us }) => p99Us),
    row('p99.9', ({ p999Us }) => [p999Us]),
  ];
}

async function measureAllocations(bench: Bench): Promise<Row[]> {
  const input: AllocateInput = { ...toSubjects(bench, 1024), rounds: bench.isQuick ? 3 : 9 };
  const { direct, ...others } = await runProcess<AllocateMeasurement>({
    node: bench.node,
    program: toProgramPath('allocate'),
    input,
    env: { ...bench.env, COUNTERSIGN_PARAMETER_PATH: pluginTree },
    flags: ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128'],
  });
  return Object.entries(others).map(([name, values]) =>
    toRow({
      figure: 'warm',
      what: `1 KB request, ${name === 'proxy' ? '' : `${name}, `}allocated`,
      unit: 'bytes',
      values,
      baseline: { name: 'direct call', values: direct ?? [] },
    }),
  );
}
