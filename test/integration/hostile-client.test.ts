/** Clients that mean harm, over real sockets: what reaches the upstream is what docs/request-path.md says, signed. */
import { createHash, randomBytes } from 'node:crypto';
import { LOCAL_CREDENTIALS } from '../../local/stack/credentials.ts';
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { type ClientRequest, type ClientResponse, send } from '../support/client.ts';
import { dotSegmentPaths, sentPaths, sentQueries } from '../support/hostile-targets.ts';
import { sample } from '../support/sample.ts';
import {
  createVerifier,
  type Received,
  startUpstream,
  type Upstream,
} from '../support/upstream.ts';

const maxBodyBytes = 1000;

describe('a hostile client', () => {
  let artefact: Artefact;
  let upstream: Upstream;

  beforeAll(async () => {
    upstream = await startUpstream({ verifier: createVerifier() });
    const route = (uri: string, base: string, attributes: object = {}) => ({
      uri,
      plugins: {
        'aws-lambda': {
          function_uri: upstream.url + base,
          authorization: { iam: {} },
          timeout: 10_000,
          ...attributes,
        },
      },
    });
    artefact = await startArtefact({
      routes: {
        any: route('/*', '', { max_req_body_size: maxBodyBytes }),
        based: route('/aws/*', '/stage/base?fixed=1'),
        admin: route('/admin/*', '/admin-checked'),
        exact: route('/exact', '/exact-target'),
        large: route('/large', '/'),
        keyed: route('/keyed', '/', { authorization: { iam: {}, apikey: 'the-proxy-key' } }),
        renamed: route('/renamed', '/', {
          authorization: { iam: {}, forward_as: 'x-client-auth' },
        }),
        dropped: route('/dropped', '/', { authorization: { iam: {}, forward_as: '' } }),
      },
      env: { COUNTERSIGN_REFRESH_SECONDS: '60' },
      maxEnvironments: 1,
    });
  });

  afterAll(() => Promise.all([artefact.close(), upstream.close()]));

  beforeEach(() => {
    upstream.received.length = 0;
  });

  /** Sends, and expects that it arrives once, with a signature that the verifier accepts. */
  const arrive = async (request: ClientRequest): Promise<Received> => {
    const response = await send(artefact.url, request);
    expect([response.status, response.header('countersign-error')]).toEqual([200, undefined]);
    const received = upstream.only();
    expect(received.verification).toMatchObject({ ok: true });
    return received;
  };
  const values = (received: Received, name: string) =>
    received.rawHeaders.filter(([key]) => key === name).map(([, value]) => value);
  const refuse = async (request: ClientRequest): Promise<ClientResponse> => {
    const response = await send(artefact.url, request);
    expect(upstream.received).toHaveLength(0);
    return response;
  };

  describe('in the path', () => {
    it.each(sample(dotSegmentPaths))('cannot send the dot segment of %s', async (target) => {
      const response = await refuse({ target });

      expect([response.status, response.header('countersign-error')]).toEqual([400, 'UNSAFE_PATH']);
    });

    it.each([
      ['NUL', '/aws/%00'],
      ['NUL in a name', '/aws/a%00.txt'],
      ['NUL encoded twice', '/aws/a%2500'],
      ['five layers of encoding', '/aws/%252525252561'],
      ['dots as Windows escapes them', '/aws/%u002e%u002e/x'],
      ['a dot as Windows escapes it, encoded twice', '/aws/%25U002E/x'],
      ['a letter of a guarded path as Windows escapes it', '/%u0061dmin/x'],
      ['dots in two bytes of UTF-8 each', '/aws/%c0%ae%C0%AE/x'],
      ['dots in three bytes of UTF-8 each', '/aws/%e0%80%ae%e0%80%ae/x'],
      ['a slash in four bytes of UTF-8', '/aws/..%f0%80%80%af'],
      ['a letter of a guarded path in two bytes of UTF-8', '/%c1%a1dmin/x'],
    ])('cannot send %s', async (_, target) => {
      const response = await refuse({ target });

      expect([response.status, response.header('countersign-error')]).toEqual([400, 'UNSAFE_PATH']);
    });

    it.each([
      ['an absolute URL', 'http://169.254.169.254/aws/x', '/stage/base/x?fixed=1'],
      ['a network path', '//evil.example/x', '/evil.example/x'],
      ['user information', '/@evil.example/', '/@evil.example/'],
      ['a port', '/:8080/x', '/:8080/x'],
    ])('cannot choose the host with %s', async (_, target, sent) => {
      const received = await arrive({ target });

      expect(received.target).toBe(sent);
      expect(values(received, 'host')).toEqual([new URL(upstream.url).host]);
    });

    it.each([
      '/admin/x',
      '//admin/x',
      '///admin//x',
      '/%61dmin/x',
      '/%61%64%6D%69%6e/x',
      '/admin//x',
      '//%61dmin/x',
      '/admin/%78',
    ])('cannot slip past a stricter route with %s', async (target) => {
      const received = await arrive({ target });

      expect(received.target.startsWith('/admin-checked/')).toBe(true);
    });

    it.each(sample(sentPaths))('with %j reaches %j', async (target, sent) => {
      expect((await arrive({ target })).target).toBe(sent);
    });
  });

  describe('in the query', () => {
    it.each(sample(sentQueries))('%j arrives as %j', async (query, sent) => {
      const received = await arrive({ target: `/q?${query}` });

      expect(received.target).toBe(sent === '' ? '/q' : `/q?${sent}`);
    });
  });

  describe('in the body', () => {
    const bytes = randomBytes(maxBodyBytes);
    it.each([
      ['POST', bytes],
      ['PUT', Buffer.from('\0\xff\r\n\r\n', 'latin1')],
      ['PATCH', Buffer.from('x')],
      ['DELETE', bytes],
      ['GET', bytes],
      ['OPTIONS', bytes],
      ['HEAD', bytes],
      ['POST', Buffer.alloc(0)],
      ['GET', Buffer.alloc(0)],
    ])('%s with a body arrives with it, framed by its length', async (method, body) => {
      const received = await arrive({ method, target: '/body', body });

      expect(received.method).toBe(method);
      expect(received.body.equals(body)).toBe(true);
      expect(values(received, 'transfer-encoding')).toEqual([]);
      expect(values(received, 'content-length')).toEqual(
        body.length || method === 'POST' ? [String(body.length)] : [],
      );
    });

    it('one byte over max_req_body_size is 413', async () => {
      const response = await refuse({
        method: 'POST',
        target: '/body',
        body: Buffer.alloc(maxBodyBytes + 1),
      });

      expect([response.status, response.header('countersign-error')]).toEqual([
        413,
        'BODY_TOO_LARGE',
      ]);
    });

    it('of 4 MB arrives', async () => {
      const body = randomBytes(4 * 1024 * 1024);

      expect((await arrive({ method: 'POST', target: '/large', body })).body.equals(body)).toBe(
        true,
      );
    });

    it('as text keeps its bytes', async () => {
      const body = Buffer.from('{"λ":"é\\u0000"}');

      const received = await arrive({
        method: 'POST',
        target: '/body',
        body,
        headers: [['content-type', 'application/json']],
      });

      expect(received.body.equals(body)).toBe(true);
      expect(values(received, 'content-type')).toEqual(['application/json']);
    });

    it.each(['UNSIGNED-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', '0'.repeat(64)])(
      'is hashed by the proxy, whatever the client claims: %s',
      async (hash) => {
        const headers = [
          ['x-amz-content-sha256', hash],
          ['x-amz-decoded-content-length', '1'],
        ] as const;

        const received = await arrive({ method: 'POST', target: '/body', body: bytes, headers });

        expect(values(received, 'x-amz-content-sha256')).toEqual([
          createHash('sha256').update(bytes).digest('hex'),
        ]);
        expect(values(received, 'x-amz-decoded-content-length')).toEqual([]);
      },
    );
  });

  it('cannot add a session token', async () => {
    const received = await arrive({ target: '/', headers: [['x-amz-security-token', 'forged']] });

    expect(values(received, 'x-amz-security-token')).toEqual([LOCAL_CREDENTIALS.sessionToken]);
  });
});
