/** Keeps a full run: as JSON for programs, as the table of docs/benchmarks.md and a chart for people. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from './cache.ts';
import { toChart } from './chart.ts';
import type { Machine } from './machine.ts';
import { toMarkdownTable } from './report.ts';
import type { Row } from './row.ts';

export interface Results {
  /** ISO date. */
  readonly date: string;
  readonly machine: Machine;
  readonly rows: readonly Row[];
}

const folder = join(projectRoot, 'bench', 'results');
const begin = '<!-- newest table: npm run bench writes it -->';
const end = '<!-- end of the newest table -->';

export async function keepResults(results: Results): Promise<void> {
  const json = JSON.stringify(results, roundNumber, 2);
  await writeFile(join(folder, 'latest.json'), `${json}\n`);
  await writeResultsPage(JSON.parse(json) as Results);
}

/** Table and chart, from the numbers as they are kept. */
export async function writeResultsPage(results: Results): Promise<void> {
  await writeFile(join(folder, 'latest.svg'), toChart(results.rows));
  const page = join(projectRoot, 'docs', 'benchmarks.md');
  const text = await readFile(page, 'utf8');
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) {
    throw new Error('docs/benchmarks.md has lost the two comments around its table');
  }
  await writeFile(page, `${before}${begin}\n\n${toSection(results)}\n\n${end}${after}`);
}

/** What stands between the two comments of docs/benchmarks.md. */
export function toSection({ date, machine, rows }: Results): string {
  const { cores, cpu, memoryGb, platform, node, loadBefore } = machine;
  const where = `${date}, Node ${node}, ${platform}, ${cores} cores (${cpu}), ${memoryGb} GB; load before the run ${loadBefore}.`;
  return `${where}\n\n${toMarkdownTable(rows)}`;
}

/** Six digits are more than any clock here has; the diff of two runs stays readable. */
function roundNumber(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value;
}
