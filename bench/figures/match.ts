/** Compares matching in a table of 10,000 routes with one of 10, and measures the load time of each route. */
import { toProgramPath } from '../harness/bundles.ts';
import type { Figure } from '../harness/figure.ts';
import { runProcess } from '../harness/process.ts';
import { type Budget, type Row, type RowOptions, ratio, toRow } from '../harness/row.ts';
import type { MatchInput, MatchMeasurement, MatchSubject } from '../programs/match.ts';

const sizes = [10, 1000, 10_000];
const smallest = '10';
const budgeted = 10_000;
const budget: Budget = { text: '≤ 2 × with 10', limit: 2, of: ratio };

export const match: Figure = {
  name: 'match',
  async measure({ node, isQuick }) {
    const input: MatchInput = { sizes, rounds: isQuick ? 7 : 25, loadRounds: isQuick ? 3 : 9 };
    const measured = await runProcess<MatchMeasurement>({
      node,
      program: toProgramPath('match'),
      input,
      flags: ['--expose-gc'],
    });
    return sizes.flatMap((size) => toRows(size, measured));
  },
};

function toRows(size: number, measured: MatchMeasurement): Row[] {
  const ours = measured[size];
  const few = measured[smallest];
  if (!ours || !few) throw new Error('the match program left a size out');
  const isBudgeted = size === budgeted;
  const row = (what: string, unit: RowOptions['unit'], of: (subject: MatchSubject) => number[]) =>
    toRow({
      figure: 'match',
      what: `${size.toLocaleString('en')} routes, ${what}`,
      unit,
      values: of(ours),
      ...(ours === few ? {} : { baseline: { name: 'with 10', values: of(few) } }),
      ...(isBudgeted && unit === 'ns' ? { budget } : {}),
    });
  return [
    row('hit', 'ns', ({ hitNs }) => [...hitNs]),
    row('miss', 'ns', ({ missNs }) => [...missNs]),
    row('load per route', 'µs', ({ loadUs }) => [...loadUs]),
    // A table of ten is smaller than other changes on the heap.
    ...(ours === few ? [] : [toMemoryRow(size, ours)]),
  ];
}

function toMemoryRow(size: number, { bytesPerRoute }: MatchSubject): Row {
  const what = `${size.toLocaleString('en')} routes, memory per route`;
  return toRow({ figure: 'match', what, unit: 'bytes', values: [bytesPerRoute] });
}
