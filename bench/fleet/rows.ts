/** The scenarios of docs/scale.md, and the rows of its tables. */
import type { Outcome, Quantiles, Scenario } from './scenario.ts';

const seed = 20_261_127;
const environments = [1, 100, 1000, 10_000];
const routes = [10, 100, 1000, 10_000];

/** One line of the tables. */
export interface FleetRow {
  readonly scenario: Scenario;
  readonly outcome: Outcome;
}

/** Every size in both modes. */
export const grid: readonly Scenario[] = (['snapshot', 'direct'] as const).flatMap((mode) =>
  environments.flatMap((count) =>
    routes.map((size): Scenario => ({ mode, environments: count, routes: size, seed })),
  ),
);

/** Scenarios with failures or bursts. */
export const incidents: readonly (Scenario & { readonly what: string })[] = [
  {
    what: '1,000 environments start in the same moment, 10,000 routes',
    ...{ mode: 'snapshot', environments: 1000, routes: 10_000, seed, isBurst: true },
  },
  {
    what: 'the same with 100 routes',
    ...{ mode: 'snapshot', environments: 1000, routes: 100, seed, isBurst: true },
  },
  {
    what: 'the same with 100 routes, in direct mode',
    ...{ mode: 'direct', environments: 1000, routes: 100, seed, isBurst: true },
  },
  {
    what: 'S3 fails for a minute, 1,000 environments, 1,000 routes',
    ...{ mode: 'snapshot', environments: 1000, routes: 1000, seed, hasOutage: true },
  },
  {
    what: 'environments are frozen for half a minute between requests, 1,000 of them, 1,000 routes',
    ...{ mode: 'snapshot', environments: 1000, routes: 1000, seed, requestEveryMs: 30_000 },
  },
];

const head = [
  'environments',
  'routes',
  'refused',
  'first table p50 / p99',
  'edit to live p50 / p99',
  'Parameter Store',
  'S3',
  '$ a month',
];

/** @returns the table of one mode, in Markdown */
export function toGridTable(rows: readonly FleetRow[]): string {
  const lines = rows.map((row) => toLine(row));
  return [`| ${head.join(' | ')} |`, `|${'---|'.repeat(head.length)}`, ...lines].join('\n');
}

/** @returns one line of {@link toGridTable} */
export function toLine({ scenario, outcome }: FleetRow): string {
  const cells = [
    scenario.environments.toLocaleString('en'),
    scenario.routes.toLocaleString('en'),
    ...toCells(outcome),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** @returns one line of the table of incidents */
export function toIncidentLine(what: string, outcome: Outcome): string {
  const [refused, firstTable, editToLive, ssm, s3] = toCells(outcome);
  const age = `${toSeconds(outcome.maxAgeMs)} s`;
  return `| ${[what, refused, firstTable, editToLive, age, ssm, s3].join(' | ')} |`;
}

/** Head of the table of incidents. */
export const incidentHead = [
  '| what happens | refused | first table p50 / p99 | edit to live p50 / p99 | oldest table | Parameter Store | S3 |',
  '|---|---|---|---|---|---|---|',
].join('\n');

function toCells(outcome: Outcome): string[] {
  const { requests, refused, unloaded, missedEdits, dollarsPerMonth } = outcome;
  const never = unloaded === 0 ? '' : `; ${unloaded.toLocaleString('en')} never`;
  const missed = missedEdits === 0 ? '' : `; ${missedEdits.toLocaleString('en')} not yet`;
  return [
    refused === 0 ? '0' : `${toShare(refused / requests)} of ${requests.toLocaleString('en')}`,
    `${toRange(outcome.firstTable)}${never}`,
    `${toRange(outcome.editToLive)}${missed}`,
    `${toRate(outcome.ssmPerSecond)}/s`,
    `${toRate(outcome.s3PerSecond)}/s`,
    dollarsPerMonth === 0 ? '0' : dollarsPerMonth.toFixed(2),
  ];
}

function toRange(quantiles: Quantiles | undefined): string {
  if (!quantiles) return '–';
  return `${toSeconds(quantiles.p50)} / ${toSeconds(quantiles.p99)} s`;
}

function toSeconds(ms: number): string {
  return (ms / 1000).toFixed(ms < 10_000 ? 2 : 1);
}

function toRate(perSecond: number): string {
  if (perSecond === 0) return '0';
  return perSecond < 10 ? perSecond.toFixed(2) : Math.round(perSecond).toLocaleString('en');
}

function toShare(share: number): string {
  return share > 0.995 && share < 1 ? '> 99 %' : `${Math.round(share * 100)} %`;
}
