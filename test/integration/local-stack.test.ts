/** The whole local stack with the built artefact, as `npm start` runs it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDeferred } from '../../local/deferred.ts';
import {
  type ParameterStore,
  startParameterStore,
} from '../../local/parameter-store/parameter-store.ts';
import { LOCAL_PARAMETER_PATH, seedRoutes } from '../../local/stack/seeds.ts';
import { type Stack, type StackOptions, startStack } from '../../local/stack/stack.ts';
import { open, send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';

const stacks: Stack[] = [];

async function start(options: StackOptions = {}): Promise<Stack> {
  const stack = await startStack(options);
  stacks.push(stack);
  return stack;
}

async function callStore(url: string, operation: string, input: object): Promise<unknown> {
  const headers = [['X-Amz-Target', `AmazonSSM.${operation}`]] as const;
  const body = JSON.stringify(input);
  return (await send(url, { method: 'POST', target: '/', headers, body })).json();
}

afterEach(async () => {
  await Promise.all(stacks.splice(0).map((stack) => stack.close()));
});

test('an upstream refuses an unsigned call, and the same call through the proxy is answered', async () => {
  const stack = await start();
  const unsigned = await send(stack.helloUrl, { target: '/?name=you' });
  expect([unsigned.status, unsigned.text()]).toEqual([403, '{"Message":"Forbidden"}']);
  const relayed = await send(stack.url, { target: '/hello?name=you' });
  expect([relayed.status, relayed.text()]).toEqual([200, '"Hello, you!"']);
});

test('a prefix route reaches the API, which refuses the unsigned call in its own way', async () => {
  const stack = await start();
  const unsigned = await send(stack.apiUrl, { target: '/default/test-apisix' });
  expect(unsigned.header('x-amzn-errortype')).toBe('MissingAuthenticationTokenException');
  const greeting = await send(stack.url, { target: '/aws/default/test-apisix?name=APISIX' });
  expect(greeting.text()).toBe('"Hello, APISIX!"');
  const target = '/aws/default/echo/a%20b?x=1';
  const echoed = await send(stack.url, { method: 'POST', target, body: 'hi' });
  expect(echoed.json()).toMatchObject({ method: 'POST', path: '/default/echo/a%20b' });
});

test('the first event reaches the client before the second is sent', async () => {
  const goOn = createDeferred<void>();
  const stack = await start({ upstreams: { events: { count: 2, pause: () => goOn.promise } } });
  const response = await open(stack.url, { target: '/stream' });
  expect(response.headers['content-type']).toBe('text/event-stream');
  const chunks = response[Symbol.asyncIterator]();
  expect(String((await chunks.next()).value)).toContain('"number":1');
  goOn.resolve();
  expect(String((await chunks.next()).value)).toContain('"number":2');
});

test('a route that is put while it runs is in force without a restart', async () => {
  const stack = await start({ proxy: { env: { COUNTERSIGN_REFRESH_SECONDS: '0.2' } } });
  expect((await send(stack.url, { target: '/hi' })).status).toBe(404);
  const pids = stack.pids();
  await callStore(stack.parameterStoreUrl, 'PutParameter', {
    Name: `${LOCAL_PARAMETER_PATH}/routes/hi`,
    Value: JSON.stringify({
      uri: '/hi',
      plugins: { 'aws-lambda': { function_uri: stack.helloUrl, authorization: { iam: {} } } },
    }).replace('"iam":{}', '"iam":{"aws_region":"us-east-1","service":"lambda"}'),
  });
  const answered = await eventually(async () => {
    const response = await send(stack.url, { target: '/hi' });
    return response.status === 200 && response;
  });
  expect(answered.text()).toBe('"Hello, world!"');
  expect(stack.pids()).toEqual(expect.arrayContaining([...pids]));
});

test('closing leaves no process behind', async () => {
  const stack = await start();
  // The greeter starts with the first request, which a busy machine may answer before that.
  await eventually(async () => (await send(stack.url, { target: '/hello' })).status === 200);
  const pids = stack.pids();
  expect(pids.length).toBeGreaterThanOrEqual(2);
  await stack.close();
  for (const pid of pids) {
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  }
});

test('an artefact that is not there is an error, and nothing is left running', async () => {
  const proxy = { proxyRoot: join(tmpdir(), 'no-such-folder') };
  await expect(startStack({ proxy })).rejects.toThrow('ENOENT');
});

describe('seeds', () => {
  const urls = (first: number) => ({
    helloUrl: `http://127.0.0.1:${first}/`,
    apiUrl: `http://127.0.0.1:${first + 1}/`,
    streamUrl: `http://127.0.0.1:${first + 2}/`,
  });
  const name = `${LOCAL_PARAMETER_PATH}/routes/hello`;
  let folder: string;
  let store: ParameterStore;

  const read = () => {
    const answer = store.call('GetParameter', { Name: name });
    return (answer as { Parameter: { Value: string; Version: number } }).Parameter;
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-'));
    store = await startParameterStore({ file: join(folder, 'parameters.json') });
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  test('are put once', () => {
    seedRoutes(store, urls(4000));
    seedRoutes(store, urls(4000));
    expect(read().Version).toBe(1);
    expect(JSON.parse(read().Value)).toMatchObject({ uri: '/hello' });
  });

  test('that were edited stay so, and only follow the upstreams to their new ports', () => {
    seedRoutes(store, urls(4000));
    const Value = read().Value.replace('/hello', '/edited');
    store.call('PutParameter', { Name: name, Value, Overwrite: true });
    // The ports overlap: what was the greeter's is the API's now.
    seedRoutes(store, urls(3999));
    expect(read().Value).toContain('/edited');
    expect(read().Value).toContain('http://127.0.0.1:3999/');
    seedRoutes(store, urls(4000));
    expect(read().Value).toContain('http://127.0.0.1:4000/');
  });

  test('that point elsewhere are left alone', () => {
    seedRoutes(store, urls(4000));
    const Value = '{"uri":"/hello","plugins":{"aws-lambda":{"function_uri":"https://mine/"}}}';
    store.call('PutParameter', { Name: name, Value, Overwrite: true });
    seedRoutes(store, urls(5000));
    expect(read().Value).toBe(Value);
  });
});

test('with a publisher the proxy serves the published routes, and an edit is in force without a restart', async () => {
  const lines: string[] = [];
  const onLine = (line: string) => lines.push(line);
  const stack = await start({ publisher: { onLine }, proxy: { onLine } });
  expect((await send(stack.url, { target: '/hello?name=you' })).text()).toBe('"Hello, you!"');

  await callStore(stack.parameterStoreUrl, 'PutParameter', {
    Name: `${LOCAL_PARAMETER_PATH}/routes/hello`,
    Value: JSON.stringify({
      uri: '/hi',
      plugins: { 'aws-lambda': { function_uri: stack.helloUrl } },
    }),
    Overwrite: true,
  });

  await eventually(async () => (await send(stack.url, { target: '/hello' })).status === 404);
  await callStore(stack.parameterStoreUrl, 'DeleteParameter', {
    Name: `${LOCAL_PARAMETER_PATH}/routes/hello`,
  });
  await eventually(() => lines.some((line) => line.includes('"document-deleted"')));
  expect(stack.snapshot?.snapshotUri).toMatch(/^s3:/);
});
