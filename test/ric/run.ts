/**
 * Runs the built artefact under AWS's own runtime client (npm `aws-lambda-ric`) and checks what only it can show:
 * preludes of empty bodies, streaming, cuts that leave the environment alive. `npm run test:ric`.
 */
import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startParameterStore } from '../../local/parameter-store/parameter-store.ts';
import { startProxy } from '../../local/stack/proxy.ts';
import { LOCAL_PARAMETER_PATH } from '../../local/stack/seeds.ts';
import { open, send } from '../support/client.ts';
import { createVerifier, type Received, startUpstream } from '../support/upstream.ts';

const client = 'aws-lambda-ric@4.0.2';
const folder = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'ric');
const say = (line: string) => process.stdout.write(`${line}\n`);

async function install(): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', client];
  try {
    await promisify(execFile)('npm', args, { cwd: folder, timeout: 180_000 });
    return true;
  } catch (error) {
    say(`skipped: ${client} could not be installed (${String(error).split('\n', 1)[0]})`);
    return false;
  }
}

let sendSecond: () => void = () => {};

async function answer({ target, body }: Received, response: ServerResponse): Promise<void> {
  if (target === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
    sendSecond = () => response.end('data: 2\n\n');
  } else if (target === '/cut') {
    response.writeHead(200).write('begun');
    setTimeout(() => response.destroy(), 50);
  } else if (target === '/echo') {
    response.setHeader('set-cookie', ['a=1', 'b=2']).end(body);
  } else {
    response.writeHead(Number(target.slice(1)), { 'x-mark': 'kept' }).end();
  }
}

type Check = readonly [sentence: string, check: (url: string) => Promise<void>];

const emptyChecks = [200, 204, 301, 304, 404].map(
  (status): Check => [
    `a ${status} with an empty body keeps status and headers`,
    async (url) => {
      const response = await send(url, { target: `/${status}` });
      assert.equal(response.status, status);
      assert.equal(response.header('x-mark'), 'kept');
    },
  ],
);

const checks: readonly Check[] = [
  ...emptyChecks,
  [
    'HEAD keeps status and headers',
    async (url) => {
      const response = await send(url, { method: 'HEAD', target: '/200' });
      assert.deepEqual([response.status, response.header('x-mark')], [200, 'kept']);
    },
  ],
  [
    'a binary body of 1 MB goes there and back, with both cookies',
    async (url) => {
      const body = Buffer.alloc(1024 * 1024, Uint8Array.from([0, 255, 13, 10, 128]));
      const response = await send(url, { method: 'POST', target: '/echo', body });
      assert.ok(response.body.equals(body));
      const cookies = response.headers.filter(([name]) => name === 'set-cookie');
      assert.deepEqual(
        cookies.map(([, value]) => value),
        ['a=1', 'b=2'],
      );
    },
  ],
  [
    'the first event arrives before the second is sent',
    async (url) => {
      const chunks = (await open(url, { target: '/events' }))[Symbol.asyncIterator]();
      assert.equal(String((await chunks.next()).value), 'data: 1\n\n');
      sendSecond();
      assert.equal(String((await chunks.next()).value), 'data: 2\n\n');
    },
  ],
  [
    'a problem answer has its body',
    async (url) => {
      const response = await send(url, { target: '/..;/x' });
      assert.deepEqual([response.status, response.json()['code']], [400, 'UNSAFE_PATH']);
    },
  ],
  [
    'an upstream that breaks off inside the body cuts the stream',
    async (url) => {
      const response = await send(url, { target: '/cut' });
      assert.deepEqual([response.text(), response.isCut], ['begun', true]);
    },
  ],
];

async function runChecks(): Promise<number> {
  const upstream = await startUpstream({ answer, verifier: createVerifier() });
  const store = await startParameterStore();
  store.call('PutParameter', {
    Name: `${LOCAL_PARAMETER_PATH}/routes/all`,
    Type: 'String',
    Value: JSON.stringify({
      uri: '/*',
      plugins: { 'aws-lambda': { function_uri: upstream.url, authorization: { iam: {} } } },
    }),
  });
  const ric = join(folder, 'node_modules', 'aws-lambda-ric', 'index.mjs');
  const proxy = await startProxy({
    parameterStoreUrl: store.url,
    maxEnvironments: 1,
    onLine: (line) => line.startsWith('{') || say(line),
    command: {
      file: process.execPath,
      args: ['--require', join(import.meta.dirname, 'rapid-client.cjs'), ric],
      env: { AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: 'true' },
    },
  });
  const [pid] = proxy.pids();
  let failed = 0;
  const survives: Check = [
    'all of this happened in one environment',
    async () => assert.deepEqual(proxy.pids(), [pid]),
  ];
  for (const [sentence, check] of [...checks, survives]) {
    try {
      await check(proxy.url);
      say(`ok      ${sentence}`);
    } catch (error) {
      failed += 1;
      say(`failed  ${sentence}: ${String(error)}`);
    }
  }
  await Promise.all([proxy.close(), store.close(), upstream.close()]);
  say(`${client}: ${checks.length + 1 - failed} passed, ${failed} failed`);
  return failed;
}

if (await install()) process.exitCode = (await runChecks()) === 0 ? 0 : 1;
