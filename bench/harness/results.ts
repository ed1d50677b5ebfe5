/** Writes the results of a full run to docs/benchmarks.md and to its chart. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from './cache.ts';
import { toChart } from './chart.ts';
import type { Machine } from './machine.ts';
import { toMarkdownTable } from './report.ts';
import type { Row } from './row.ts';
import { readTable } from './table.ts';

export interface Results {
  /** Date in ISO format. */
  readonly date: string;
  readonly machine: Machine;
  readonly rows: readonly Row[];
}

const page = join(projectRoot, 'docs', 'benchmarks.md');
const chart = join(projectRoot, 'docs', 'benchmarks.svg');
const begin = '<!-- newest table: npm run bench writes it -->';
const end = '<!-- end of the newest table -->';

/** Writes the table of docs/benchmarks.md and its chart. */
export async function keepResults(results: Results): Promise<void> {
  await writeFile(page, replaceSection(await readFile(page, 'utf8'), results));
  await redrawChart();
}

/** Draws the chart of the table that the page has. */
export async function redrawChart(): Promise<void> {
  await writeFile(chart, toChart(readTable(await readFile(page, 'utf8'))));
}

/** @throws Error when the page has lost one of the two comments around its table */
export function replaceSection(text: string, results: Results): string {
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) {
    throw new Error('docs/benchmarks.md has lost the two comments around its table');
  }
  return `${before}${begin}\n\n${toSection(results)}\n\n${end}${after}`;
}

/** The text between the two comments of docs/benchmarks.md. */
function toSection({ date, machine, rows }: Results): string {
  const { cores, cpu, memoryGb, platform, node, loadBefore } = machine;
  const where = `${date}, Node ${node}, ${platform}, ${cores} cores (${cpu}), ${memoryGb} GB; load before the run ${loadBefore}.`;
  return `${where}\n\n${toMarkdownTable(rows)}`;
}
