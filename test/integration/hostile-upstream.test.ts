/** An upstream that plays arbitrary bytes: what is valid arrives whole, what is not is a 502 or a cut, and nothing hangs. */

import http from 'node:http';
import { text } from 'node:stream/consumers';
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { type ClientResponse, send } from '../support/client.ts';
import {
  chunked,
  cut,
  invalid,
  lenient,
  ok,
  poison,
  refused,
  silent,
  silentAfterHead,
  unanswered,
  whole,
} from '../support/played-responses.ts';
import { plain, type RawUpstream, type Step, startRawUpstream } from '../support/raw-upstream.ts';
import { sample } from '../support/sample.ts';

describe('an upstream that plays bytes', () => {
  let artefact: Artefact;
  let upstream: RawUpstream;
  let steps: readonly Step[] = [];

  beforeAll(async () => {
    upstream = await startRawUpstream(({ target }) =>
      target === '/after' ? [plain('after')] : steps,
    );
    const route = (uri: string, timeout: number) => ({
      uri,
      plugins: {
        'aws-lambda': { function_uri: upstream.url, authorization: { iam: {} }, timeout },
      },
    });
    artefact = await startArtefact({
      routes: {
        any: route('/*', 10_000),
        short: route('/short/*', 300),
        drip: route('/drip/*', 1500),
      },
      env: { COUNTERSIGN_REFRESH_SECONDS: '60' },
      maxEnvironments: 1,
    });
  });

  afterAll(() => Promise.all([artefact.close(), upstream.close()]));

  beforeEach(() => {
    upstream.requests.length = 0;
  });

  // Whatever was played: the same environment serves the next request, with its own answer.
  afterEach(async () => {
    await upstream.played();
    const next = await send(artefact.url, { target: '/after' });
    expect([next.status, next.text(), next.isCut]).toEqual([200, 'after', false]);
    expect(artefact.lines().filter(({ coldStart }) => coldStart === true)).toHaveLength(1);
  });

  const play = (played: readonly Step[], target = '/', method = 'GET'): Promise<ClientResponse> => {
    steps = played;
    return send(artefact.url, { target, method });
  };
  const expectRefusal = (response: ClientResponse, status: number, code: string, tries = 1) => {
    expect([response.status, response.header('countersign-error')]).toEqual([status, code]);
    expect(response.json()).toMatchObject({ status, code });
    expect(response.isCut).toBe(false);
    expect(upstream.requests.filter(({ target }) => target !== '/after')).toHaveLength(tries);
  };
  const expectCut = (response: ClientResponse, sent: string | Buffer) => {
    expect([response.status, response.isCut]).toEqual([200, true]);
    expect(Buffer.from(sent).subarray(0, response.body.length).equals(response.body)).toBe(true);
  };

  it.each(sample(whole))('arrives whole: %s', async (_, played, status, body) => {
    const response = await play(played);

    expect([response.status, response.isCut]).toEqual([status, false]);
    expect(response.header('countersign-error')).toBeUndefined();
    expect(response.body.equals(Buffer.from(body))).toBe(true);
  });

  it.each(lenient)('arrives whole, or is refused: %s', async (_, played, status, body) => {
    const response = await play(played);

    if (response.status === 502) expectRefusal(response, 502, invalid);
    else {
      expect([response.status, response.isCut]).toEqual([status, false]);
      expect(response.body.equals(Buffer.from(body))).toBe(true);
    }
  });

  it.each(sample(refused))('is refused with 502: %s', async (_, played, code) => {
    expectRefusal(await play(played), 502, code);
  });

  it.each(unanswered)(
    'is tried on one more connection, and refused then: %s',
    async (_, played) => {
      expectRefusal(await play(played), 502, 'UPSTREAM_UNREACHABLE', 2);
    },
  );

  it.each(cut)('is cut %s', async (_, played, sent) => {
    expectCut(await play(played), sent);
  });

  it.each(silent)('is silent %s: 504', async (_, played) => {
    expectRefusal(await play(played, '/short/x'), 504, 'UPSTREAM_TIMEOUT');
  });

  it.each(silentAfterHead)('is silent %s: cut', async (_, played, sent) => {
    expectCut(await play(played, '/short/x'), sent);
  });

  it("is told apart as IAM's refusal though its body never comes", async () => {
    const head = 'HTTP/1.1 403 Forbidden\r\nx-amzn-errortype: AccessDeniedException\r\n';

    const response = await play([`${head}transfer-encoding: chunked\r\n\r\n`], '/short/x');

    expectRefusal(response, 502, 'UPSTREAM_ACCESS_DENIED');
  });

  it.each([
    ['in chunks', `${chunked}`, '2\r\nab\r\n', '0\r\n\r\n', 'ab'],
    ['in a small body', `${ok}content-length: 10\r\n\r\n`, 'ab', '', 'ab'],
  ])('may drip for longer than the timeout %s', async (_, head, part, end, piece) => {
    const drip = [{ pauseMs: 400 }, part];
    const response = await play([head, ...Array(5).fill(drip).flat(), end], '/drip/x');

    expect([response.status, response.text()]).toEqual([200, piece.repeat(5)]);
  });

  it('keeps every final status from 200 to 599', async () => {
    // 204, 205 and 304 have no body; 403 is here too, since nothing says that IAM sent it.
    const bodiless = new Set([204, 205, 304]);
    const statuses = Array.from({ length: 400 }, (_, index) => 200 + index);
    for (const status of [...bodiless, 403, ...sample(statuses)]) {
      const body = bodiless.has(status) ? '' : String(status);
      const response = await play([
        `HTTP/1.1 ${status} x\r\nx-mark: ${status}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      ]);
      expect([response.status, response.header('x-mark'), response.text()]).toEqual([
        status,
        String(status),
        body,
      ]);
    }
  });

  it.each([
    ['a length', `${ok}content-length: 12345\r\n\r\n`, '12345'],
    ['chunked', chunked, undefined],
    ['a length and a body', `${ok}content-length: 6\r\n\r\npoison`, '6'],
    ['a length and a response for a body', `${ok}content-length: 6\r\n\r\n${poison}`, '6'],
  ])('answers HEAD with %s', async (_, played, length) => {
    const response = await play([played], '/', 'HEAD');

    expect([response.status, response.header('content-length')]).toEqual([200, length]);
    expect(response.body).toHaveLength(0);
  });

  it.each([
    ['100 KB of headers', 10, 'a'.repeat(10_000)],
    ['5000 headers', 5000, 'a'],
  ])('sends %s', async (_, count, value) => {
    const lines = Array.from({ length: count }, (_item, index) => `x-h${index}: ${value}\r\n`);
    steps = [plain('hello', lines.join(''))];

    const { headers, text } = await getWide(artefact.url);

    expect(text).toBe('hello');
    expect(Object.keys(headers).filter((name) => name.startsWith('x-h'))).toHaveLength(count);
    expect(headers[`x-h${count - 1}`]).toBe(value);
  });

  it.each([
    ['Latin-1', 'x-a: caf\xe9', 'x-a', 'caf\xe9'],
    ['UTF-8', 'x-a: caf\xc3\xa9', 'x-a', 'caf\xc3\xa9'],
    ['nothing', 'x-a:', 'x-a', ''],
    ['a tab', 'x-a: a\tb', 'x-a', 'a\tb'],
    ['two values', 'x-a: 1\r\nX-A: 2', 'x-a', '1, 2'],
    ['a name that every object has', 'constructor: 1', 'constructor', '1'],
    ['a name that no object keeps', '__proto__: 1', '__proto__', '1'],
  ])('keeps a header of %s', async (_, line, name, value) => {
    const response = await play([plain('hello', `${line}\r\n`)]);

    expect(response.headers.filter(([key]) => key === name)).toEqual([[name, value]]);
    expect(response.text()).toBe('hello');
  });

  it('keeps 150 cookies apart', async () => {
    const cookies = Array.from({ length: 150 }, (_, index) => `c${index}=${index}; Path=/, x`);

    const { headers } = await play([
      plain('hello', cookies.map((cookie) => `set-cookie: ${cookie}\r\n`).join('')),
    ]);

    const received = headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value);
    expect(received).toEqual(cookies);
  });
});

describe("an upstream that outlasts Lambda's own timeout", () => {
  let artefact: Artefact;
  let upstream: RawUpstream;
  const drip = Array(100)
    .fill([{ pauseMs: 50 }, '2\r\nab\r\n'])
    .flat();

  beforeAll(async () => {
    upstream = await startRawUpstream(({ target }) => {
      if (target === '/silent') return [];
      return target === '/drip' ? [chunked, ...drip] : [plain('after')];
    });
    const plugin = { function_uri: upstream.url, authorization: { iam: {} }, timeout: 60_000 };
    artefact = await startArtefact({
      routes: { any: { uri: '/*', plugins: { 'aws-lambda': plugin } } },
      env: { COUNTERSIGN_REFRESH_SECONDS: '60' },
      timeoutMs: 1500,
      maxEnvironments: 1,
    });
  });

  afterAll(() => Promise.all([artefact.close(), upstream.close()]));

  afterEach(async () => {
    expect((await send(artefact.url, { target: '/after' })).text()).toBe('after');
    expect(artefact.lines().filter(({ coldStart }) => coldStart === true)).toHaveLength(1);
  });

  it('gets our 504 when it is silent', async () => {
    const response = await send(artefact.url, { target: '/silent' });

    expect([response.status, response.header('countersign-error')]).toEqual([
      504,
      'UPSTREAM_TIMEOUT',
    ]);
  });

  it('is cut, and logged, when its stream goes on', async () => {
    const response = await send(artefact.url, { target: '/drip' });

    expect([response.status, response.isCut]).toEqual([200, true]);
    expect(response.text()).toMatch(/^(ab)+$/);
    await artefact.logged({ type: 'access', path: '/drip', cut: true, error: 'UPSTREAM_TIMEOUT' });
  });
});

/** The usual client refuses more than 16 KB of headers. */
function getWide(url: string): Promise<{ headers: http.IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false, maxHeaderSize: 4_000_000 }, (incoming) => {
      text(incoming).then((body) => resolve({ headers: incoming.headers, text: body }), reject);
    });
    request.maxHeadersCount = 0;
    request.on('error', reject);
  });
}
