/** Retries where a route asks for them: what is sent again, when, how often, and what is not. */
import { createServer, type ServerResponse } from 'node:http';
import { listen } from '../../local/http-server.ts';
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { type ClientResponse, send } from '../support/client.ts';
import { startRawUpstream } from '../support/raw-upstream.ts';
import {
  createVerifier,
  type Received,
  startUpstream,
  type Upstream,
} from '../support/upstream.ts';

const plugin = (function_uri: string, attributes: object = {}) => ({
  'aws-lambda': {
    function_uri,
    authorization: { iam: {} },
    timeout: 300,
    retry_on: [429, 503],
    ...attributes,
  },
});

type Play = (response: ServerResponse, received: Received) => void;

const ok: Play = (response) => response.end('ok');
const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Play =>
  (response) =>
    response.writeHead(code, headers).end(`upstream ${code}`);
const silence: Play = () => {};
const cut: Play = (response) => {
  response.writeHead(200, { 'content-length': 100 });
  response.write('half', () => response.destroy());
};

describe('a route with retries', () => {
  let upstream: Upstream;
  let artefact: Artefact;
  let closedPort: number;
  let plays: readonly Play[];

  beforeAll(async () => {
    upstream = await startUpstream({
      verifier: createVerifier(),
      answer: (received, response) => {
        const play = plays[Math.min(upstream.received.length, plays.length) - 1];
        play?.(response, received);
      },
    });
    const { port, close } = await listen(createServer());
    await close();
    closedPort = port;
    const route = (uri: string, retries: number, parts: object = {}) => ({
      uri,
      retries,
      plugins: plugin(upstream.url),
      ...parts,
    });
    artefact = await startArtefact({
      routes: {
        never: route('/never', 0),
        twice: route('/twice', 2),
        timed: route('/timed', 5, { retry_timeout: 0.6 }),
        refused: route('/refused', 3, { plugins: plugin(`http://127.0.0.1:${closedPort}/`) }),
        opening: route('/opening', 12, { plugins: plugin(`http://127.0.0.1:${closedPort}/`) }),
      },
      env: { COUNTERSIGN_REFRESH_SECONDS: '60' },
      timeoutMs: 10_000,
      maxEnvironments: 1,
    });
  });

  afterAll(() => Promise.all([artefact.close(), upstream.close()]));

  beforeEach(() => {
    upstream.received.length = 0;
  });

  const ask = async (
    method: string,
    target: string,
    headers: readonly (readonly [string, string])[] = [],
  ): Promise<{ response: ClientResponse; tries: unknown }> => {
    const body = method === 'GET' ? {} : { body: 'the body' };
    const response = await send(artefact.url, { method, target, headers, ...body });
    const requestId = response.header('x-amzn-requestid');
    const line = await artefact.logged({ type: 'access', requestId });
    return { response, tries: line['upstreamTries'] };
  };
  const key = [['idempotency-key', 'k1']] as const;

  it.each<[string, string, readonly Play[], readonly (readonly [string, string])[]]>([
    ['a status of retry_on', 'GET', [status(503), ok], []],
    ['two statuses of retry_on', 'GET', [status(503), status(429), ok], []],
    ['a status of retry_on, of a PUT', 'PUT', [status(503), ok], []],
    ['a status of retry_on, with an idempotency-key', 'POST', [status(503), ok], key],
    ['silence', 'GET', [silence, ok], []],
    ['silence, with an idempotency-key', 'POST', [silence, ok], key],
    ['a body that is cut', 'GET', [cut, ok], []],
    ['a connection that breaks', 'DELETE', [(response) => response.destroy(), ok], []],
  ])('is tried again after %s', async (_, method, played, headers) => {
    plays = played;

    const { response, tries } = await ask(method, '/twice', headers);

    expect([response.status, response.text()]).toEqual([200, 'ok']);
    expect(tries).toBe(upstream.received.length);
    expect(upstream.received.length).toBeGreaterThanOrEqual(played.length);
    for (const { verification, body } of upstream.received) {
      expect(verification).toMatchObject({ ok: true });
      expect(String(body)).toBe(method === 'GET' ? '' : 'the body');
    }
  });

  it.each<[string, string, string, Play, number]>([
    ['a POST', 'POST', '/twice', status(503), 503],
    ['a PATCH', 'PATCH', '/twice', status(429), 429],
    ['a POST into silence', 'POST', '/twice', silence, 504],
    ['a POST whose answer was cut', 'POST', '/twice', cut, 502],
    ['a status that retry_on does not name', 'GET', '/twice', status(500), 500],
    ['a route without retries', 'GET', '/never', status(503), 503],
  ])('is not tried again after %s', async (_, method, target, play, code) => {
    plays = [play, ok];

    const { response, tries } = await ask(method, target);

    expect([response.status, tries, upstream.received.length]).toEqual([code, 1, 1]);
  });

  it('relays the last answer when the tries have run out', async () => {
    plays = [status(503), status(429), status(503, { 'x-last': 'yes' }), ok];

    const { response, tries } = await ask('GET', '/twice');

    expect([response.status, response.text(), response.header('x-last'), tries]).toEqual([
      503,
      'upstream 503',
      'yes',
      3,
    ]);
    expect(response.header('countersign-error')).toBeUndefined();
  });

  it('waits as Retry-After says, and signs the second try anew', async () => {
    plays = [status(429, { 'retry-after': '1' }), ok];
    const startedAt = performance.now();

    const { response } = await ask('GET', '/twice');

    expect(response.status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(999);
    const dates = upstream.received.map(({ header }) => header('x-amz-date'));
    const signatures = upstream.received.map(({ header }) => header('authorization'));
    expect([new Set(dates).size, new Set(signatures).size]).toEqual([2, 2]);
    expect(upstream.received.every(({ verification }) => verification?.ok)).toBe(true);
  });

  it.each([
    ["Lambda's deadline", '/twice', '60'],
    ['retry_timeout', '/timed', '1'],
  ])('does not wait beyond %s: the answer is relayed at once', async (_, target, after) => {
    plays = [status(429, { 'retry-after': after }), ok];

    const { response, tries } = await ask('GET', target);

    expect([response.status, response.header('retry-after'), tries]).toEqual([429, after, 1]);
  });

  it('begins no try later than retry_timeout after the first one', async () => {
    // Each try lasts 300 ms, so that the third would begin too late.
    plays = [silence];

    const { response, tries } = await ask('GET', '/timed');

    expect(response.header('countersign-error')).toBe('UPSTREAM_TIMEOUT');
    expect([1, 2]).toContain(tries);
  });

  it('tries a POST again that was refused: it was not sent', async () => {
    const { response, tries } = await ask('POST', '/refused');

    expect([response.header('countersign-error'), tries]).toEqual(['UPSTREAM_UNREACHABLE', 4]);
  });

  it('reaches an upstream that begins to listen meanwhile', async () => {
    const answer = ask('POST', '/opening');
    const late = createServer((_, response) => response.end('late'));
    const listening = await listen(late, { port: closedPort });

    const { response } = await answer;

    expect([response.status, response.text()]).toEqual([200, 'late']);
    await listening.close();
  });
});

it('a POST that timed out before TLS was there is tried again: it was not sent', async () => {
  const upstream = await startRawUpstream(() => []);
  const route = (retries: number) => ({
    uri: `/${retries}`,
    retries,
    plugins: plugin(upstream.url.replace('http:', 'https:'), { keepalive: false }),
  });
  const artefact = await startArtefact({ routes: { none: route(0), two: route(2) } });
  const send0 = await send(artefact.url, { method: 'POST', target: '/0', body: 'x' });
  expect([send0.status, upstream.connections()]).toEqual([504, 1]);

  const send2 = await send(artefact.url, { method: 'POST', target: '/2', body: 'x' });

  expect([send2.status, upstream.connections()]).toEqual([504, 4]);
  await Promise.all([artefact.close(), upstream.close()]);
});
