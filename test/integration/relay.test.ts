/** What an upstream answers arrives as it was sent: through the built artefact, over real sockets. */
import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { open, send } from '../support/client.ts';
import {
  createVerifier,
  type Received,
  startUpstream,
  type Upstream,
} from '../support/upstream.ts';

const route = (uri: string, url: string, attributes: object = {}) => ({
  uri,
  plugins: {
    'aws-lambda': { function_uri: url, authorization: { iam: {} }, timeout: 10_000, ...attributes },
  },
});

describe('a relayed response', () => {
  let artefact: Artefact;
  let upstream: Upstream;
  let answer: NonNullable<Parameters<typeof startUpstream>[0]>['answer'];

  beforeAll(async () => {
    upstream = await startUpstream({
      verifier: createVerifier(),
      answer: (received, response) => answer?.(received, response),
    });
    artefact = await startArtefact({
      routes: { any: route('/*', upstream.url) },
      env: { COUNTERSIGN_DEBUG_HEADERS: '1' },
    });
  });

  afterAll(() => Promise.all([artefact.close(), upstream.close()]));

  beforeEach(() => {
    upstream.received.length = 0;
  });

  it('keeps every Set-Cookie apart and in order', async () => {
    answer = (_, response) => {
      response.setHeader('set-cookie', ['a=1; Path=/', 'b=2, x', 'a=3']).end('{}');
    };

    const { headers } = await send(artefact.url, { target: '/' });

    const cookies = headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value);
    expect(cookies).toEqual(['a=1; Path=/', 'b=2, x', 'a=3']);
  });

  it.each([
    ['200 with an empty body', 200, 'GET'],
    ['201 with an empty body', 201, 'POST'],
    ['204', 204, 'DELETE'],
    ['301 that is not followed', 301, 'GET'],
    ['304', 304, 'GET'],
    ['404 of the application', 404, 'GET'],
    ['403 of the application', 403, 'GET'],
    ['503 of the application', 503, 'GET'],
    ['200 to HEAD', 200, 'HEAD'],
  ])('keeps status and headers of a %s', async (_, status, method) => {
    answer = (_received, response) => {
      response
        .writeHead(status, { 'x-mark': 'kept', location: 'https://elsewhere.example/' })
        .end();
    };

    const response = await send(artefact.url, { target: '/', method });

    expect(response.status).toBe(status);
    expect(response.header('x-mark')).toBe('kept');
    expect(response.header('location')).toBe('https://elsewhere.example/');
    expect(response.header('countersign-error')).toBeUndefined();
    expect(response.body).toHaveLength(0);
    expect(upstream.only().method).toBe(method);
  });

  it('keeps the length that HEAD is answered with', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': '12345' }).end();
    };

    const response = await send(artefact.url, { target: '/', method: 'HEAD' });

    expect(response.header('content-length')).toBe('12345');
  });

  it('is binary both ways', async () => {
    const bytes = randomBytes(300_000);
    answer = ({ body }, response) => {
      response.end(body);
    };

    const headers = [['content-type', 'application/octet-stream']] as const;
    const response = await send(artefact.url, { target: '/', method: 'PUT', headers, body: bytes });

    expect(upstream.only().body.equals(bytes)).toBe(true);
    expect(response.body.equals(bytes)).toBe(true);
  });

  it('keeps a compressed body compressed, though none was asked for', async () => {
    const packed = gzipSync('plain text');
    answer = (_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed);
    };

    const response = await send(artefact.url, {
      target: '/',
      headers: [['accept-encoding', 'gzip, br']],
    });

    expect(upstream.only().header('accept-encoding')).toBe('identity');
    expect(response.header('content-encoding')).toBe('gzip');
    expect(response.body.equals(packed)).toBe(true);
  });

  it('loses hop-by-hop headers, those that Connection names, and what only the proxy may say', async () => {
    answer = (_, response) => {
      response.writeHead(200, {
        connection: 'keep-alive, x-private',
        'x-private': 'one hop',
        'keep-alive': 'timeout=9',
        'proxy-authenticate': 'Basic',
        'countersign-error': 'NO_ROUTE',
        'countersign-route': 'forged',
        'x-public': 'all hops',
      });
      response.end('body');
    };

    const response = await send(artefact.url, { target: '/' });

    expect(response.header('x-public')).toBe('all hops');
    expect(response.header('x-private')).toBeUndefined();
    expect(response.header('proxy-authenticate')).toBeUndefined();
    expect(response.header('countersign-error')).toBeUndefined();
    expect(response.headers.filter(([name]) => name === 'countersign-route')).toEqual([
      ['countersign-route', 'any'],
    ]);
    expect(response.header('countersign-table')).toMatch(/^[0-9a-f]{12}$/);
  });

  it('delivers the first event of a stream before the second is sent', async () => {
    let sendSecond: () => void = () => {};
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: first\n\n');
      sendSecond = () => response.end('data: second\n\n');
    };

    const incoming = await open(artefact.url, { target: '/' });
    const chunks = incoming[Symbol.asyncIterator]();
    const first = await chunks.next();
    sendSecond();
    const second = await chunks.next();

    expect(String(first.value)).toBe('data: first\n\n');
    expect(String(second.value)).toBe('data: second\n\n');
    expect(incoming.headers['content-type']).toBe('text/event-stream');
  });

  it('delivers 20 MB to a slow reader whole', async () => {
    const block = randomBytes(1024 * 1024);
    const hash = createHash('sha256');
    answer = async (_, response) => {
      for (let count = 0; count < 20; count += 1) {
        hash.update(block);
        if (!response.write(block)) await new Promise((resolve) => response.once('drain', resolve));
      }
      response.end();
    };

    const incoming = await open(artefact.url, { target: '/' });
    const received = createHash('sha256');
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      received.update(chunk);
      await new Promise((resolve) => setImmediate(resolve));
    }

    expect(received.digest('hex')).toBe(hash.digest('hex'));
  });

  it('carries the request as §3 of the design says, signed', async () => {
    answer = (_, response) => {
      response.end('ok');
    };
    const headers = [
      ['x-twice', 'one'],
      ['x-twice', 'two'],
      ['cookie', 'a=1; b=2'],
      ['authorization', 'Bearer of-the-client'],
      ['x-forwarded-for', '203.0.113.9'],
    ] as const;

    await send(artefact.url, {
      target: '/p%2Fq//r?flag&a=2&a=1&x=a;b&y=100%&z=%FF&p=a+b',
      headers,
    });

    const received: Received = upstream.only();
    expect(received.target).toBe('/p%2Fq//r?flag&a=2&a=1&x=a;b&y=100%&z=%FF&p=a%20b');
    expect(received.verification).toMatchObject({ ok: true });
    expect(received.header('x-twice')).toBe('one,two');
    expect(received.header('cookie')).toBe('a=1; b=2');
    expect(received.header('x-original-authorization')).toBe('Bearer of-the-client');
    expect(received.header('x-forwarded-for')).toBe('203.0.113.9, 127.0.0.1');
    expect(received.header('x-forwarded-host')).toBe(new URL(artefact.url).host);
    expect(received.header('via')).toBe('1.1 countersign');
    expect(received.header('x-amzn-trace-id')).toMatch(/^Root=/);
    expect(received.verification).toHaveProperty('signedHeaders', [
      'host',
      'x-amz-content-sha256',
      'x-amz-date',
      'x-amz-security-token',
      'x-original-authorization',
    ]);
  });
});
