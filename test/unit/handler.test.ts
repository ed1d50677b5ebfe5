import type { Exchange } from '../../functions/proxy/chain/exchange.ts';
import {
  createHandler,
  type HandlerOptions,
  type LambdaContext,
} from '../../functions/proxy/handler.ts';
import { ProxyError } from '../../functions/proxy/http/errors.ts';
import type { ProxyResponse } from '../../functions/proxy/http/message.ts';
import type { ServedTable } from '../../functions/proxy/routes/served-table.ts';
import { rejectionOf, toEvent, toLogger, toResponse, toRoute } from '../support/builders.ts';
import { createFakeResponseStream } from '../support/fake-response-stream.ts';
import { toTable } from '../support/refresh-rig.ts';

const nowMs = 1_000_000;

interface Parts {
  readonly handle?: (exchange: Exchange) => Promise<ProxyResponse>;
  readonly table?: Partial<ServedTable>;
  readonly debugHeaders?: boolean;
  readonly current?: (deadlineMs: number) => Promise<ServedTable>;
  readonly metrics?: HandlerOptions['metrics'];
  readonly background?: HandlerOptions['background'];
  readonly highWaterMark?: number;
}

function createRig({
  handle = async () => toResponse({ body: Buffer.from('whole') }),
  table = {},
  debugHeaders = false,
  highWaterMark = Number.POSITIVE_INFINITY,
  ...parts
}: Parts = {}) {
  const log = toLogger();
  const route = toRoute({ id: 'r1', handle });
  const served: ServedTable = {
    ...toTable('v1'),
    matcher: { match: () => ({ route, rest: 'rest' }) },
    ...table,
  };
  const deadlines: number[] = [];
  const current =
    parts.current ??
    (async (deadlineMs) => {
      deadlines.push(deadlineMs);
      return served;
    });
  const routes = { start: async () => {}, current, ageMs: () => 7000 };
  const stream = createFakeResponseStream({ highWaterMark });
  const handler = createHandler({
    routes,
    log,
    debugHeaders,
    open: stream.open,
    now: () => nowMs,
    metrics: parts.metrics,
    ...(parts.background ? { background: parts.background } : {}),
  });
  const call = (event: unknown = toEvent(), context: LambdaContext = { awsRequestId: 'id-1' }) =>
    handler(event, stream, context);
  const answer = () => {
    const { prelude, body } = stream.sent();
    return { ...prelude, body: body.toString() };
  };
  return { call, answer, deadlines, lines: () => log.lines.map(({ fields }) => fields) };
}

test('a request is matched and handled, and its response relayed and logged', async () => {
  const seen: Exchange[] = [];
  const handle = async (exchange: Exchange) => {
    seen.push(exchange);
    return toResponse({ status: 201, body: Buffer.from('whole') });
  };
  const { call, answer, lines } = createRig({
    handle,
    table: { secretParameters: new Set(['k']) },
  });

  await call(toEvent({ method: 'POST', rawPath: '/a', rawQueryString: 'k=1', body: 'abc' }));

  expect(seen).toMatchObject([
    {
      request: { id: 'id-1', method: 'POST', path: '/a' },
      rest: 'rest',
      consumer: undefined,
      record: { secretParameters: new Set(['k']) },
    },
  ]);
  expect([seen[0]?.identity.size, seen[0]?.reserved.size]).toEqual([0, 0]);
  expect(answer()).toMatchObject({ statusCode: 201, body: 'whole' });
  expect(lines()).toMatchObject([
    {
      requestId: 'id-1',
      method: 'POST',
      path: '/a',
      route: 'r1',
      table: 'v1',
      status: 201,
      requestBytes: 3,
      responseBytes: 5,
      coldStart: true,
      upstreamTries: 0,
      error: undefined,
      cut: undefined,
    },
  ]);
});

test('the first request of an environment alone is its cold start', async () => {
  const { call, lines } = createRig();
  const again = createRig();

  await call();
  await rejectionOf(call());
  await again.call();

  expect(lines().map((fields) => fields['coldStart'])).toEqual([true, false]);
  expect(again.lines()[0]).toMatchObject({ coldStart: true });
});

test.each<[string, LambdaContext, number]>([
  ['what Lambda has left', { getRemainingTimeInMillis: () => 3000 }, nowMs + 2500],
  ["Lambda's longest timeout", {}, nowMs + 899_500],
])('the deadline is half a second before %s', async (_, context, expected) => {
  const { call, deadlines } = createRig();

  await call(toEvent(), context);

  expect(deadlines).toEqual([expected]);
});

test.each([
  [new ProxyError('FORBIDDEN', 'refused'), 403, 'FORBIDDEN', 'info'],
  [new TypeError('a bug'), 500, 'INTERNAL', 'error'],
])('what a route throws (%s) is answered with a problem: %d', async (error, status, code) => {
  const { call, answer, lines } = createRig({ handle: () => Promise.reject(error) });

  await call();

  expect(answer()).toMatchObject({
    statusCode: status,
    headers: { 'countersign-error': code },
    body: expect.stringContaining('"requestId":"id-1"'),
  });
  expect(lines()).toMatchObject([{ route: 'r1', status, error: code, cut: undefined }]);
});

test('an event that is no request is answered, and logged with what could be read of it', async () => {
  const { call, answer, lines } = createRig();
  const http = { method: 'PUT' };

  await call({ rawPath: '/x', rawQueryString: 5, requestContext: { http } }, {});

  expect(answer()).toMatchObject({ statusCode: 400 });
  expect(answer().body).toContain('"requestId":""');
  expect(lines()).toMatchObject([
    { requestId: '', method: 'PUT', path: '/x', error: 'MALFORMED_REQUEST', table: undefined },
  ]);
});

test('without a table the answer is 503, and no route is named', async () => {
  const error = new ProxyError('ROUTES_UNAVAILABLE', 'none');
  const { call, answer, lines } = createRig({ current: () => Promise.reject(error) });

  await call();

  expect(answer()).toMatchObject({ statusCode: 503 });
  expect(lines()).toMatchObject([{ route: undefined, error: 'ROUTES_UNAVAILABLE' }]);
});

test('a request that does not come by the edge is refused before a route is looked for', async () => {
  const match = () => {
    throw new Error('never called');
  };
  const table = { originKeys: [Buffer.alloc(32)], matcher: { match } };
  const { call, answer, lines } = createRig({ table });

  await call();

  expect(answer()).toMatchObject({ headers: { 'countersign-error': 'ORIGIN_REFUSED' } });
  expect(lines()).toMatchObject([{ table: undefined, route: undefined }]);
});

test.each([
  [true, { 'countersign-table': 'v1', 'countersign-route': 'r1' }],
  [false, {}],
])('with debug headers %s, table and route are shown: %j', async (debugHeaders, expected) => {
  const { call, answer } = createRig({ debugHeaders });

  await call();

  expect(answer().headers).toEqual(expected);
});

test('a HEAD request is answered without the body', async () => {
  const { call, answer } = createRig();

  await call(toEvent({ method: 'HEAD' }));

  expect(answer()).toMatchObject({ statusCode: 200, body: '' });
});

test('a response that breaks off fails the invocation, and is logged as cut with the status that had left', async () => {
  async function* body() {
    yield Buffer.from('part');
    throw new ProxyError('UPSTREAM_CUT', 'reset');
  }
  const { call, answer, lines } = createRig({ handle: async () => toResponse({ body: body() }) });

  const error = await rejectionOf(call());

  expect(error).toMatchObject({
    message: 'response cut: UPSTREAM_CUT',
    cause: { code: 'UPSTREAM_CUT' },
  });
  expect(answer()).toMatchObject({ statusCode: 200, body: 'part' });
  expect(lines()).toMatchObject([
    { status: 200, error: 'UPSTREAM_CUT', cut: true, responseBytes: 4 },
  ]);
});

test('a stream whose client reads nothing until the deadline is cut', async () => {
  const { call, lines } = createRig({ highWaterMark: 1 });

  await rejectionOf(call(toEvent(), { getRemainingTimeInMillis: () => 500 }));

  expect(lines()).toMatchObject([{ error: 'UPSTREAM_TIMEOUT', cut: true }]);
});

test('times, age of the table and invalid documents are measured', async () => {
  const metrics = {
    proxy: '/p',
    toMetadata: () => 'metadata',
  } as unknown as HandlerOptions['metrics'];
  const { call, lines } = createRig({ metrics, table: { invalidDocuments: 3 } });

  const startedAt = performance.now();
  await call();
  const tookMs = performance.now() - startedAt;

  const { ttfbMs, totalMs, ...fields } = lines()[0] as Record<string, number>;
  expect(fields).toMatchObject({ tableAgeSeconds: 7, invalidDocuments: 3, proxy: '/p' });
  expect(ttfbMs).toBeGreaterThanOrEqual(0);
  expect(totalMs).toBeGreaterThanOrEqual(ttfbMs as number);
  // They are rounded to a tenth.
  expect(totalMs).toBeLessThanOrEqual(tookMs + 0.1);
});

test.each([
  ['is whole', toResponse({ body: Buffer.from('whole') })],
  ['breaks off', toResponse({ body: breakOff() })],
])('a request is in flight from its event until its response %s', async (_, response) => {
  const steps: string[] = [];
  const { call } = createRig({
    handle: async () => {
      steps.push('handle');
      return response;
    },
    background: {
      enter() {
        steps.push('enter');
        return () => void steps.push('leave');
      },
    },
  });
  await call().catch(() => {});

  expect(steps).toEqual(['enter', 'handle', 'leave']);
});

async function* breakOff(): AsyncGenerator<Buffer, undefined> {
  yield Buffer.from('half');
  throw new ProxyError('UPSTREAM_CUT', 'cut');
}
