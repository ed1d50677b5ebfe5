/** `logs` at the local stack: the same command as on AWS, without a log group. */
import { type Stack, startStack } from '../../local/stack/stack.ts';
import { countersign, startCountersign } from '../support/cli.ts';
import { send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(() => stack.close());

const logs = (...args: string[]) =>
  countersign(stack.parameterStoreUrl, ['logs', '--no-follow', ...args]);

it('prints the proxy’s requests, by the filters of CloudWatch Logs', async () => {
  await send(stack.url, { target: '/hello?name=you' });
  await send(stack.url, { target: '/nowhere' });
  await eventually(async () => (await logs()).stdout.includes('/nowhere'));
  const { status, stdout } = await logs();
  const failed = await logs('--error', 'NO_ROUTE');

  expect(status).toBe(0);
  expect(stdout).toMatch(/^\d\d:\d\d:\d\d GET \/hello 200 [\d.]+ ms route=hello$/m);
  expect(failed.stdout.trim().split('\n')).toEqual([
    expect.stringMatching(/GET \/nowhere 404 .* error=NO_ROUTE /),
  ]);
});

it('follows them', async () => {
  const running = startCountersign(stack.parameterStoreUrl, ['logs', '--since', '0s']);
  await send(stack.url, { target: '/hello?name=follow' });
  await eventually(() => running.stdout().includes('GET /hello 200'));
  running.interrupt();

  expect((await running.ended).status).toBe(130);
});

it('knows no other log group', async () => {
  const { status, stderr } = await logs('--log-group', '/aws/lambda/other');

  expect(status).toBe(6);
  expect(stderr).toContain('There is no log group /aws/lambda/other');
});
