/** Draws the share of refused requests in each mode, by size, as an SVG for light and dark backgrounds. */
import type { FleetRow } from './rows.ts';
import type { Mode } from './scenario.ts';

const cell = 64;
const left = 120;
const top = 96;
const gap = 60;

/** @returns two grids side by side: green where no request was refused, orange to red where some were */
export function toFleetChart(rows: readonly FleetRow[]): string {
  const sizes = (of: (row: FleetRow) => number) => [...new Set(rows.map(of))];
  const environments = sizes(({ scenario }) => scenario.environments);
  const routes = sizes(({ scenario }) => scenario.routes);
  const gridWidth = routes.length * cell;
  const width = left + 2 * gridWidth + gap + 24;
  const height = top + environments.length * cell + 48;
  const place = (row: FleetRow) => {
    const { mode, environments: count, routes: size } = row.scenario;
    const x = toLeft(mode, gridWidth) + routes.indexOf(size) * cell;
    return toCell(row, { x, y: top + environments.indexOf(count) * cell });
  };
  const toColumns = (mode: Mode) =>
    routes.map(
      (size, index) =>
        `<text class="axis" text-anchor="middle" x="${toLeft(mode, gridWidth) + (index + 0.5) * cell}" y="${top - 8}">${size.toLocaleString('en')}</text>`,
    );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Requests refused, by environments and routes, with a snapshot and in direct mode">`,
    style,
    `<rect class="page" width="${width}" height="${height}"/>`,
    '<text class="title" x="16" y="26">Requests refused, and the time from an edit until it is in force (p99)</text>',
    '<text class="axis" x="16" y="46">Columns: routes. Rows: environments. Simulated with the code of the product.</text>',
    `<text class="title" x="${toLeft('snapshot', gridWidth)}" y="${top - 28}">snapshot</text>`,
    `<text class="title" x="${toLeft('direct', gridWidth)}" y="${top - 28}">direct mode</text>`,
    ...toColumns('snapshot'),
    ...toColumns('direct'),
    ...environments.map(
      (count, index) =>
        `<text class="axis" text-anchor="end" x="${left - 12}" y="${top + (index + 0.58) * cell}">${count.toLocaleString('en')}</text>`,
    ),
    ...rows.map(place),
    '</svg>',
    '',
  ].join('\n');
}

function toLeft(mode: Mode, gridWidth: number): number {
  return mode === 'snapshot' ? left : left + gridWidth + gap;
}

function toCell({ outcome }: FleetRow, { x, y }: { readonly x: number; readonly y: number }) {
  const share = outcome.refused / outcome.requests;
  const kind = share === 0 ? 'good' : share < 0.05 ? 'fair' : 'bad';
  const edit = outcome.editToLive ? `${(outcome.editToLive.p99 / 1000).toFixed(0)} s` : 'never';
  const middle = x + cell / 2;
  return [
    `<rect class="${kind}" x="${x + 2}" y="${y + 2}" width="${cell - 4}" height="${cell - 4}" rx="6"/>`,
    `<text class="value" text-anchor="middle" x="${middle}" y="${y + 29}">${Math.ceil(share * 100)} %</text>`,
    `<text class="value" text-anchor="middle" x="${middle}" y="${y + 47}">${edit}</text>`,
  ].join('\n');
}

const style = `<style>
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 14px; }
  .axis { fill: #59636e; }
  .page { fill: #ffffff; }
  .value { fill: #1f2328; }
  .good { fill: #aceebb; }
  .fair { fill: #fae17d; }
  .bad { fill: #ffaba8; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .axis { fill: #9198a1; }
    .page { fill: #0d1117; }
    .value { fill: #1f2328; }
  }
</style>`;
