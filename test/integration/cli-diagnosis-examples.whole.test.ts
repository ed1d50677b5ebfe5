/** The examples of docs/cli-diagnosis.md, which are those of `--help`, work at the local stack and print what is shown. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, startStack } from '../../local/stack/stack.ts';
import { type CliRun, startCountersign } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { account, type FakeIam, startFakeIam } from '../support/fake-iam.ts';
import { type FakeLogs, startFakeLogs } from '../support/fake-logs.ts';

const page = readFileSync(
  join(import.meta.dirname, '..', '..', 'docs', 'cli-diagnosis.md'),
  'utf8',
);
const runs = [...page.matchAll(/^npx countersign (.*)$/gm)].map(([, args = '']) => args);

let stack: Stack;
let iam: FakeIam;
let logs: FakeLogs;
let folder: string;

beforeAll(async () => {
  stack = await startStack();
  logs = await startFakeLogs('/aws/lambda/proxy');
  const Resource = `arn:aws:ssm:us-east-1:${account}:parameter/countersign/local/*`;
  const Action = ['ssm:GetParametersByPath', 'ssm:GetParameterHistory'];
  const inline = { reading: { Statement: [{ Effect: 'Allow', Action, Resource } as const] } };
  iam = await startFakeIam({ roles: { 'countersign-proxy': { inline } } });
  folder = mkdtempSync(join(tmpdir(), 'countersign-'));
  writeFileSync(join(folder, 'order.json'), '{"order":1}');
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all([stack.close(), iam.close(), logs.close()]);
});

/** Words as a shell splits them: quotes around a word or a part of it. */
function toWords(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));
}

/** What of the page stands for something of one's own. */
function toLocal(word: string): string {
  return word
    .replace('http://127.0.0.1:3000', stack.url)
    .replace('http://127.0.0.1:3002/', stack.helloUrl)
    .replace('https://abcdefghij.lambda-url.eu-west-1.on.aws/', `${stack.apiUrl}default/echo/`)
    .replace('https://abcdefghij.lambda-url.eu-west-1.on.aws', stack.url)
    .replace('@order.json', `@${join(folder, 'order.json')}`);
}

async function run(line: string): Promise<CliRun> {
  const running = startCountersign(stack.parameterStoreUrl, toWords(line).map(toLocal), {
    env: {
      AWS_ENDPOINT_URL_IAM: iam.url,
      AWS_ENDPOINT_URL_STS: iam.url,
      // Without a log group the local stack's own is meant.
      ...(line.includes('--log-group') && { AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: logs.url }),
    },
  });
  if (line.startsWith('logs') && !line.includes('--no-follow')) {
    const before = logs.calls.length;
    await eventually(() => logs.calls.length > before);
    running.interrupt();
  }
  return running.ended;
}

function toExpectedStatus(line: string): number {
  if (line.includes('/nowhere')) return 1;
  return line.startsWith('logs') && !line.includes('--no-follow') ? 130 : 0;
}

it.each(runs)('countersign %s', async (line) => {
  const { status, stderr } = await run(line);

  expect(stderr).not.toContain('Error:');
  expect(status).toBe(toExpectedStatus(line));
});

describe('the commands print what the page shows', () => {
  const blocks = [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)];
  const shown = blocks.flatMap(([, language, text = ''], index) => {
    const line = /^npx countersign (.*)$/m.exec(blocks[index - 1]?.[2] ?? '')?.[1];
    return language === '' && line !== undefined ? [[line, text] as const] : [];
  });
  // Ports, times and what follows from them differ from run to run.
  const normalise = (text: string) =>
    text
      .replace(/127\.0\.0\.1:\d+/g, 'HOST')
      .replace(/\b[0-9a-f]{64}\b|\b[0-9a-f]{12}\b/g, 'DIGEST')
      .replace(/\b\d{8}T\d{6}Z\b/g, 'TIME')
      .replace(/\b\d{8}\//g, 'DAY/')
      .replace(/(\d+ s|less than a second) off/, 'N off')
      .trim();

  it.each(shown)('%s', async (line, text) => {
    const { stdout } = await run(line);

    expect(normalise(stdout)).toBe(normalise(text));
  });

  it('at two places', () => {
    expect(shown).toHaveLength(2);
  });
});
