/** `npm run bench:fleet`: runs every scenario in virtual time, and writes the tables and the chart of docs/scale.md. */
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
import { simulate } from './scenario.ts';

const page = `${projectRoot}/docs/scale.md`;
const picture = `${projectRoot}/docs/scale.svg`;

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
await run(values.quick);

/** @param isQuick omits scenarios that take minutes, and does not change the page */
async function run(isQuick: boolean): Promise<void> {
  const isSmall = ({ environments, routes }: (typeof grid)[number]) =>
    environments * routes <= 100_000;
  const rows: FleetRow[] = [];
  for (const scenario of grid.filter((each) => !isQuick || isSmall(each))) {
    const row = { scenario, outcome: await simulate(scenario) };
    print(`${scenario.mode} ${toLine(row)}`);
    rows.push(row);
  }
  const lines: string[] = [];
  for (const { what, ...scenario } of incidents.filter((each) => !isQuick || isSmall(each))) {
    const line = toIncidentLine(what, await simulate(scenario));
    print(line);
    lines.push(line);
  }
  if (isQuick) {
    print('\nNot everything: docs/scale.md stays as it is.');
    return;
  }
  const tableOf = (mode: string) =>
    toGridTable(rows.filter(({ scenario }) => scenario.mode === mode));
  const text = await readFile(page, 'utf8');
  const parts = {
    snapshot: tableOf('snapshot'),
    direct: tableOf('direct'),
    incidents: [incidentHead, ...lines].join('\n'),
  };
  const next = Object.entries(parts).reduce(replacePart, text);
  await writeFile(page, next);
  await writeFile(picture, toFleetChart(rows));
  print('\nKept in docs/scale.md and docs/scale.svg.');
}

/** Replaces the part between `<!-- bench:fleet name -->` and `<!-- end -->`. */
function replacePart(text: string, [name, part]: readonly [string, string]): string {
  const begin = `<!-- bench:fleet ${name} -->\n`;
  const start = text.indexOf(begin);
  const end = text.indexOf('<!-- end -->', start);
  if (start === -1 || end === -1) throw new Error(`docs/scale.md has no part ${name}`);
  return `${text.slice(0, start + begin.length)}\n${part}\n\n${text.slice(end)}`;
}
