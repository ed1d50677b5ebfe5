/** Computes dollars for a million requests from other figures and published prices (us-east-1, arm64). */
import type { Figure } from '../harness/figure.ts';
import { type Row, ratio, toRow } from '../harness/row.ts';
import type { Spread } from '../harness/statistics.ts';

/** https://aws.amazon.com/lambda/pricing/, November 2026: first tier, without the free tier. */
const dollarsPerMillionRequests = 0.2;
const dollarsPerGbSecond = 0.0000133334;
/** https://aws.amazon.com/api-gateway/pricing/, November 2026: first tier. */
const apiGateways = [
  { name: 'HTTP API', dollars: 1 },
  { name: 'REST API', dollars: 3.5 },
];
const sizesMb = [128, 512];
const mbPerCpu = 1769;
/** The upstream's own time. The proxy waits for it, so both functions are billed for it. */
const upstreamMs = 20;
/** One cold start in a hundred requests, INIT on a whole CPU. */
const coldShare = 0.01;

export const cost: Figure = {
  name: 'cost',
  async measure(_bench, measured) {
    const warmUs = findMeasured(measured, 'warm', '1 KB request, CPU');
    const coldMs = findMeasured(measured, 'cold', 'import to first byte');
    if (!warmUs || !coldMs) return [];
    return sizesMb.flatMap((sizeMb) => {
      const toValue = (of: keyof Spread) =>
        toDollars(sizeMb, { ownMs: warmUs[of] / 1000, coldMs: coldMs[of] });
      const values = [toValue('p25'), toValue('median'), toValue('p75')];
      return apiGateways.map(({ name, dollars }) =>
        toRow({
          figure: 'cost',
          what: `a million requests at ${sizeMb} MB, upstream ${upstreamMs} ms`,
          unit: '$',
          values,
          baseline: { name, values: [dollars] },
          budget: { text: `≤ ${name}`, limit: 1, of: ratio },
        }),
      );
    });
  },
};

interface Measured {
  /** CPU time of a request, on a whole CPU. */
  readonly ownMs: number;
  readonly coldMs: number;
}

function toDollars(sizeMb: number, { ownMs, coldMs }: Measured): number {
  const billedMs = Math.ceil(upstreamMs + ownMs / Math.min(1, sizeMb / mbPerCpu));
  const seconds = (billedMs + coldShare * coldMs) / 1000;
  return dollarsPerMillionRequests + 1e6 * seconds * (sizeMb / 1024) * dollarsPerGbSecond;
}

function findMeasured(rows: readonly Row[], figure: string, what: string): Spread | undefined {
  return rows.find((row) => row.figure === figure && row.what === what)?.measured;
}
