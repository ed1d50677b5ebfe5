/** The scores of the files, and the survivors that nobody explained. */
import type { Mutant } from './instrument.ts';
import { type Survivor, toName } from './survivors.ts';
import { leastScore } from './targets.ts';

/** A finished run. */
export interface Run {
  readonly files: readonly string[];
  readonly mutants: readonly Mutant[];
  readonly isLiving: (mutant: Mutant) => boolean;
  /** Tests that fail without a mutant. */
  readonly broken: readonly string[];
}

/** @returns the report, and whether all is as it should be */
export function toReport(
  { files, mutants, isLiving, broken }: Run,
  explained: ReadonlyMap<string, Survivor>,
): { readonly text: string; readonly isGood: boolean } {
  const lines: string[] = [];
  let isGood = broken.length === 0;
  const isExplained = (mutant: Mutant) => Boolean(explained.get(toName(mutant))?.why);
  const stray = mutants.filter((mutant) => isLiving(mutant) && !isExplained(mutant));
  for (const { file, line, was, now } of stray) {
    lines.push(`${file}:${line}\n  - ${was}\n  + ${now}`);
  }
  for (const test of broken) lines.push(`fails without a mutant: ${test}`);
  for (const file of files) {
    const own = mutants.filter((mutant) => mutant.file === file);
    const killed = own.filter((mutant) => !isLiving(mutant)).length;
    if (own.length === 0) continue;
    const score = killed / own.length;
    if (score < leastScore) isGood = false;
    lines.push(`${toPercent(score)} ${killed}/${own.length} ${file}`);
  }
  const killed = mutants.filter((mutant) => !isLiving(mutant)).length;
  lines.push(`${toPercent(killed / mutants.length)} ${killed}/${mutants.length} in all`);
  if (stray.length > 0) lines.push(`${stray.length} survivors without a reason in survivors.json`);
  return { text: `${lines.join('\n')}\n`, isGood: isGood && stray.length === 0 };
}

function toPercent(share: number): string {
  return `${(share * 100).toFixed(1)} %`.padStart(7);
}
