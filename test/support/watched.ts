/** What a template watches: metrics of its alarms and its dashboard, and fields of its saved queries. */
import type { Template } from 'aws-cdk-lib/assertions';
import type { Widget } from '../../pictures/dashboard.ts';

export interface WatchedMetric {
  readonly namespace: string;
  readonly name: string;
  /** Names of the dimensions, in alphabetical order. */
  readonly dimensions: readonly string[];
}

export interface WatchedQuery {
  readonly name: string;
  readonly fields: readonly string[];
  /** Texts that it compares with. */
  readonly values: readonly string[];
}

/** Everything that alarms compute with. */
export function readAlarmMetrics(template: Template): WatchedMetric[] {
  return Object.values(template.findResources('AWS::CloudWatch::Alarm')).flatMap(
    ({ Properties: { Metrics: math, ...own } }) =>
      (math ?? [{ MetricStat: { Metric: own } }]).flatMap(
        ({ MetricStat: stat }: { MetricStat?: { Metric: AlarmMetric } }) =>
          stat ? [toWatched(stat.Metric)] : [],
      ),
  );
}

interface AlarmMetric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: { readonly Name: string }[];
}

function toWatched({ Namespace: namespace, MetricName: name, ...rest }: AlarmMetric) {
  return { namespace, name, dimensions: rest.Dimensions.map(({ Name: own }) => own).sort() };
}

/** What graphs show, by name or by search. */
export function readDashboardMetrics(template: Template): WatchedMetric[] {
  return readWidgets(template).flatMap(({ properties: { metrics = [] } }) =>
    metrics.map((metric) => {
      const [first, name, ...rest] = metric;
      if (typeof first === 'object') return parseSearch(String(first['expression']));
      const dimensions = rest.filter((part, index) => index % 2 === 0 && typeof part === 'string');
      return { namespace: String(first), name: String(name), dimensions: dimensions.map(String) };
    }),
  );
}

export function readWidgets(template: Template): Widget[] {
  return Object.values(template.findResources('AWS::CloudWatch::Dashboard')).flatMap(
    ({ Properties: { DashboardBody: body } }) => {
      const parts: unknown[] = body['Fn::Join'][1];
      const text = parts.map((part) => (typeof part === 'string' ? part : toName(part))).join('');
      return (JSON.parse(text) as { widgets: Widget[] }).widgets;
    },
  );
}

/** @returns the logical id, for an attribute of a resource */
function toName(part: unknown): string {
  const [id] = (Object(part)['Fn::GetAtt'] ?? []) as readonly string[];
  return id ?? 'token';
}

function parseSearch(expression: string): WatchedMetric {
  const match = /^SEARCH\('\{(\w+),([\w,]+)\} MetricName="(\w+)"/.exec(expression);
  if (!match) throw new Error(`not understood: ${expression}`);
  const [, namespace = '', dimensions = '', name = ''] = match;
  return { namespace, name, dimensions: dimensions.split(',').sort() };
}

const words = new Set(
  'fields filter stats sort in and or like as by asc desc count latest sum max pct ispresent'.split(
    ' ',
  ),
);

export function readQueries(template: Template): WatchedQuery[] {
  return Object.values(template.findResources('AWS::Logs::QueryDefinition')).map(
    ({ Properties: { Name: name, QueryString: text } }) => {
      const values = [...text.matchAll(/"([^"]*)"/g)].map(([, value]) => String(value));
      const plain = text.replace(/"[^"]*"|\/[^/]*\//g, ' ');
      const aliases = [...plain.matchAll(/ as (\w+)/g)].map(([, alias]) => alias);
      const fields = [...plain.matchAll(/(?<![@\w.])[a-zA-Z][\w.]*/g)]
        .map(([field]) => field)
        .filter((field) => !words.has(field) && !aliases.includes(field));
      return { name, fields: [...new Set<string>(fields)], values };
    },
  );
}
