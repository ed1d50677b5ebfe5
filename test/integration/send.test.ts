/** Every way in which a request to an upstream can end settles `sendRequest`, and leaves no socket open. */
import { createPools } from '../../functions/proxy/send/connections.ts';
import { parseAllowedHosts } from '../../functions/proxy/send/hosts.ts';
import { sendRequest } from '../../functions/proxy/send/send.ts';
import { parseTarget } from '../../functions/proxy/upstream/target.ts';
import { eventually } from '../support/eventually.ts';
import { type RawUpstream, type Step, startRawUpstream } from '../support/raw-upstream.ts';

let upstream: RawUpstream;
let steps: readonly Step[] = [];

beforeAll(async () => {
  upstream = await startRawUpstream(() => steps);
});

afterAll(() => upstream.close());

async function sendTo(url: string, method: string): Promise<unknown> {
  const now = () => Date.now();
  const allowedHosts = parseAllowedHosts('127.0.0.1', () => {
    throw new Error('unreachable');
  });
  const target = parseTarget(url, allowedHosts);
  const settings = { keepalive: true, poolSize: 1, idleTimeoutMs: 60_000, verifyTls: true };
  const request = { method, path: '/', query: '', headers: [['host', 'h'] as const] };
  try {
    return await sendRequest(
      { ...request, body: Buffer.alloc(0) },
      {
        origin: target,
        pool: createPools({ allowedHosts, now }).get(target, settings),
        headersDeadlineMs: now() + 20_000,
        silenceMs: 20_000,
        deadlineMs: now() + 20_000,
        now,
      },
    );
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

it.each([
  ['a tunnel that is accepted', 'CONNECT', ['HTTP/1.1 200 OK\r\n\r\n']],
  ['a tunnel that speaks at once', 'CONNECT', ['HTTP/1.1 200 OK\r\n\r\nhello']],
  ['a tunnel that is refused', 'CONNECT', ['HTTP/1.1 405 No\r\ncontent-length: 0\r\n\r\n']],
  ['101', 'GET', ['HTTP/1.1 101 x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nhello']],
  ['1xx without end', 'GET', Array(500).fill('HTTP/1.1 102 x\r\n\r\n')],
])('%s is an invalid response', async (_, method, played) => {
  steps = played;

  expect(await sendTo(upstream.url, method)).toBe('UPSTREAM_INVALID_RESPONSE');
  await eventually(() => upstream.open() === 0);
});

it.each([
  ['an end before any byte', ['end']],
  ['a reset before any byte', ['reset']],
])('%s is an unreachable upstream', async (_, played) => {
  steps = played as Step[];

  expect(await sendTo(upstream.url, 'GET')).toBe('UPSTREAM_UNREACHABLE');
  await eventually(() => upstream.open() === 0);
});

it.each([
  ['an end inside the head', ['HTTP/1.1 200 OK\r\nx-a', 'end']],
  ['a reset inside the head', ['HTTP/1.1 200 OK\r\nx-a', 'reset']],
  ['an end behind an informational response', ['HTTP/1.1 103 x\r\n\r\n', 'end']],
])('%s is a cut', async (_, played) => {
  steps = played as Step[];

  expect(await sendTo(upstream.url, 'GET')).toBe('UPSTREAM_CUT');
  await eventually(() => upstream.open() === 0);
});
