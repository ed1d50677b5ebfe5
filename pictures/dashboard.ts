/** Draws docs/dashboard.svg of the dashboard's own definition: places, titles and lines are its own, the values made up. */
import { escapeXml, toSvg } from './svg.ts';

/** A widget of CloudWatch's dashboard body. */
export interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title: string;
    readonly alarms?: readonly string[];
    readonly metrics?: readonly (readonly (string | Readonly<Record<string, unknown>>)[])[];
    readonly yAxis?: { readonly left: { readonly label?: string } };
  };
}

/** Of CloudWatch's grid, which has 24 columns. */
const unit = { width: 35, height: 25 };
const left = 10;
const top = 52;
const points = 36;

/** @param widgets as CDK puts them into the template */
export function toDashboard(widgets: readonly Widget[]): string {
  const rows = Math.max(...widgets.map(({ y, height }) => y + height));
  return toSvg({
    width: 24 * unit.width + 2 * left,
    height: top + rows * unit.height + 10,
    label: `The dashboard: ${widgets.map(({ properties }) => properties.title).join('; ')}`,
    style,
    parts: [
      '<text class="strong" x="16" y="24">The dashboard</text>',
      '<text class="note" x="16" y="42">Drawn from its definition, with made-up values of three hours.</text>',
      ...widgets.map(toWidget),
    ],
  });
}

function toWidget(widget: Widget): string {
  const [x, y] = [left + widget.x * unit.width + 3, top + widget.y * unit.height + 3];
  const [width, height] = [widget.width * unit.width - 6, widget.height * unit.height - 6];
  const { title, yAxis } = widget.properties;
  const label = yAxis?.left.label;
  const box = { x: x + 10, y: y + 30, width: width - 20, height: height - 70 };
  return [
    `<rect class="widget" x="${x}" y="${y}" width="${width}" height="${height}" rx="4"/>`,
    `<text class="small strong" x="${x + 10}" y="${y + 18}">${escapeXml(title)}</text>`,
    label
      ? `<text class="note" text-anchor="end" x="${x + width - 10}" y="${y + 18}">${label}</text>`
      : '',
    widget.type === 'alarm' ? toAlarms(widget, { x: x + 110, y: y + 8 }) : toGraph(widget, box),
  ].join('');
}

interface Place {
  readonly x: number;
  readonly y: number;
}

function toAlarms({ properties: { alarms = [] } }: Widget, { x, y }: Place): string {
  const width = Math.floor((left + 24 * unit.width - x) / alarms.length);
  return toAlarmNames(alarms)
    .map((name, index) => {
      const begin = x + index * width;
      const middle = begin + (width - 4) / 2;
      return `<rect class="ok" x="${begin}" y="${y}" width="${width - 4}" height="28" rx="4"/><text class="alarm ok-text" text-anchor="middle" x="${middle}" y="${y + 18}">${name}</text>`;
    })
    .join('');
}

/** @param ids logical ids: the words of the constructs above, which all have in common, the alarm's own words, and a digest */
export function toAlarmNames(ids: readonly string[]): readonly string[] {
  const words = ids.map((id) => id.replace(/[0-9A-F]{8}$/, '').match(/[A-Z][a-z]*/g) ?? []);
  const [first = []] = words;
  const own = first.findIndex((word, index) => words.some((other) => other[index] !== word));
  return words.map((all) => all.slice(Math.max(own, 0)).join(''));
}

interface Box extends Place {
  readonly width: number;
  readonly height: number;
}

function toGraph({ properties: { metrics = [], title } }: Widget, box: Box): string {
  const names = metrics.flatMap(toNames);
  const series = names.map((name) => toValues(`${title} ${name}`));
  const highest = Math.max(...series.flat(), 1);
  const bottom = box.y + box.height;
  const lines = series.map((values, index) => {
    const path = values.map((value, step) => {
      const at = [
        box.x + (step / (points - 1)) * box.width,
        bottom - (value / highest) * box.height,
      ];
      return at.map((number) => number.toFixed(1)).join(' ');
    });
    return `<polyline class="line series${index}" points="${path.join(' ')}"/>`;
  });
  const legend = names.map((name, index) => toKey(name, { index, of: names.length, box }));
  return [
    `<line class="axis" x1="${box.x}" x2="${box.x + box.width}" y1="${bottom}" y2="${bottom}"/>`,
    ...lines,
    ...legend,
  ].join('');
}

/** Up to three stand in one line, four in two. */
function toKey(
  name: string,
  { index, of, box }: { readonly index: number; readonly of: number; readonly box: Box },
): string {
  const columns = of > 3 ? 2 : of;
  const x = Math.round(box.x + (index % columns) * (box.width / columns));
  const y = box.y + box.height + 9 + Math.floor(index / columns) * 14;
  return `<rect class="series${index} key" x="${x}" y="${y}" width="8" height="8" rx="2"/><text class="legend" x="${x + 11}" y="${y + 8}">${escapeXml(name)}</text>`;
}

/** The label of a metric, else its name. A search draws a line for each route or code that it finds. */
function toNames(metric: readonly (string | Readonly<Record<string, unknown>>)[]) {
  const [first, name] = metric;
  if (typeof first === 'object') {
    const isByRoute = String(first['expression']).includes(',route}');
    return isByRoute ? ['orders', 'hello', 'users'] : ['RATE_LIMITED', 'UPSTREAM_TIMEOUT'];
  }
  const options = metric.find((part) => typeof part === 'object');
  return [String((typeof options === 'object' && options['label']) || name)];
}

/** The same values for the same name: waves for what is always there, and few peaks for what is rare. */
function toValues(name: string): readonly number[] {
  let state = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 2147483647, 7);
  const random = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const isRare = /4xx|5xx|error|throttl|document|parameters|cold|code/i.test(name);
  const level = (/p99/.test(name) ? 60 : 20) * (/added/.test(name) ? 0.15 : 0.8 + 0.4 * random());
  const phase = random() * 6;
  return Array.from({ length: points }, (_, step) => {
    if (isRare) return random() < 0.12 ? 1 + Math.floor(3 * random()) : 0;
    return level * (1 + 0.25 * Math.sin(step / 5 + phase) + 0.2 * random());
  });
}

const light = ['#0969da', '#bc4c00', '#1a7f37', '#8250df'];
const dark = ['#4493f8', '#db6d28', '#3fb950', '#a371f7'];
const toRules = (colours: readonly string[]) =>
  colours.map((colour, index) => `.series${index} { stroke: ${colour} }`).join(' ');
const toKeys = (colours: readonly string[]) =>
  colours.map((colour, index) => `.series${index}.key { fill: ${colour} }`).join(' ');

const style = `
  .small { font-size: 12px }
  .legend { font-size: 9.5px }
  .alarm { font-size: 9px }
  .widget { fill: #f6f8fa; stroke: #d1d9e0 }
  .line { fill: none; stroke-width: 1.5 }
  .key { stroke-width: 0 }
  .axis { stroke: #afb8c1 }
  .ok { fill: #dafbe1; stroke: #4ac26b }
  .ok-text { fill: #1a7f37 }
  ${toRules(light)} ${toKeys(light)}
  @media (prefers-color-scheme: dark) {
    .widget { fill: #151b23; stroke: #3d444d }
    .axis { stroke: #3d444d }
    .ok { fill: #12261e; stroke: #238636 }
    .ok-text { fill: #3fb950 }
    ${toRules(dark)} ${toKeys(dark)}
  }`;
