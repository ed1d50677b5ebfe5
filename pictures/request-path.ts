/** Draws docs/request-path.svg of the table of docs/request-path.md: stages, and the statuses that each answers with. */
import { type ErrorCode, toProblemFields } from '../functions/proxy/http/errors.ts';
import { escapeXml, toSvg } from './svg.ts';

/** A stage and its errors. */
export interface Stage {
  readonly name: string;
  readonly codes: readonly ErrorCode[];
}

/** @param page text of docs/request-path.md */
export function readStages(page: string): readonly Stage[] {
  const [, table = ''] = page.split('| stage | file |');
  const [rows = ''] = table.split('\n\n');
  return [...rows.matchAll(/^\| (\w+) \|.*\|([^|]*)\|$/gm)].map(([, name = '', errors = '']) => ({
    name,
    codes: [...errors.matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code as ErrorCode),
  }));
}

const box = { width: 82, height: 46 };
const [there, back] = [86, 176];

/** Where each stage is: a request goes right on the upper lane, and its response left on the lower one. */
const places: Readonly<Record<string, { readonly x: number; readonly y: number }>> = {
  event: { x: 84, y: there },
  table: { x: 184, y: there },
  origin: { x: 284, y: there },
  match: { x: 384, y: there },
  rewrite: { x: 502, y: there },
  sign: { x: 602, y: there },
  send: { x: 702, y: there },
  inspect: { x: 702, y: back },
  relay: { x: 384, y: back },
  log: { x: 384, y: back + 76 },
};
const plugins = { x: 484, y: 44, width: 316, height: 194 };
const upstream = { x: 834, y: there, width: 30, height: back - there + box.height };

/** @throws Error on a stage that has no place in the picture */
export function toRequestPath(stages: readonly Stage[]): string {
  const [upper, lower] = [there + box.height / 2, back + box.height / 2];
  return toSvg({
    width: 880,
    height: 340,
    label: 'The request path: stages, and the statuses that each answers with',
    style,
    parts: [
      '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>',
      `<text class="strong" x="16" y="28">The request path</text>`,
      ...stages.map(toStage),
      `<text x="16" y="${upper + 4}">client</text>`,
      `<text x="16" y="${lower + 4}">client</text>`,
      ...[
        [60, 84],
        [166, 184],
        [266, 284],
        [366, 384],
      ].map(([from = 0, to = 0]) => toArrow([from, upper], [to, upper])),
      toArrow([466, upper], [502, upper]),
      ...[584, 684].map((x) => toArrow([x, upper], [x + 18, upper])),
      toArrow([784, upper], [upstream.x, upper]),
      toArrow([upstream.x, lower], [784, lower]),
      toArrow([702, lower], [466, lower]),
      toArrow([384, lower], [60, lower]),
      toArrow([425, back + box.height], [425, back + 76]),
      `<rect class="box" x="${upstream.x}" y="${upstream.y}" width="${upstream.width}" height="${upstream.height}" rx="6"/>`,
      `<text text-anchor="middle" transform="translate(${upstream.x + 11} ${upstream.y + upstream.height / 2}) rotate(90)">upstream</text>`,
      `<text class="note" x="16" y="326">Small numbers: the statuses that a stage answers with. Before the first byte every error is an answer; afterwards the stream is cut.</text>`,
    ],
  });
}

function toStage(stage: Stage): string {
  const { name } = stage;
  const statuses = toStatuses(stage);
  if (name === 'plugins') {
    const { x, y, width, height } = plugins;
    return [
      `<rect class="around" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>`,
      `<text class="strong" x="${x + 12}" y="${y + 22}">plugins</text>`,
      `<text class="note" text-anchor="end" x="${x + width - 12}" y="${y + 22}">${statuses}</text>`,
      `<text class="note" x="${x + 12}" y="${(there + box.height + back) / 2 + 4}">see the request and the response</text>`,
    ].join('');
  }
  const place = places[name];
  if (!place) throw new Error(`pictures/request-path.ts has no place for the stage ${name}`);
  const middle = place.x + box.width / 2;
  const lines = statuses.match(/\d+(?: \d+){0,2}/g) ?? [];
  const top = place.y + 28 - 8 * Math.min(lines.length, 1) - 4 * Math.max(lines.length - 1, 0);
  return [
    `<rect class="box" x="${place.x}" y="${place.y}" width="${box.width}" height="${box.height}" rx="6"/>`,
    `<text class="strong" text-anchor="middle" x="${middle}" y="${top}">${escapeXml(name)}</text>`,
    ...lines.map((line, index) => {
      const y = top + (lines.length > 1 ? 13 : 16) + 12 * index;
      return `<text class="note" text-anchor="middle" x="${middle}" y="${y}">${line}</text>`;
    }),
  ].join('');
}

function toStatuses({ codes }: Stage): string {
  const statuses = codes.map((code) => toProblemFields(code).status);
  return [...new Set(statuses)].sort((a, b) => a - b).join(' ');
}

type Point = readonly [x: number, y: number];

function toArrow([x1, y1]: Point, [x2, y2]: Point): string {
  return `<line class="arrow" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" marker-end="url(#tip)"/>`;
}

const style = `
  .box { fill: #ddf4ff; stroke: #54aeff }
  .around { fill: none; stroke: #8c959f; stroke-dasharray: 5 4 }
  .arrow { stroke: #59636e; stroke-width: 1.5 }
  .tip { fill: #59636e }
  @media (prefers-color-scheme: dark) {
    .box { fill: #121d2f; stroke: #1f6feb }
    .around { stroke: #6e7681 }
    .arrow { stroke: #9198a1 }
    .tip { fill: #9198a1 }
  }`;
