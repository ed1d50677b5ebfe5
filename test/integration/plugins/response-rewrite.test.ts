/** response-rewrite, client-control and attach-consumer-label through the built artefact. */
import type { ServerResponse } from 'node:http';
import { type ClientRequest, open, send } from '../../support/client.ts';
import { type Guarded, startGuarded } from '../../support/guarded.ts';

let guarded: Guarded;
/** Ends the streams that the upstream holds open. */
const waiting: (() => void)[] = [];

/** @returns what a request for a part of the page gets */
function readPart(target: string, asked?: string): string | undefined {
  const range = asked ?? (target.startsWith('/part') ? 'bytes=0-1' : '');
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
  return from && 'good morning'.slice(Number(from), Number(to) + 1);
}

/** As servers do that write a text in the charset of `Accept`. `none` is UTF-16 that only its mark tells of. */
function answerIn(charset: string, response: ServerResponse): void {
  const isMarked = charset === 'none';
  if (!isMarked) response.setHeader('content-type', `text/plain; charset=${charset}`);
  const encoding = isMarked || charset.includes('16') ? 'utf16le' : 'utf8';
  response.end(Buffer.from(`${isMarked ? '\ufeff' : ''}good morning`, encoding));
}

beforeAll(async () => {
  guarded = await startGuarded(
    {
      page: {
        'response-rewrite': {
          body: '{"code":"ok","message":"new json body"}',
          headers: { set: { 'X-Server-id': 3, 'X-Server-status': 'on' } },
          vars: [['status', '==', 200]],
        },
      },
      decoded: { 'response-rewrite': { body: 'SGVsbG8gV29ybGQ=', body_base64: true } },
      filtered: {
        'response-rewrite': { filters: [{ regex: 'o', replace: '0', scope: 'global' }] },
      },
      secret: { 'response-rewrite': { filters: [{ regex: 'morn', replace: 'm***' }] } },
      found: {
        'response-rewrite': {
          filters: [{ regex: 'morn', replace: 'm***' }],
          vars: [['status', '==', 200]],
        },
      },
      missing: { 'response-rewrite': { body: 'nothing', vars: [['status', '==', 404]] } },
      stream: { 'response-rewrite': { status_code: 202, headers: { 'X-Stream': 'yes' } } },
      header: { 'response-rewrite': { headers: { 'X-Name': '$arg_name' } } },
      guarded: { 'key-auth': {}, 'response-rewrite': { status_code: 200, body: 'fine' } },
      small: { 'client-control': { max_body_size: 4 } },
      labelled: {
        'key-auth': {},
        'attach-consumer-label': {
          headers: { 'X-Consumer-Department': '$department', 'X-Consumer-Role': '$role' },
        },
      },
    },
    {
      answer: ({ target, header }, response) => {
        const part = readPart(target, header('range') ?? header('x-ms-range'));
        if (part !== undefined) {
          response.statusCode = 206;
          return void response.end(part);
        }
        const charset = header('accept')?.split('charset=')[1];
        if (charset) return answerIn(charset, response);
        if (target.startsWith('/missing')) response.statusCode = 404;
        if (target.startsWith('/large')) return void response.end('o'.repeat(1_100_000));
        if (!target.startsWith('/open')) return void response.end('good morning');
        response.write('first');
        waiting.push(() => response.end('second'));
      },
      consumers: {
        john: {
          username: 'john',
          labels: { department: 'devops' },
          plugins: { 'key-auth': { key: 'john-key' } },
        },
      },
    },
  );
});

afterAll(() => guarded.close());

it.each(['range', 'Range'])(
  'a client cannot ask for a part of a body that is filtered or replaced, by %s',
  async (name) => {
    const response = await guarded.ask('secret', { headers: [[name, 'bytes=5-7']] });

    expect([response.status, response.text()]).toEqual([200, 'good m***ing']);
    // Its condition is that the status is 200.
    const replaced = await guarded.ask('page', { headers: [[name, 'bytes=5-7']] });
    expect(replaced.text()).toContain('new json body');
    const unfiltered = await guarded.ask('stream', { headers: [[name, 'bytes=5-7']] });
    expect(unfiltered.text()).toBe('mor');
  },
);

it('a part of a body that nobody has asked for is not sent on', async () => {
  expect((await guarded.ask('secret', { target: '/part' })).status).toBe(502);
});

it.each<[string, Partial<ClientRequest>]>([
  ['by a parameter', { target: '/part?partNumber=1' }],
  ['by a header of the server itself', { headers: [['x-ms-range', 'bytes=5-7']] }],
])(
  'a part of a body that is asked for %s does not escape a condition on the status',
  async (_, request) => {
    const replaced = await guarded.ask('page', request);
    expect(replaced.text()).toContain('new json body');
    const filtered = await guarded.ask('found', request);
    expect([filtered.status, filtered.text()]).toEqual([502, expect.not.stringContaining('mor')]);
    const other = await guarded.ask('missing', request);
    expect(other.status).toBe(206);
  },
);

it.each([
  ['UTF-16LE', 502, /^\{/],
  ['"utf16"', 502, /^\{/],
  ['none', 502, /^\{/],
  ['IBM037', 502, /^\{/],
  ['UTF-8', 200, /^good m\*\*\*ing$/],
  ['"utf-8"', 200, /^good m\*\*\*ing$/],
  ['ISO-8859-1', 200, /^good m\*\*\*ing$/],
])(
  'a client cannot choose the charset %s so that an expression finds nothing: %s',
  async (charset, status, text) => {
    const response = await guarded.ask('secret', {
      headers: [['accept', `text/plain;charset=${charset}`]],
    });
    expect(response.status).toBe(status);
    expect(response.text()).toMatch(text);
  },
);

it.each([
  ['page', '', 200, '{"code":"ok","message":"new json body"}'],
  ['page', '/missing', 404, 'good morning'],
  ['decoded', '', 200, 'Hello World'],
  ['filtered', '', 200, 'g00d m0rning'],
  ['guarded', '?apikey=john-key', 200, 'fine'],
])('on %s, %s is answered %s with %s', async (route, target, status, text) => {
  const response = await guarded.ask(route, { target });

  expect([response.status, response.text()]).toEqual([status, text]);
});

it('what filters cannot read whole is 502', async () => {
  const response = await guarded.ask('filtered', { target: '/large' });

  expect([response.status, response.header('countersign-error')]).toEqual([
    502,
    'UPSTREAM_INVALID_RESPONSE',
  ]);
});

it('a response without a new body is a stream: its first bytes arrive before its last are sent', async () => {
  const incoming = await open(guarded.artefact.url, { target: '/stream/open' });
  const [first] = (await new Promise<[Buffer]>((resolve) =>
    incoming.once('data', (chunk: Buffer) => resolve([chunk])),
  )) as [Buffer];
  for (const end of waiting) end();
  const rest: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) rest.push(chunk);

  expect([incoming.statusCode, incoming.headers['x-stream']]).toEqual([202, 'yes']);
  expect([String(first), String(Buffer.concat(rest))]).toEqual(['first', 'second']);
});

it('a line break in a parameter does not begin a header', async () => {
  const response = await guarded.ask('header', { target: '?name=a%0d%0aset-cookie:%20b=c' });

  expect(response.header('x-name')).toBe('a  set-cookie: b=c');
  expect(response.header('set-cookie')).toBeUndefined();
});

it('a refusal of an access plugin stays a refusal', async () => {
  expect((await guarded.ask('guarded')).status).toBe(401);
});

it.each([
  ['1234', 200],
  ['12345', 413],
])('client-control: a body of %s is answered %s', async (body, status) => {
  expect((await guarded.ask('small', { method: 'POST', body })).status).toBe(status);
});

it('attach-consumer-label tells labels, and a client’s own headers of their names are dropped', async () => {
  await send(guarded.artefact.url, {
    target: '/labelled?apikey=john-key',
    headers: [
      ['x-consumer-role', 'admin'],
      ['x_consumer_department', 'board'],
    ],
  });
  const received = guarded.upstream.received.at(-1);

  expect(received?.header('x-consumer-department')).toBe('devops');
  expect(received?.header('x-consumer-role')).toBeUndefined();
  expect(received?.header('x_consumer_department')).toBeUndefined();
});
