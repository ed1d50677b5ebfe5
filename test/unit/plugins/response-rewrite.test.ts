import { gzipSync } from 'node:zlib';
import { ProxyError } from '../../../functions/proxy/http/errors.ts';
import type { ProxyResponse } from '../../../functions/proxy/http/message.ts';
import { toProblem } from '../../../functions/proxy/http/problem.ts';
import { responseRewrite } from '../../../functions/proxy/plugins/transformation/response-rewrite/response-rewrite.ts';
import { gatherBody } from '../../../functions/proxy/send/gather.ts';
import {
  rejectionOf,
  thrownBy,
  toExchange,
  toRequest,
  toResponse,
} from '../../support/builders.ts';
import { preparePlugin } from '../../support/plugin-rig.ts';

async function run(config: unknown, answer: Partial<ProxyResponse> | ProxyError = {}, query = '') {
  const { middleware } = preparePlugin(responseRewrite, config);
  const exchange = toExchange({ request: toRequest({ query }) });
  const response = await middleware(exchange, async () => {
    if (answer instanceof ProxyError) throw answer;
    return toResponse(answer);
  });
  return { ...response, text: String(await gatherBody(response)) };
}

/** A body that tells whether it was read, and whether it was let go. */
function createStream(...chunks: string[]) {
  const state = { read: 0, isClosed: false };
  async function* stream() {
    try {
      for (const chunk of chunks) {
        state.read += 1;
        yield Buffer.from(chunk);
      }
    } finally {
      state.isClosed = true;
    }
  }
  return { state, body: stream() };
}

describe('status and body', () => {
  it('are replaced, and what described the old body goes', async () => {
    const headers = ['content-length', 'etag', 'content-encoding', 'x-a'].map(
      (name) => [name, '1'] as const,
    );
    const config = { status_code: 201, body: '{"code":"ok"}' };

    expect(await run(config, { headers })).toMatchObject({
      ...{ status: 201, text: '{"code":"ok"}', headers: [['x-a', '1']] },
    });
  });

  it('a body in base64 is decoded', async () => {
    expect((await run({ body: 'SGVsbG8gV29ybGQ=', body_base64: true })).text).toBe('Hello World');
  });

  it('a response without a new body stays the stream that it was', async () => {
    const { state, body } = createStream('a', 'b');
    const { middleware } = preparePlugin(responseRewrite, {
      status_code: 202,
      headers: { 'X-A': 'b' },
    });
    const response = await middleware(toExchange(), async () =>
      toResponse({ body, headers: [['content-length', '2']] }),
    );

    expect(response.body).toBe(body);
    expect(response.headers).toEqual([
      ['content-length', '2'],
      ['x-a', 'b'],
    ]);
    expect(state.read).toBe(0);
  });

  test.each([{ body: 'new' }, { status_code: 204 }])('%j lets the stream go', async (config) => {
    const { state, body } = createStream('a', 'b');
    const started = body[Symbol.asyncIterator]();
    await started.next();
    const { text } = await run(config, { body });

    expect(text).toBe('body' in config ? 'new' : '');
    expect(state.isClosed).toBe(true);
  });

  it('a status without a body has none', async () => {
    expect((await run({ status_code: 304, body: 'x' })).text).toBe('');
  });
});

describe('headers', () => {
  const received = [
    ['x-a', '1'],
    ['set-cookie', 'a=b'],
    ['server', 'x'],
  ] as const;

  test.each<[object, (readonly [string, string])[]]>([
    [
      { 'X-A': 2 },
      [
        ['set-cookie', 'a=b'],
        ['server', 'x'],
        ['x-a', '2'],
      ],
    ],
    [{ set: { 'X-B': '$remote_addr $status' } }, [...received, ['x-b', '192.0.2.7 200']]],
    [
      { set: { 'X-A': '' } },
      [
        ['set-cookie', 'a=b'],
        ['server', 'x'],
      ],
    ],
    [{ add: ['Set-Cookie: c=d; Max-Age=1'] }, [...received, ['set-cookie', 'c=d; Max-Age=1']]],
    [{ remove: ['Server', 'Set-Cookie'] }, [['x-a', '1']]],
    [{ set: { 'X-B': '$upstream_http_x_a-$sent_http_no' } }, [...received, ['x-b', '1-']]],
    [{ set: { 'X-B': '$arg_n' } }, [...received, ['x-b', 'a  b: c']]],
  ])('%j', async (headers, expected) => {
    const response = await run({ headers }, { headers: received }, 'n=a%0D%0Ab:%20c');

    expect(response.headers).toEqual(expected);
  });
});

describe('vars', () => {
  test.each([
    [[['status', '==', 200]], 200, '', 299],
    [[['status', '==', 200]], 404, '', 404],
    [
      [
        ['status', '>=', 500],
        ['arg_a', '==', 'b'],
      ],
      500,
      'a=b',
      299,
    ],
    [
      [
        ['status', '>=', 500],
        ['arg_a', '==', 'b'],
      ],
      500,
      '',
      500,
    ],
    [[['sent_http_x_kind', '~~', '^j']], 200, '', 299],
    [[], 200, '', 299],
  ])('%j of a response with %s and the query "%s": %s', async (vars, status, query, expected) => {
    const response = await run(
      { status_code: 299, vars },
      { status, headers: [['x-kind', 'json']] },
      query,
    );

    expect(response.status).toBe(expected);
  });
});

describe('filters', () => {
  const text = 'one two one';

  test.each([
    [{ regex: 'one', replace: '1' }, '1 two one'],
    [{ regex: 'one', replace: '1', scope: 'global' }, '1 two 1'],
    [{ regex: 'ONE', replace: '1', options: 'i' }, '1 two one'],
    [{ regex: '(o)(ne)', replace: `$2$1-\${0}$$`, scope: 'global' }, 'neo-one$ two neo-one$'],
    [{ regex: 'x*', replace: '-', scope: 'global' }, '-o-n-e- -t-w-o- -o-n-e-'],
    [{ regex: 'none', replace: 'x' }, text],
  ])('%j', async (filter, expected) => {
    expect((await run({ filters: [filter] }, { body: Buffer.from(text) })).text).toBe(expected);
  });

  it('apply in order, over chunks', async () => {
    const filters = [
      { regex: 'one two', replace: 'three' },
      { regex: 'three', replace: 'four' },
    ];

    expect((await run({ filters }, { body: createStream('one ', 'two').body })).text).toBe('four');
  });

  it('keep bytes that are no UTF-8', async () => {
    const config = { filters: [{ regex: 'a', replace: 'b' }] };
    const { middleware } = preparePlugin(responseRewrite, config);
    const response = await middleware(toExchange(), async () =>
      toResponse({ body: Buffer.from([0x61, 0xff, 0x00, 0x80]) }),
    );

    expect(response.body).toEqual(Buffer.from([0x62, 0xff, 0x00, 0x80]));
  });

  it('read what is compressed', async () => {
    const headers = [['content-encoding', 'gzip']] as const;
    const config = { filters: [{ regex: 'one', replace: '1' }] };

    expect(await run(config, { headers, body: gzipSync(text) })).toMatchObject({
      ...{ text: '1 two one', headers: [] },
    });
  });

  const filters = [{ regex: 'a.*b', replace: 'x', scope: 'global' }];

  const encodedBy = (...values: string[]) =>
    values.map((value) => ['content-encoding', value] as const);

  test.each<[string, Partial<ProxyResponse>]>([
    ['is too long', { body: createStream('x'.repeat(600_000), 'x'.repeat(600_000)).body }],
    ['is a bomb', { headers: encodedBy('gzip'), body: gzipSync(Buffer.alloc(2_000_000)) }],
    ['is damaged', { headers: [['content-encoding', 'gzip']], body: Buffer.from('x') }],
    ['is encoded twice', { headers: encodedBy('identity', 'gzip'), body: gzipSync('x') }],
    ['is encoded otherwise', { headers: [['content-encoding', 'zstd']], body: Buffer.from('x') }],
  ])('refuse a body that %s', async (_, response) => {
    expect(await rejectionOf(run({ filters }, response))).toMatchObject({
      code: 'UPSTREAM_INVALID_RESPONSE',
    });
  });

  it.each([
    ['long replacements', { regex: 'a', replace: 'x'.repeat(1000), scope: 'global' }],
    ['many groups', { regex: '^(a+)$', replace: '$1'.repeat(1000) }],
  ])('refuse a body that grows by %s', async (_, filter) => {
    const body = Buffer.from('a'.repeat(100_000));
    const error = await rejectionOf(run({ filters: [filter] }, { body }));
    expect(error).toMatchObject({ code: 'UPSTREAM_INVALID_RESPONSE' });
    expect(String(error)).toContain('grows');
  });

  it('refuse a body that is too long for an expression', async () => {
    const long = [{ regex: 'x{100}y', replace: '' }];

    expect(
      await rejectionOf(run({ filters: long }, { body: Buffer.alloc(200_000) })),
    ).toMatchObject({ code: 'UPSTREAM_INVALID_RESPONSE' });
  });
});

describe('an error of the proxy', () => {
  const error = new ProxyError('UPSTREAM_TIMEOUT', 'slow', { headers: { 'retry-after': '1' } });

  it('is rewritten, and keeps its code', async () => {
    const config = {
      status_code: 200,
      body: 'sorry',
      headers: { 'Content-Type': 'text/html' },
      vars: [['status', '==', 504]],
    };
    const rewritten = (await rejectionOf(run(config, error))) as ProxyError;
    const response = toProblem(rewritten, 'id');

    expect(rewritten.code).toBe('UPSTREAM_TIMEOUT');
    expect([response.status, String(response.body)]).toEqual([200, 'sorry']);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html',
      'countersign-error': 'UPSTREAM_TIMEOUT',
      'retry-after': '1',
    });
  });

  it('stays as it is where no condition holds', async () => {
    expect(await rejectionOf(run({ status_code: 200, vars: [['status', '==', 200]] }, error))).toBe(
      error,
    );
  });
});

test.each([
  [{ body: 'x', filters: [{ regex: 'a', replace: '' }] }, 'body or filters'],
  [{ body: '', body_base64: true }, 'base64'],
  [{ body: 'not base64', body_base64: true }, 'base64'],
  [{ status_code: 599 }, '598'],
  [{ headers: { 'Content-Length': '1' } }, 'Content-Length'],
  [{ headers: { set: { 'Countersign-Error': 'x' } } }, 'Countersign-*'],
  [{ headers: { add: ['Transfer-Encoding: chunked'] } }, 'Name: value'],
  [{ headers: { add: ['no colon'] } }, 'Name: value'],
  [{ headers: { set: { 'X-A': '1' }, remove: ['x-a'] } }, '/headers/set/X-A: found a string'],
  [{ headers: { 'X-A': '$balancer_ip' } }, '/headers/X-A: found a string, expected no variable'],
  [{ vars: [['no_such', '==', 1]] }, '/plugins/it/vars/0/0'],
  [{ filters: [] }, 'at least one'],
  [{ filters: [{ regex: '(?=a)', replace: '' }] }, 'RE2 syntax'],
  [{ filters: [{ regex: 'a', replace: '', options: 'x' }] }, 'letters of'],
])('%j is refused', (config, words) => {
  expect(String(thrownBy(() => preparePlugin(responseRewrite, config)))).toContain(words);
});
