/**
 * Reads metrics from a log line in embedded metric format as CloudWatch does, and refuses what CloudWatch would refuse.
 */

export interface MetricDatum {
  readonly namespace: string;
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly dimensions: Readonly<Record<string, string>>;
}

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: string[][];
  readonly Metrics: { readonly Name: string; readonly Unit: string }[];
}

type Line = Readonly<Record<string, unknown>>;

/** CloudWatch's names of the units that are used here. */
const units = ['Milliseconds', 'Seconds', 'Bytes', 'Count'];

/**
 * @returns one datum for each metric and dimension set; none for a line without metadata
 * @throws for a violation of the format's specification, because CloudWatch would drop the metric or its dimensions
 */
export function readMetrics(line: Line): MetricDatum[] {
  const { _aws: metadata } = line;
  if (metadata === undefined) return [];
  const { Timestamp: timestamp, CloudWatchMetrics: directives } = metadata as {
    Timestamp: number;
    CloudWatchMetrics: Directive[];
  };
  check(Math.abs(Date.now() - timestamp) < 3_600_000, `a time of ${timestamp}`);
  return directives.flatMap(
    ({ Namespace: namespace, Dimensions: sets, Metrics: metrics }): MetricDatum[] => {
      check(metrics.length > 0 && metrics.length <= 100, `${metrics.length} metrics`);
      check(sets.length > 0, 'no dimension set');
      return sets.flatMap((names) => {
        const dimensions = Object.fromEntries(names.map((name) => [name, readText(line, name)]));
        return metrics.map(({ Name: name, Unit: unit }) => {
          check(units.includes(unit), `${name} in ${unit}`);
          return { namespace, name, unit, value: readNumber(line, name), dimensions };
        });
      });
    },
  );
}

/** CloudWatch drops dimensions whose value is not text, or is empty, too long or not ASCII. */
function readText(line: Line, name: string): string {
  const { [name]: value } = line;
  check(
    typeof value === 'string' && /^(?!:)[ -~]{1,1024}$/.test(value),
    `the dimension ${name} is ${value}`,
  );
  return value as string;
}

function readNumber(line: Line, name: string): number {
  const { [name]: value } = line;
  check(typeof value === 'number' && Number.isFinite(value), `the metric ${name} is ${value}`);
  return value as number;
}

function check(holds: boolean, found: string): void {
  if (!holds) throw new Error(`not in embedded metric format: ${found}`);
}
