/**
 * Draws the most important rows as an SVG for light and dark backgrounds: the proxy's values as a share of the
 * baseline's.
 */
import { describeVerdict, toDigits, toText } from './report.ts';
import type { Row } from './row.ts';

/** The rows of the chart, by figure and text. Rows that were not measured are omitted. */
const shown: readonly (readonly [figure: string, what: string])[] = [
  ['bundle', 'eager'],
  ['cold', 'import to first byte'],
  ['cold', 'at 0.07 of a CPU (128 MB), import to first byte'],
  ['warm', '1 KB request, CPU'],
  ['warm', '1 KB request, 8 plugins, CPU'],
  ['warm', '1 KB request, SDK proxy, CPU'],
  ['warm', '1 MB request, CPU'],
  ['warm', '1 MB request, SDK proxy, CPU'],
  ['sign', '1 KB, CPU'],
  ['match', '10,000 routes, hit'],
  ['stream', '200 MB, CPU'],
  ['cost', 'a million requests at 128 MB, upstream 20 ms'],
];

const width = 860;
const barLeft = 330;
const barRight = 620;
const lineHeight = 34;
const top = 64;
/** Longer bars are cut; their number shows the true value. */
const maxRatio = 6;

export function toChart(rows: readonly Row[]): string {
  const chosen = shown.flatMap(([figure, what]) => {
    const row = rows.find((each) => each.figure === figure && each.what === what);
    return row?.baseline && row.ratio !== undefined ? [row] : [];
  });
  const longest = Math.max(1.2, ...chosen.map(({ ratio = 0 }) => Math.min(ratio, maxRatio)));
  const toX = (ratio: number) =>
    barLeft + ((barRight - barLeft) * Math.min(ratio, maxRatio)) / longest;
  const height = top + chosen.length * lineHeight + 24;
  const one = toX(1).toFixed(1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="The proxy beside its baselines">`,
    style,
    `<rect class="page" width="${width}" height="${height}"/>`,
    `<text class="title" x="16" y="26">The proxy beside its baselines</text>`,
    `<text class="note" x="16" y="46">Share of what the baseline takes; the line is at 1 ×, and shorter is cheaper. Orange misses its budget, grey is the SDK proxy in our place.</text>`,
    `<line class="one" x1="${one}" x2="${one}" y1="${top - 8}" y2="${height - 20}"/>`,
    ...chosen.map((row, index) => toBar(row, { y: top + index * lineHeight, toX })),
    '</svg>',
    '',
  ].join('\n');
}

interface Place {
  readonly y: number;
  readonly toX: (ratio: number) => number;
}

function toBar({ figure, what, unit, measured, baseline, ratio = 0, verdict }: Row, place: Place) {
  const { y, toX } = place;
  const end = toX(ratio);
  const beside = baseline ? `${toText(baseline.measured.median, unit)} ${baseline.name}` : '';
  const ownKind = what.includes('SDK proxy') ? 'other' : 'bar';
  const kind = verdict && !verdict.isMet ? 'missed' : ownKind;
  return [
    `<g><title>${escapeXml(verdict ? describeVerdict(verdict).replaceAll('**', '') : what)}</title>`,
    `<text class="what" x="16" y="${y + 15}">${escapeXml(`${figure}: ${what}`)}</text>`,
    `<rect class="${kind}" x="${barLeft}" y="${y + 2}" width="${Math.max(1, end - barLeft).toFixed(1)}" height="18" rx="2"/>`,
    `<text class="ratio" x="${(end + 6).toFixed(1)}" y="${y + 15}">${toDigits(ratio)} ×</text>`,
    `<text class="note" x="${width - 12}" y="${y + 15}" text-anchor="end">${escapeXml(`${toText(measured.median, unit)} : ${beside}`)}</text>`,
    '</g>',
  ].join('');
}

const style = `<style>
  text { font: 12px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 }
  .note { font-size: 11px; fill: #59636e }
  .ratio { font-weight: 600; paint-order: stroke; stroke: #fff; stroke-width: 3px }
  .page { fill: #fff }
  .bar { fill: #2f81c7 }
  .other { fill: #9aa4af }
  .missed { fill: #c9730d }
  .one { stroke: #59636e; stroke-dasharray: 3 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .note { fill: #9198a1 }
    .ratio { stroke: #0d1117 }
    .page { fill: #0d1117 }
    .bar { fill: #4493e0 }
    .other { fill: #656d76 }
    .missed { fill: #e09b3d }
    .one { stroke: #9198a1 }
  }
</style>`;

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
