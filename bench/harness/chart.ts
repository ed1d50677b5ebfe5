/** Draws the most important lines of the table as an SVG for light and dark backgrounds: small charts, in real units. */
import { type Bar, type Panel, toPanels } from './panels.ts';
import type { TableLine } from './table.ts';

const width = 860;
const margin = 16;
const columnGap = 36;
const columnWidth = (width - 2 * margin - columnGap) / 2;
const top = 76;
const titleHeight = 26;
const barHeight = 22;
const panelGap = 26;
/** The longest bar leaves room for its number. */
const labelWidth = 104;
const longestBar = columnWidth - labelWidth - 72;

export function toChart(lines: readonly TableLine[]): string {
  const panels = toPanels(lines);
  const rows = panels.flatMap((_, index) =>
    index % 2 === 0 ? [panels.slice(index, index + 2)] : [],
  );
  const drawn: string[] = [];
  let y = top;
  for (const row of rows) {
    drawn.push(...row.map((panel, column) => toPanelSvg(panel, { x: toLeft(column), y })));
    y += titleHeight + Math.max(...row.map(({ bars }) => bars.length)) * barHeight + panelGap;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img" aria-label="The proxy beside its baselines">`,
    style,
    `<rect class="page" width="${width}" height="${y}"/>`,
    `<text class="title" x="${margin}" y="28">The proxy beside its baselines</text>`,
    `<text class="note" x="${margin}" y="48">Shorter is better. Each chart has a scale of its own, which begins at 0. SDK proxy: a small proxy with the AWS SDK. Direct call: no proxy.</text>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

interface Place {
  readonly x: number;
  readonly y: number;
}

function toLeft(column: number): number {
  return margin + column * (columnWidth + columnGap);
}

function toPanelSvg({ title, bars }: Panel, { x, y }: Place): string {
  const longest = Math.max(...bars.map(toNumber));
  return [
    '<g>',
    `<text class="panel" x="${x}" y="${y + 12}">${escapeXml(title)}</text>`,
    ...bars.map((bar, index) => {
      const place = { x, y: y + titleHeight + index * barHeight };
      return toBarSvg(bar, { ...place, length: (toNumber(bar) / longest) * longestBar });
    }),
    '</g>',
  ].join('\n');
}

function toBarSvg(bar: Bar, { x, y, length }: Place & { readonly length: number }): string {
  const left = x + labelWidth;
  const kind = bar.isOurs ? 'ours' : 'theirs';
  const drawn = Math.max(2, length);
  return [
    `<text class="label ${kind}-text" text-anchor="end" x="${left - 8}" y="${y + 12}">${escapeXml(bar.label)}</text>`,
    `<rect class="${kind}" x="${left}" y="${y}" width="${drawn.toFixed(1)}" height="16" rx="2"/>`,
    `<text class="value ${kind}-text" x="${(left + drawn + 6).toFixed(1)}" y="${y + 12}">${toShown(bar.measured)}</text>`,
  ].join('');
}

function toNumber({ measured }: Bar): number {
  return Number.parseFloat(measured.replace('$', ''));
}

const nextUnits: Readonly<Record<string, string>> = { ns: 'µs', µs: 'ms', ms: 's' };

/** `7481 µs` → `7.48 ms` */
function toShown(measured: string): string {
  const [, digits = '', unit = ''] = /^([\d.]+) (ns|µs|ms)$/.exec(measured) ?? [];
  const next = nextUnits[unit];
  if (!next || Number(digits) < 1000) return measured;
  return `${(Number(digits) / 1000).toPrecision(3)} ${next}`;
}

const style = `<style>
  text { font: 12px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 }
  .panel { font-size: 13px; font-weight: 600 }
  .note, .theirs-text { fill: #59636e }
  .ours-text { font-weight: 600 }
  .page { fill: #fff }
  .ours { fill: #0969da }
  .theirs { fill: #afb8c1 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .note, .theirs-text { fill: #9198a1 }
    .page { fill: #0d1117 }
    .ours { fill: #4493f8 }
    .theirs { fill: #57606a }
  }
</style>`;

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
