/** What a request costs once everything is loaded, beside a client that signs and calls the upstream by itself. */
import { toProgramPath } from '../harness/bundles.ts';
import type { Bench, Figure } from '../harness/figure.ts';
import { runProcess } from '../harness/process.ts';
import { addedRatio, type Budget, type Row, toRow } from '../harness/row.ts';
import type { WarmInput, WarmMeasurement, WarmSubject } from '../programs/warm.ts';
import { toDirectTarget } from './direct-target.ts';

interface Size {
  readonly text: string;
  readonly bodyBytes: number;
  readonly rounds: number;
  readonly requestsPerRound: number;
  readonly budget?: Budget;
}

const budget: Budget = { text: 'adds ≤ 1.5 × direct call', limit: 1.5, of: addedRatio };

const sizes: readonly Size[] = [
  { text: '1 KB', bodyBytes: 1024, rounds: 25, requestsPerRound: 400, budget },
  { text: '1 MB', bodyBytes: 2 ** 20, rounds: 15, requestsPerRound: 20 },
];

export const warm: Figure = {
  name: 'warm',
  async measure(bench) {
    const rows: Row[] = [];
    for (const size of sizes) rows.push(...(await measureSize(bench, size)));
    return rows;
  },
};

async function measureSize(bench: Bench, size: Size): Promise<Row[]> {
  const { proxy, sdk } = bench.handlers;
  const { bodyBytes, rounds, requestsPerRound } = size;
  const input: WarmInput = {
    handlers: { proxy, ...(sdk === undefined ? {} : { sdk }) },
    direct: toDirectTarget(bench),
    bodyBytes,
    rounds: bench.isQuick ? Math.ceil(rounds / 5) : rounds,
    requestsPerRound,
  };
  const measured = await runProcess<WarmMeasurement>({
    node: bench.node,
    program: toProgramPath('warm'),
    input,
    env: bench.env,
  });
  const { direct, proxy: ours } = measured;
  if (!direct || !ours) throw new Error('the warm program left a subject out');
  return [
    ...toRows(`${size.text} request`, ours, direct, size.budget),
    ...(measured['sdk'] ? toRows(`${size.text} request, SDK proxy`, measured['sdk'], direct) : []),
  ];
}

function toRows(what: string, ours: WarmSubject, direct: WarmSubject, limit?: Budget): Row[] {
  const toBaseline = (values: readonly number[]) => ({ name: 'direct call', values });
  const figure = 'warm';
  return [
    toRow({
      figure,
      what: `${what}, CPU`,
      unit: 'µs',
      values: ours.cpuUs,
      baseline: toBaseline(direct.cpuUs),
      ...(limit ? { budget: limit } : {}),
    }),
    toRow({
      figure,
      what: `${what}, p50`,
      unit: 'µs',
      values: ours.p50Us,
      baseline: toBaseline(direct.p50Us),
    }),
    toRow({
      figure,
      what: `${what}, p99`,
      unit: 'µs',
      values: ours.p99Us,
      baseline: toBaseline(direct.p99Us),
    }),
  ];
}
