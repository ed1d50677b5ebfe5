/**
 * Metrics that ride on log lines, in CloudWatch's embedded metric format: CloudWatch reads the log, nothing is sent.
 * A metric has the name of the field that it is made of. docs/operations.md#metrics says what each one means.
 */

/** `total` for the proxy as a whole, `routes` for each route as well. */
export type MetricsLevel = 'off' | 'total' | 'routes';

/** Dimensions of a proxy's metrics. */
export interface MetricsOptions {
  /** Root of the proxy's documents: what tells one proxy's metrics from another's. */
  readonly proxy: string;
  readonly perRoute: boolean;
}

/** What one request is measured by; undefined is no measurement, which is not 0. */
export interface Measurements {
  readonly ttfbMs: number;
  readonly addedMs: number;
  readonly upstreamMs: number | undefined;
  readonly requestBytes: number | undefined;
  readonly responseBytes: number;
  readonly clientErrors: number | undefined;
  readonly serverErrors: number | undefined;
  readonly errors: number | undefined;
  readonly coldStarts: number | undefined;
  readonly tableAgeSeconds: number | undefined;
  readonly invalidDocuments: number | undefined;
}

type Unit = 'Milliseconds' | 'Seconds' | 'Bytes' | 'Count';

const ofRoutes: readonly Metric[] = [
  { Name: 'ttfbMs', Unit: 'Milliseconds' },
  { Name: 'addedMs', Unit: 'Milliseconds' },
  { Name: 'upstreamMs', Unit: 'Milliseconds' },
  { Name: 'requestBytes', Unit: 'Bytes' },
  { Name: 'responseBytes', Unit: 'Bytes' },
  { Name: 'clientErrors', Unit: 'Count' },
  { Name: 'serverErrors', Unit: 'Count' },
];
const ofProxy: readonly Metric[] = [
  { Name: 'coldStarts', Unit: 'Count' },
  { Name: 'tableAgeSeconds', Unit: 'Seconds' },
  { Name: 'invalidDocuments', Unit: 'Count' },
];
const ofErrors: readonly Metric[] = [{ Name: 'errors', Unit: 'Count' }];
const all = [...ofRoutes, ...ofProxy, ...ofErrors];

interface Metric {
  readonly Name: keyof Measurements;
  readonly Unit: Unit;
}

/** `_aws` of a line. */
export interface Metadata {
  /** Epoch ms. */
  readonly Timestamp: number;
  readonly CloudWatchMetrics: readonly Directive[];
}

/** Dimensions are what an operator named, or of a closed set: each new value of one is a metric more to pay for. */
interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit: Unit }[];
}

/** What makes metrics of a request's line: metadata about fields that the line has beside it. */
export interface RequestMetrics {
  /** The dimension `proxy`. */
  readonly proxy: string;
  /** @param hasRoute whether the line has a `route`, which only an operator can name */
  toMetadata(measurements: Measurements, hasRoute: boolean): Metadata;
}

/**
 * Creates the metadata by which CloudWatch makes metrics of access lines (CloudWatch User Guide, "Specification:
 * Embedded metric format").
 */
export function createRequestMetrics({ proxy, perRoute }: MetricsOptions): RequestMetrics {
  // Requests have few shapes, and making the directives of one costs more than all the rest of its line.
  const known = new Map<number, readonly Directive[]>();
  return {
    proxy,
    toMetadata(measurements, hasRoute) {
      const shape = toShape(measurements, hasRoute);
      const directives = known.get(shape) ?? toDirectives(measurements, perRoute && hasRoute);
      known.set(shape, directives);
      return toMetadata(directives);
    },
  };
}

/**
 * @param dimensions names of fields of the same line
 * @returns the fields that make metrics of a line, one of each count
 */
export function toCountMetrics(
  counts: Readonly<Record<string, number>>,
  dimensions: readonly string[],
): Readonly<Record<string, unknown>> {
  const metrics = Object.keys(counts).map((name) => ({ Name: name, Unit: 'Count' as const }));
  const directive = { Namespace: namespace, Dimensions: [dimensions], Metrics: metrics };
  return { ...counts, _aws: toMetadata([directive]) };
}

const namespace = 'Countersign';

function toDirectives(measurements: Measurements, hasRoute: boolean): readonly Directive[] {
  const inEach = (...last: string[]) => [
    ['proxy', ...last],
    ...(hasRoute ? [['proxy', 'route', ...last]] : []),
  ];
  // A directive may name no field that the line has not.
  const measured = (metrics: readonly Metric[]) =>
    metrics.filter(({ Name: name }) => measurements[name] !== undefined);
  return [
    { Namespace: namespace, Dimensions: inEach(), Metrics: measured(ofRoutes) },
    { Namespace: namespace, Dimensions: [['proxy']], Metrics: measured(ofProxy) },
    { Namespace: namespace, Dimensions: inEach('error'), Metrics: measured(ofErrors) },
  ].filter(({ Metrics: metrics }) => metrics.length > 0);
}

/** One bit for each measurement that there is. */
function toShape(measurements: Measurements, hasRoute: boolean): number {
  let shape = hasRoute ? 1 : 0;
  for (const { Name: name } of all) shape = shape * 2 + (measurements[name] === undefined ? 0 : 1);
  return shape;
}

function toMetadata(directives: readonly Directive[]): Metadata {
  return { Timestamp: Date.now(), CloudWatchMetrics: directives };
}
