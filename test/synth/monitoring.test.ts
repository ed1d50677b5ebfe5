import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  type AlarmThresholds,
  type MonitoringOptions,
  ProxyMonitoring,
  SigningProxy,
  type SigningProxyProps,
} from '../../lib/index.ts';
import { toDashboard } from '../../pictures/dashboard.ts';
import { sample } from '../support/sample.ts';
import { readDashboardMetrics, readQueries, readWidgets } from '../support/watched.ts';
import { createApp, root, synthesise } from './synth-app.ts';

const synthesised = new Map<string, Template>();

/** A template takes a sixth of a second, and several tests read the same one. */
function synthesiseMonitoring(options: MonitoringOptions = {}, props: SigningProxyProps = {}) {
  const name = JSON.stringify([options, props]);
  const template = synthesised.get(name) ?? synthesiseAnew(options, props);
  synthesised.set(name, template);
  return template;
}

function synthesiseAnew(options: MonitoringOptions, props: SigningProxyProps) {
  const stack = new Stack(createApp(), 'Host');
  const proxy = new SigningProxy(stack, 'Proxy', { parameterPath: '/edge', ...props });
  new ProxyMonitoring(stack, 'Monitoring', { proxy, ...options });
  return Template.fromStack(stack);
}

/** Alarms by their id. */
function readAlarms(template: Template): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(template.findResources('AWS::CloudWatch::Alarm')).map(
      ([id, { Properties: properties }]) => [
        id.replace(/^MonitoringAlarms|.{8}$/g, ''),
        properties,
      ],
    ),
  );
}

const alarmsWith = (alarms: AlarmThresholds | false) =>
  readAlarms(synthesiseMonitoring({ alarms }));

const all = [
  'InvalidDocuments',
  'Latency',
  'LostChanges',
  'PublisherFailures',
  'PublisherSilence',
  'ServerErrors',
  'TableAge',
  'Throttles',
];

describe('alarms', () => {
  test.each<[string, number, string, string]>([
    ['ServerErrors', 5, '2 of 3', 'notBreaching'],
    ['Latency', 3000, '3 of 3', 'notBreaching'],
    ['Throttles', 1, '1 of 1', 'notBreaching'],
    ['TableAge', 900, '3 of 3', 'notBreaching'],
    ['InvalidDocuments', 1, '1 of 1', 'ignore'],
    ['PublisherFailures', 1, '1 of 1', 'notBreaching'],
    ['LostChanges', 1, '1 of 1', 'notBreaching'],
  ])('%s goes off at %i, in %s periods; no data is %s', (id, threshold, periods, missing) => {
    const alarm = alarmsWith({})[id] ?? {};
    const { EvaluationPeriods: evaluated, DatapointsToAlarm: needed = evaluated } = alarm;
    expect(alarm).toMatchObject({
      Threshold: threshold,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: missing,
    });
    expect(`${needed} of ${evaluated}`).toBe(periods);
  });

  test('PublisherSilence goes off when no run was counted for 15 minutes', () => {
    expect(alarmsWith({})['PublisherSilence']).toMatchObject({
      ...{ Namespace: 'Countersign', MetricName: 'publisherRuns', Statistic: 'Sum' },
      Dimensions: [{ Name: 'proxy', Value: '/edge' }],
      ...{ Period: 300, EvaluationPeriods: 3, Threshold: 1 },
      ...{ ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'breaching' },
    });
  });

  test('about a publisher are left out where there is none', () => {
    const alarms = readAlarms(synthesiseMonitoring({}, { snapshot: false }));
    expect(Object.keys(alarms).filter((id) => /Publisher|Lost/.test(id))).toEqual([]);
  });

  test('are these, and no more', () => {
    expect(Object.keys(alarmsWith({})).sort()).toEqual(all);
  });

  test('take their thresholds from their options', () => {
    const alarms = alarmsWith({
      ...{ serverErrorPercent: 1, latencyP99: Duration.millis(500), throttles: 50 },
      tableAge: Duration.hours(1),
    });
    const { ServerErrors, Latency, Throttles, TableAge } = alarms;
    const thresholds = [ServerErrors, Latency, Throttles, TableAge].map(
      (alarm) => alarm?.['Threshold'],
    );
    expect(thresholds).toEqual([1, 500, 50, 3600]);
  });

  const each: readonly [string, AlarmThresholds][] = [
    ['ServerErrors', { serverErrorPercent: false }],
    ['Latency', { latencyP99: false }],
    ['Throttles', { throttles: false }],
    ['TableAge', { tableAge: false }],
    ['InvalidDocuments', { invalidDocument: false }],
    ['PublisherFailures', { publisherFailure: false }],
    ['PublisherSilence', { publisherSilence: false }],
    ['LostChanges', { lostChanges: false }],
  ];
  test.each(sample(each))('%s can be left out alone', (id, thresholds) => {
    expect(Object.keys(alarmsWith(thresholds)).sort()).toEqual(all.filter((own) => own !== id));
  });

  test('can be left out as a whole', () => {
    expect(alarmsWith(false)).toEqual({});
  });

  test('look at no percentage of a handful of requests', () => {
    const expression = (thresholds: AlarmThresholds) =>
      JSON.stringify(alarmsWith(thresholds)['ServerErrors']?.['Metrics']);
    expect(expression({})).toContain('IF(requests >= 20, 100 * FILL(failed, 0) / requests, 0)');
    expect(expression({ serverErrorLeastRequests: 5 })).toContain('IF(requests >= 5,');
  });

  test('notify a topic when they start and end, and have no actions without a topic', () => {
    const topicArn = 'arn:aws:sns:eu-west-1:111122223333:operators';
    const told = Object.values(readAlarms(synthesise({ monitoring: {}, topicArn })));
    expect(told).toHaveLength(5);
    for (const alarm of told) {
      expect(alarm).toMatchObject({ AlarmActions: [topicArn], OKActions: [topicArn] });
    }
    for (const alarm of Object.values(alarmsWith({}))) {
      expect(alarm).not.toHaveProperty('AlarmActions');
    }
  });

  test('on metrics that are off there are none', () => {
    const alarms = readAlarms(synthesiseMonitoring({}, { metrics: 'off' }));
    expect(Object.keys(alarms).sort()).toEqual([
      'LostChanges',
      'PublisherFailures',
      'PublisherSilence',
      'ServerErrors',
      'Throttles',
    ]);
  });
});

describe('the dashboard', () => {
  test('is the one of the picture in docs/operations.md: npm run pictures', () => {
    const template = synthesiseMonitoring({}, { parameterPath: '/countersign/prod' });
    const picture = readFileSync(join(root, 'docs/dashboard.svg'), 'utf8');

    expect(picture).toBe(toDashboard(readWidgets(template)));
  });

  const namesBy = (template: Template, dimension: string) =>
    readDashboardMetrics(template)
      .filter(({ dimensions }) => dimensions.includes(dimension))
      .map(({ name }) => name);

  test('shows routes where routes are measured', () => {
    expect(namesBy(synthesiseMonitoring(), 'route')).toEqual(['ttfbMs', 'serverErrors', 'ttfbMs']);
    expect(namesBy(synthesiseMonitoring({}, { metrics: 'total' }), 'route')).toEqual([]);
  });

  test('shows what Lambda counts where nothing is measured', () => {
    const namespaces = readDashboardMetrics(synthesiseMonitoring({}, { metrics: 'off' })).map(
      ({ namespace }) => namespace,
    );
    expect(new Set(namespaces)).toEqual(new Set(['AWS/Lambda']));
  });

  test('shows the metrics of its own proxy alone', () => {
    const text = JSON.stringify(readWidgets(synthesiseMonitoring()));
    expect(text.match(/SEARCH/g)).toHaveLength(4);
    expect(text.match(/proxy=\\"\/edge\\"/g)).toHaveLength(4);
    expect(text.match(/"proxy","[^"]*"/g)?.every((own) => own === '"proxy","/edge"')).toBe(true);
  });

  test('begins with the alarms, if there are any', () => {
    const titles = (options?: MonitoringOptions) =>
      readWidgets(synthesiseMonitoring(options)).map(({ properties }) => properties.title);
    expect(titles()[0]).toBe('Alarm Status');
    expect(titles({ alarms: false })[0]).toBe('Requests');
  });

  test('can be left out', () => {
    synthesiseMonitoring({ dashboard: false }).resourceCountIs('AWS::CloudWatch::Dashboard', 0);
  });
});

describe('saved queries', () => {
  test('are in a folder of the parameter path, over the log that they are about', () => {
    const template = synthesiseMonitoring();
    expect(readQueries(template).map(({ name }) => name)).toEqual([
      'edge/errors by code',
      'edge/slowest routes',
      'edge/denied by IAM',
      'edge/clients turned away',
      'edge/one request by id',
      'edge/requests tried again or cut',
      'edge/bytes by route',
      'edge/documents',
      'edge/changes of documents',
    ]);
    const logGroups = Object.values(template.findResources('AWS::Logs::QueryDefinition')).map(
      ({ Properties }) => String(Properties.LogGroupNames[0].Ref).replace(/.{8}$/, ''),
    );
    expect(logGroups).toEqual([...Array(8).fill('ProxyLogGroup'), 'ProxyPublisherLogGroup']);
  });

  test('can be left out', () => {
    synthesiseMonitoring({ queries: false }).resourceCountIs('AWS::Logs::QueryDefinition', 0);
  });
});

test('all of it can be left out of the production stack', () => {
  const template = synthesise({ monitoring: false });
  for (const type of ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::Dashboard']) {
    template.resourceCountIs(type, 0);
  }
  synthesise({ monitoring: {} }).resourceCountIs('AWS::CloudWatch::Dashboard', 1);
});
