/** What the chart of docs/benchmarks.md shows: one question in each panel, Countersign above the others. */
import type { TableLine } from './table.ts';

/** A bar before it is drawn. */
export interface Bar {
  readonly label: string;
  readonly isOurs: boolean;
  /** As in the table: `7481 µs`. */
  readonly measured: string;
}

/** A small chart with an axis of its own. */
export interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
}

/** Finds a bar; undefined if it was not measured. */
type FindBar = (lines: readonly TableLine[]) => Bar | undefined;

const measuredOf = (name: string, label: string, isOurs: boolean): FindBar => {
  return (lines) => {
    const found = lines.find((line) => line.name === name);
    return found && { label, isOurs, measured: found.measured };
  };
};
const ours = (name: string, label = 'Countersign') => measuredOf(name, label, true);
const theirs = (name: string, label: string) => measuredOf(name, label, false);

/** The baseline of a line, of which there are several with one name. */
const beside = (name: string, baseline: string, label = baseline): FindBar => {
  return (lines) => {
    const found = lines.find((line) => line.name === name && line.baseline?.name === baseline);
    return found?.baseline && { label, isOurs: false, measured: found.baseline.measured };
  };
};

const cold = 'cold: at 0.29 of a CPU (512 MB), import to first byte';
const million = 'cost: a million requests at 128 MB, upstream 20 ms';
const smithy = '@smithy/signature-v4 on node:crypto';

const panels: readonly (readonly [title: string, ...FindBar[]])[] = [
  ['Code that a cold start loads', ours('bundle: eager'), beside('bundle: eager', 'SDK proxy')],
  ['Cold start with 512 MB, to the first byte', ours(cold), beside(cold, 'SDK proxy')],
  [
    'CPU for a request of 1 KB',
    ours('warm: 1 KB request, CPU'),
    theirs('warm: 1 KB request, SDK proxy, CPU', 'SDK proxy'),
    beside('warm: 1 KB request, CPU', 'direct call'),
  ],
  [
    'CPU for a request of 1 MB',
    ours('warm: 1 MB request, CPU'),
    theirs('warm: 1 MB request, SDK proxy, CPU', 'SDK proxy'),
    beside('warm: 1 MB request, CPU', 'direct call'),
  ],
  [
    'CPU for one signature over 1 KB',
    ours('sign: 1 KB, CPU'),
    beside('sign: 1 KB, CPU', 'aws4'),
    beside('sign: 1 KB, CPU', smithy, 'smithy'),
    beside('sign: 1 KB, CPU', 'aws4fetch'),
  ],
  [
    'Finding the route of a request',
    ours('match: 10 routes, hit', '10 routes'),
    ours('match: 1,000 routes, hit', '1,000 routes'),
    ours('match: 10,000 routes, hit', '10,000 routes'),
  ],
  [
    'CPU for a stream of 200 MB',
    ours('stream: 200 MB, CPU'),
    beside('stream: 200 MB, CPU', 'direct call'),
  ],
  [
    'Price of a million requests, 128 MB, 20 ms, no log',
    ours(million),
    beside(million, 'HTTP API'),
    beside(million, 'REST API'),
  ],
];

/** @returns the panels that have at least two bars */
export function toPanels(lines: readonly TableLine[]): readonly Panel[] {
  return panels
    .map(([title, ...bars]) => ({ title, bars: bars.flatMap((find) => find(lines) ?? []) }))
    .filter(({ bars }) => bars.length > 1);
}
