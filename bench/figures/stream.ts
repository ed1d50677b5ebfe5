/**
 * Measures a long response: the time of its first byte, its throughput, and whether memory stays constant with a slow
 * reader.
 */
import { toProgramPath } from '../harness/bundles.ts';
import { alternate, type Bench, type Figure } from '../harness/figure.ts';
import { runProcess } from '../harness/process.ts';
import { added, itself, type Row, type RowOptions, toRow } from '../harness/row.ts';
import type { PaceInput, PaceMeasurement } from '../programs/pace.ts';
import type { StreamInput, StreamMeasurement } from '../programs/stream.ts';
import { toDirectTarget } from './direct-target.ts';

const megabyte = 2 ** 20;
/** Lambda's maximum for a streamed response (200 MB). */
const longBytes = 200 * megabyte;
/** Three times the budget. A relay that does not wait for its reader would hold most of it in memory. */
const slowBytes = 96 * megabyte;
const slowBytesPerMs = 64 * 1024;
const fullRounds = 9;
const quickRounds = 3;
const growthBudget = { text: '≤ 32 MB', limit: 32, of: itself };

interface Subject {
  readonly handler: string | undefined;
  readonly measured: StreamMeasurement[];
}

export const stream: Figure = {
  name: 'stream',
  async measure(bench) {
    const long = await measurePair(bench, longBytes, undefined);
    const slow = await measurePair(bench, slowBytes, slowBytesPerMs);
    return [...toLongRows(long), ...(await measurePace(bench)), ...toSlowRows(slow)];
  },
};

interface Pair {
  readonly ours: readonly StreamMeasurement[];
  readonly direct: readonly StreamMeasurement[];
}

async function measurePair(
  bench: Bench,
  bytes: number,
  bytesPerMs: number | undefined,
): Promise<Pair> {
  const ours: Subject = { handler: bench.handlers.proxy, measured: [] };
  const direct: Subject = { handler: undefined, measured: [] };
  const rounds = bench.isQuick ? quickRounds : fullRounds;
  await alternate(rounds, [ours, direct], async ({ handler, measured }) => {
    const input: StreamInput = { handler, direct: toDirectTarget(bench), bytes, bytesPerMs };
    measured.push(
      await runProcess<StreamMeasurement>({
        node: bench.node,
        program: toProgramPath('stream'),
        input,
        env: bench.env,
        flags: ['--expose-gc'],
      }),
    );
  });
  return { ours: ours.measured, direct: direct.measured };
}

/** Measures the delay that the relay adds to small events that are 10 ms apart. */
async function measurePace(bench: Bench): Promise<Row[]> {
  const subject = (handler: string | undefined) => ({ handler, values: [] as number[] });
  const ours = subject(bench.handlers.proxy);
  const direct = subject(undefined);
  const rounds = bench.isQuick ? 1 : 3;
  await alternate(rounds, [ours, direct], async ({ handler, values }) => {
    const input: PaceInput = { handler, direct: toDirectTarget(bench), events: 200 };
    const { delayMs } = await runProcess<PaceMeasurement>({
      node: bench.node,
      program: toProgramPath('pace'),
      input,
      env: bench.env,
    });
    values.push(...delayMs);
  });
  return [
    toRow({
      figure: 'stream',
      what: 'events 10 ms apart, upstream to client',
      unit: 'ms',
      values: ours.values,
      baseline: { name: 'direct call', values: direct.values },
    }),
  ];
}

type Options = Omit<RowOptions, 'figure' | 'values' | 'baseline'>;

function toLongRows({ ours, direct }: Pair): Row[] {
  const row = (options: Options, of: (measurement: StreamMeasurement) => number) =>
    toRow({
      ...options,
      figure: 'stream',
      values: ours.map(of),
      baseline: { name: 'direct call', values: direct.map(of) },
    });
  return [
    row(
      {
        what: '200 MB, first byte',
        unit: 'ms',
        budget: { text: 'adds ≤ 5 ms', limit: 5, of: added },
      },
      ({ firstByteMs }) => firstByteMs,
    ),
    row(
      { what: '200 MB, throughput', unit: 'MB/s' },
      ({ totalMs }) => (longBytes / megabyte / totalMs) * 1000,
    ),
    row({ what: '200 MB, CPU', unit: 'ms' }, ({ cpuMs }) => cpuMs),
    row(
      { what: '200 MB, memory growth', unit: 'MB', budget: growthBudget },
      ({ growthBytes }) => growthBytes / megabyte,
    ),
  ];
}

function toSlowRows({ ours, direct }: Pair): Row[] {
  const toGrowth = ({ growthBytes }: StreamMeasurement) => growthBytes / megabyte;
  return [
    toRow({
      figure: 'stream',
      what: '96 MB to a slow reader, memory growth',
      unit: 'MB',
      values: ours.map(toGrowth),
      baseline: { name: 'direct call', values: direct.map(toGrowth) },
      budget: growthBudget,
    }),
  ];
}
