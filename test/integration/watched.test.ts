/** Alarms, dashboard and saved queries speak of what the built artefacts really write: each name is looked for there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { CountersignStack } from '../../lib/index.ts';
import { type Artefact, type LogLine, startArtefact } from '../support/artefact.ts';
import { send } from '../support/client.ts';
import { readMetrics } from '../support/emf.ts';
import { eventually } from '../support/eventually.ts';
import { startPublisher } from '../support/publisher.ts';
import { startUpstream } from '../support/upstream.ts';
import {
  readAlarmMetrics,
  readDashboardMetrics,
  readQueries,
  type WatchedMetric,
} from '../support/watched.ts';
import { createApp, root } from '../synth/synth-app.ts';

/** Lambda's own (Lambda Developer Guide: "Monitoring Lambda function URLs", "Types of metrics for Lambda functions"). */
const ofLambda = ['UrlRequestCount', 'Url4xxCount', 'Url5xxCount', 'Throttles', 'Errors'];

const codes = new Set(
  [
    ...readFileSync(join(root, 'functions/proxy/http/errors.ts'), 'utf8').matchAll(
      /^ {2}([A-Z_]+): \[/gm,
    ),
  ].map(([, code]) => code),
);
const template = Template.fromStack(new CountersignStack(createApp(), 'Countersign'));
const watched = [...readAlarmMetrics(template), ...readDashboardMetrics(template)];
const queries = readQueries(template);

let proxyLines: readonly LogLine[];
let publisherLines: readonly LogLine[];

beforeAll(async () => {
  [proxyLines, publisherLines] = await Promise.all([runProxy(), runPublisher()]);
});

/** One of everything that an operator would look for. */
async function runProxy(): Promise<LogLine[]> {
  const upstream = await startUpstream({
    answer: ({ target }, response) => {
      if (target === '/denied') {
        const headers = { 'x-amzn-errortype': 'AccessDeniedException' };
        response.writeHead(403, headers).end('{"Message":"Forbidden"}');
      } else if (target === '/cut') {
        response.writeHead(200, { 'content-length': 200_000 });
        response.write(Buffer.alloc(70_000), () => response.destroy());
      } else response.writeHead(target === '/500' ? 500 : 200).end('ok');
    },
  });
  const call = { function_uri: upstream.url, authorization: { iam: {} } };
  const plugins = { 'aws-lambda': call };
  let isDown = false;
  const artefact = await startArtefact({
    reloads: true,
    env: { COUNTERSIGN_METRICS: 'routes' },
    store: { intercept: () => (isDown ? 'hang-up' : undefined) },
    routes: {
      all: { uri: '/all/*', plugins, retries: 1 },
      again: { uri: '/all/*', plugins },
      keyed: { uri: '/keyed', plugins: { 'key-auth': {}, ...plugins } },
      bad: { uri: 1 },
    },
    consumers: { alice: { username: 'alice', plugins: { 'key-auth': { key: 'alices-key' } } } },
  });
  const get = async (target: string, headers: [string, string][] = []) => {
    const before = artefact.lines().length;
    await send(artefact.url, { target, headers }).catch(() => undefined);
    await eventually(() => hasAccess(artefact, before));
  };
  for (const path of ['', 'denied', 'cut', '500']) await get(`/all/${path}`);
  await get('/none');
  await get('/keyed');
  await get('/keyed', [['apikey', 'alices-key']]);
  isDown = true;
  await artefact.logged({ event: 'refresh-failed' });
  const lines = artefact.lines();
  await Promise.all([artefact.close(), upstream.close()]);
  return lines;
}

function hasAccess(artefact: Artefact, from: number): boolean {
  return artefact
    .lines()
    .slice(from)
    .some(({ type }) => type === 'access');
}

async function runPublisher(): Promise<LogLine[]> {
  const publisher = await startPublisher();
  const plugins = {
    'aws-lambda': {
      function_uri: 'https://abcdefghij.lambda-url.eu-west-1.on.aws/',
      authorization: { apikey: '$secret://ssm/key' },
    },
  };
  publisher.put('secrets/key', 'k', 'SecureString');
  publisher.put('routes/open', { uri: '/open', plugins });
  publisher.put('routes/bad', { uri: 1 });
  await publisher.deliver('Create', 'routes/open');
  await publisher.deliver('Create', 'routes/bad');
  await publisher.deliver('Delete', 'routes/gone');
  await publisher.deliver('Update', 'secrets/key');
  await publisher.findings(4);
  const lines = publisher
    .text()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogLine);
  await publisher.close();
  return lines;
}

const toId = ({ namespace, name, dimensions }: WatchedMetric) =>
  `${namespace} ${name} by ${[...dimensions].sort().join(', ')}`;

test('every metric of an alarm or a graph is made by the artefacts, or is one of AWS’s own', () => {
  const made = [...proxyLines, ...publisherLines]
    .flatMap(readMetrics)
    .map(({ namespace, name, dimensions }) =>
      toId({ namespace, name, dimensions: Object.keys(dimensions) }),
    );
  const known = new Set([
    ...made,
    ...ofLambda.map((name) => `AWS/Lambda ${name} by FunctionName`),
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    'AWS/SQS ApproximateNumberOfMessagesVisible by QueueName',
  ]);
  expect(watched.length).toBeGreaterThan(25);
  expect(watched.map(toId).filter((id) => !known.has(id))).toEqual([]);
});

test('every metric that is made of requests is on the dashboard', () => {
  const shown = new Set(watched.map(({ name }) => name));
  const made = proxyLines.flatMap(readMetrics).map(({ name }) => name);
  // What clients do wrong is Lambda's Url4xxCount there.
  expect([...new Set(made)].filter((name) => !shown.has(name))).toEqual(['clientErrors']);
});

test('docs/operations.md explains every metric that is made, by the dimensions that it has', () => {
  const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');
  const rows = page.split('\n').filter((row) => row.startsWith('| `'));
  const undocumented = [...proxyLines, ...publisherLines]
    .flatMap(readMetrics)
    .filter(({ name, dimensions }) => {
      const by = Object.keys(dimensions).join(', ');
      const hasRow = ([, names = '', , sets = '']: string[]) =>
        names.includes(`\`${name}\``) && sets.split(';').some((set) => set.trim() === by);
      return !rows.some((row) => hasRow(row.split('|')));
    });
  expect(undocumented).toEqual([]);
});

describe.each(queries.map((query) => [query.name, query] as const))(
  'the query %s',
  (name, query) => {
    const linesOf = () => (name.endsWith('/changes of documents') ? publisherLines : proxyLines);

    test('asks for fields that are written', () => {
      const written = new Set(linesOf().flatMap((line) => toPaths(line)));
      expect(query.fields.filter((field) => !written.has(field))).toEqual([]);
    });

    test('compares with texts that are written, or with codes that there are', () => {
      const written = new Set(linesOf().flatMap((line) => Object.values(line)));
      const unknown = query.values.filter(
        (value) => !written.has(value) && !codes.has(value) && !value.startsWith('PASTE'),
      );
      expect(unknown).toEqual([]);
    });
  },
);

/** `issues.0.pointer`: how Logs Insights names what is inside a field. */
function toPaths(value: unknown, prefix = ''): string[] {
  if (typeof value !== 'object' || value === null) return [prefix.slice(0, -1)];
  const inner = Object.entries(value).flatMap(([key, item]) => toPaths(item, `${prefix}${key}.`));
  return prefix === '' ? inner : [prefix.slice(0, -1), ...inner];
}
