/** Measures signing alone, compared with the signers of npm. */
import { toProgramPath } from '../harness/bundles.ts';
import type { Bench, Figure } from '../harness/figure.ts';
import { runProcess } from '../harness/process.ts';
import { type Row, toRow } from '../harness/row.ts';
import type { SignInput, SignMeasurement } from '../programs/sign.ts';

const sizes = [
  { text: '1 KB', bodyBytes: 1024, signaturesPerRound: 4000 },
  { text: '1 MB', bodyBytes: 2 ** 20, signaturesPerRound: 40 },
];

export const sign: Figure = {
  name: 'sign',
  async measure(bench) {
    const rows: Row[] = [];
    for (const { text, ...size } of sizes) {
      const { proxy, ...others } = await measureSize(bench, size);
      if (!proxy) throw new Error('the sign program left the proxy out');
      for (const [name, values] of Object.entries(others)) {
        const baseline = { name, values };
        rows.push(
          toRow({ figure: 'sign', what: `${text}, CPU`, unit: 'µs', values: proxy, baseline }),
        );
      }
    }
    return rows;
  },
};

function measureSize(
  { node, isQuick }: Bench,
  size: Pick<SignInput, 'bodyBytes' | 'signaturesPerRound'>,
): Promise<SignMeasurement> {
  const input: SignInput = { ...size, rounds: isQuick ? 5 : 25 };
  return runProcess<SignMeasurement>({ node, program: toProgramPath('sign'), input });
}
