/**
 * `npm run bench:fleet`: runs every scenario in virtual time, and writes the tables and the chart of docs/scale.md. This takes
 * about half an hour; `-- --part direct` writes one table alone.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { projectRoot } from '../harness/cache.ts';
import { print } from '../harness/print.ts';
import { toFleetChart } from './chart.ts';
import {
  type FleetRow,
  grid,
  incidentHead,
  incidents,
  toGridTable,
  toIncidentLine,
  toLine,
} from './rows.ts';
import { type Scenario, simulate } from './scenario.ts';

const page = `${projectRoot}/docs/scale.md`;
const picture = `${projectRoot}/docs/scale.svg`;

const parts = ['snapshot', 'direct', 'incidents'] as const;
type Part = (typeof parts)[number];

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    part: { type: 'string', multiple: true, default: [...parts] },
  },
});
const unknown = values.part.find((part) => !parts.some((known) => known === part));
if (unknown !== undefined) {
  throw new Error(`--part ${unknown}: expected ${parts.join(', ')}`);
}
await run(
  parts.filter((part) => values.part.includes(part)),
  values.quick,
);

/** @param isQuick omits scenarios that take minutes, and does not change the page */
async function run(chosen: readonly Part[], isQuick: boolean): Promise<void> {
  const rows = new Map<string, readonly FleetRow[]>();
  const tables: (readonly [Part, string])[] = [];
  for (const part of chosen) {
    if (part === 'incidents') {
      tables.push([part, await toIncidentTable(isQuick)]);
      continue;
    }
    const measured = await runGrid(part, isQuick);
    rows.set(part, measured);
    tables.push([part, toGridTable(measured)]);
  }
  if (isQuick) {
    print('\nNot everything: docs/scale.md stays as it is.');
    return;
  }
  await writeFile(page, tables.reduce(replacePart, await readFile(page, 'utf8')));
  const [snapshot, direct] = [rows.get('snapshot'), rows.get('direct')];
  // The chart compares the two modes.
  if (snapshot && direct) await writeFile(picture, toFleetChart([...snapshot, ...direct]));
  print(`\nKept in docs/scale.md: ${chosen.join(', ')}.`);
}

async function runGrid(mode: 'snapshot' | 'direct', isQuick: boolean): Promise<FleetRow[]> {
  const rows: FleetRow[] = [];
  for (const scenario of grid.filter((each) => each.mode === mode && (!isQuick || isSmall(each)))) {
    const row = { scenario, outcome: await simulate(scenario) };
    print(`${mode} ${toLine(row)}`);
    rows.push(row);
  }
  return rows;
}

async function toIncidentTable(isQuick: boolean): Promise<string> {
  const lines: string[] = [];
  for (const { what, ...scenario } of incidents.filter((each) => !isQuick || isSmall(each))) {
    const line = toIncidentLine(what, await simulate(scenario));
    print(line);
    lines.push(line);
  }
  return [incidentHead, ...lines].join('\n');
}

function isSmall({ environments, routes }: Scenario): boolean {
  return environments * routes <= 100_000;
}

/** Replaces the part between `<!-- bench:fleet name -->` and `<!-- end -->`. */
function replacePart(text: string, [name, part]: readonly [string, string]): string {
  const begin = `<!-- bench:fleet ${name} -->\n`;
  const start = text.indexOf(begin);
  const end = text.indexOf('<!-- end -->', start);
  if (start === -1 || end === -1) throw new Error(`docs/scale.md has no part ${name}`);
  return `${text.slice(0, start + begin.length)}\n${part}\n\n${text.slice(end)}`;
}
