/** Draws docs/first-minute.svg: a terminal in which the commands of pictures/first-minute.json run, as they did. */
import { escapeXml, toSvg } from './svg.ts';

/** A command and what it printed. */
export interface Step {
  readonly command: string;
  /** Lines of both streams, without colours. */
  readonly output: readonly string[];
}

/** What one terminal shows, from an empty screen on. */
export interface Scene {
  readonly title: string;
  readonly steps: readonly Step[];
}

/** A line of the screen, and when it appears. */
interface Line {
  readonly text: string;
  readonly kind: 'command' | 'output';
  readonly atMs: number;
}

interface Shown {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly fromMs: number;
  readonly untilMs: number;
}

const columns = 100;
const rows = 27;
const character = { width: 8.1, height: 18 };
const margin = { left: 18, top: 58 };
/** A command is read before its output comes; a full screen is read before the next one. */
const pauses = { beforeCommandMs: 900, afterCommandMs: 900, lineMs: 70, sceneMs: 4500 };

/** @returns a picture that begins anew when its end was seen */
export function toFirstMinute(scenes: readonly Scene[]): string {
  const shown = toShown(scenes);
  const totalMs = shown.at(-1)?.untilMs ?? 0;
  const drawn = shown.map((scene, index) =>
    toScene(scene, { totalMs, isLast: index === shown.length - 1 }),
  );
  return toSvg({
    width: Math.ceil(columns * character.width) + 2 * margin.left,
    height: margin.top + rows * character.height + 8,
    label: `A terminal: ${scenes.flatMap(({ steps }) => steps.map(({ command }) => command)).join('; ')}`,
    style: [style, ...drawn.map(({ css }) => css)].join(''),
    parts: [
      `<rect class="terminal" x="1" y="1" width="${Math.ceil(columns * character.width) + 2 * margin.left - 2}" height="${margin.top + rows * character.height + 6}" rx="8"/>`,
      ...drawn.flatMap(({ parts }) => parts),
    ],
  });
}

function toShown(scenes: readonly Scene[]): readonly Shown[] {
  let atMs = 0;
  return scenes.map(({ title, steps }) => {
    const fromMs = atMs;
    const lines: Line[] = [];
    for (const { command, output } of steps) {
      atMs += pauses.beforeCommandMs;
      lines.push({ text: command, kind: 'command', atMs });
      atMs += pauses.afterCommandMs;
      for (const text of output.flatMap(wrap)) {
        lines.push({ text, kind: 'output', atMs });
        atMs += pauses.lineMs;
      }
    }
    atMs += pauses.sceneMs;
    return { title, lines: lines.slice(0, rows), fromMs, untilMs: atMs };
  });
}

/** As a terminal does. */
function wrap(text: string): readonly string[] {
  const parts = text.match(new RegExp(`.{1,${columns}}`, 'gu'));
  return parts ?? [''];
}

interface Loop {
  readonly totalMs: number;
  readonly isLast: boolean;
}

/** Without animation the last scene stands still. */
function toScene({ title, lines, fromMs, untilMs }: Shown, { totalMs, isLast }: Loop) {
  const percent = (ms: number) => `${((100 * ms) / totalMs).toFixed(2)}%`;
  const name = (atMs: number) => `at${Math.round(atMs)}`;
  const moments = [...new Set([fromMs, ...lines.map(({ atMs }) => atMs)])];
  const css = moments.map((atMs) => {
    const keyframes = [
      atMs === 0 ? '' : `0%, ${percent(atMs - 1)} { opacity: 0 } `,
      `${percent(atMs)}, ${percent(untilMs - 1)} { opacity: 1 } `,
      untilMs === totalMs ? '' : `${percent(untilMs)}, 100% { opacity: 0 } `,
    ].join('');
    return `\n  @keyframes ${name(atMs)} { ${keyframes}}\n  .${name(atMs)} { animation: ${name(atMs)} ${totalMs / 1000}s step-end infinite${isLast ? '' : '; opacity: 0'} }`;
  });
  const parts = [
    `<text class="note title ${name(fromMs)}" x="${margin.left}" y="28">${escapeXml(title)}</text>`,
    ...lines.map((line, index) => toLine(line, { index, name: name(line.atMs) })),
  ];
  return { css: css.join(''), parts };
}

function toLine(
  { text, kind }: Line,
  { index, name }: { readonly index: number; readonly name: string },
): string {
  const y = margin.top + index * character.height;
  const prompt = kind === 'command' ? '<tspan class="prompt">$ </tspan>' : '';
  const tone = toTone(text, kind);
  return `<text class="line ${name}" x="${margin.left}" y="${y}" xml:space="preserve">${prompt}<tspan class="${tone}">${escapeXml(text)}</tspan></text>`;
}

function toTone(text: string, kind: Line['kind']): string {
  if (kind === 'command') return 'command';
  if (/^HTTP\/1\.1 2/.test(text)) return 'good';
  if (/^HTTP\/1\.1 [45]/.test(text)) return 'bad';
  return 'output';
}

const style = `
  .line { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace }
  .terminal { fill: #f6f8fa; stroke: #d1d9e0 }
  .command { font-weight: 600 }
  .prompt, .good { fill: #1a7f37 }
  .good, .bad { font-weight: 600 }
  .bad { fill: #cf222e }
  .output { fill: #424a53 }
  @media (prefers-color-scheme: dark) {
    .terminal { fill: #010409; stroke: #3d444d }
    .prompt, .good { fill: #3fb950 }
    .bad { fill: #f85149 }
    .output { fill: #b7bdc8 }
  }
  @media (prefers-reduced-motion: reduce) { svg text[class] { animation: none } }`;
