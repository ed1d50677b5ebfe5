/** Headers that mean harm, over real sockets: what a client may not say never arrives, and the signature holds. */
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { type ClientRequest, send } from '../support/client.ts';
import { named, odd } from '../support/hostile-headers.ts';
import {
  createVerifier,
  type Received,
  startUpstream,
  type Upstream,
} from '../support/upstream.ts';

type Headers = NonNullable<ClientRequest['headers']>;

describe('the headers of a hostile client', () => {
  let artefact: Artefact;
  let upstream: Upstream;

  beforeAll(async () => {
    upstream = await startUpstream({ verifier: createVerifier() });
    const route = (uri: string, authorization: object = {}) => ({
      uri,
      plugins: {
        'aws-lambda': {
          function_uri: upstream.url,
          authorization: { iam: {}, ...authorization },
          timeout: 10_000,
        },
      },
    });
    artefact = await startArtefact({
      routes: {
        any: route('/*'),
        keyed: route('/keyed', { apikey: 'the-proxy-key' }),
        renamed: route('/renamed', { forward_as: 'x-client-auth' }),
        dropped: route('/dropped', { forward_as: '' }),
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
  const arrive = async (
    headers: Headers,
    request: Partial<ClientRequest> = {},
  ): Promise<Received> => {
    const response = await send(artefact.url, { target: '/', headers, ...request });
    expect([response.status, response.header('countersign-error')]).toEqual([200, undefined]);
    const received = upstream.only();
    expect(received.verification).toMatchObject({ ok: true });
    return received;
  };
  const values = (received: Received, name: string) =>
    received.rawHeaders.filter(([key]) => key === name).map(([, value]) => value);

  it.each([
    'x-amz-date',
    'x-amz-content-sha256',
    'x-amz-security-token',
    'x-amz-target',
    'x-amz-acl',
    'x-amz-',
    'X-Amz-Meta-Any',
    'x-amzn-apigateway-api-id',
    'x-amzn-vpc-id',
    'x-amzn-tls-version',
    'x-amzn-tls-cipher-suite',
    'x-amzn-requestid',
    'x-amzn-errortype',
    'x-apigw-api-id',
    'x-original-authorization',
    'X-Original-Authorization',
  ])('cannot bring %s', async (name) => {
    const received = await arrive([
      [name, 'forged'],
      ['x-kept', 'yes'],
    ]);

    expect(received.header('x-kept')).toBe('yes');
    expect(JSON.stringify(received.rawHeaders)).not.toContain('forged');
  });

  it.each([
    ['x-forwarded-for', 'forged', 'forged, 127.0.0.1'],
    ['x-forwarded-proto', 'http', 'https'],
    ['x-forwarded-host', 'forged', 'HOST'],
    ['x-forwarded-port', '80', '443'],
    ['accept-encoding', 'gzip', 'identity'],
    ['via', '1.0 fred', '1.0 fred, 1.1 countersign'],
  ])('say %s as the proxy does', async (name, value, sent) => {
    const received = await arrive([[name, value]]);

    expect(values(received, name)).toEqual([sent.replace('HOST', new URL(artefact.url).host)]);
  });

  it.each([
    'evil.example',
    'evil.example:443',
    '169.254.169.254',
    'EVIL.example',
    'a,b',
    'localhost.',
  ])('cannot choose the host with Host: %s', async (host) => {
    const received = await arrive([['host', host]]);

    expect(values(received, 'host')).toEqual([new URL(upstream.url).host]);
    expect(values(received, 'x-forwarded-host')).toEqual([host.toLowerCase()]);
  });

  it.each([
    'keep-alive',
    'proxy-authenticate',
    'proxy-authentication-info',
    'proxy-authorization',
    'proxy-connection',
    'te',
    'upgrade',
    'http2-settings',
  ])('end here: %s', async (name) => {
    const received = await arrive([
      [name, 'one-hop'],
      ['x-kept', 'yes'],
    ]);

    expect(received.header('x-kept')).toBe('yes');
    expect(JSON.stringify(received.rawHeaders)).not.toContain('one-hop');
  });

  it('end here: trailer, expect, and a chunked body arrives with a length', async () => {
    const headers = [
      ['expect', '100-continue'],
      ['trailer', 'x-after'],
      ['transfer-encoding', 'chunked'],
    ] as const;

    const received = await arrive(headers, { method: 'POST' });

    for (const name of ['expect', 'trailer']) expect(values(received, name)).toEqual([]);
    expect(values(received, 'transfer-encoding')).toEqual([]);
    expect(values(received, 'content-length')).toEqual(['0']);
  });

  it.each(named)('named by Connection: %s', async (connection, kept, lost) => {
    const received = await arrive(
      [
        ['connection', connection],
        ['cookie', 'a=1'],
        ['x-one', '1'],
        ['x-two', '2'],
        ['content-type', 'text/plain'],
        ['authorization', 'Bearer client'],
      ],
      { method: 'POST', body: Buffer.from('body') },
    );

    for (const [name, value] of Object.entries(kept)) {
      expect(values(received, name)).toEqual([
        value.replace('UPSTREAM', new URL(upstream.url).host),
      ]);
    }
    for (const name of lost) expect(values(received, name)).toEqual([]);
    expect(values(received, 'connection')).toEqual(['keep-alive']);
    expect(received.body.toString()).toBe('body');
  });

  it.each([
    [
      '/',
      {
        'x-original-authorization': ['Bearer client'],
        'x-client-auth': ['forged'],
        'x-api-key': ['forged'],
      },
    ],
    [
      '/renamed',
      {
        'x-original-authorization': [],
        'x-client-auth': ['Bearer client'],
        'x-api-key': ['forged'],
      },
    ],
    [
      '/dropped',
      { 'x-original-authorization': [], 'x-client-auth': ['forged'], 'x-api-key': ['forged'] },
    ],
    ['/keyed', { 'x-original-authorization': ['Bearer client'], 'x-api-key': ['the-proxy-key'] }],
  ])('carry credentials on %s only where the route says', async (target, expected) => {
    const received = await arrive(
      [
        ['authorization', 'Bearer client'],
        ['x-original-authorization', 'forged'],
        ['x-client-auth', 'forged'],
        ['x-api-key', 'forged'],
        ['connection', 'x-api-key-is-not-named'],
      ],
      { target },
    );

    for (const [name, sent] of Object.entries(expected))
      expect(values(received, name)).toEqual(sent);
    expect(values(received, 'authorization')).toEqual([
      expect.stringMatching(/^AWS4-HMAC-SHA256 /),
    ]);
  });

  it('cannot spoof a renamed header when there is no Authorization to carry', async () => {
    const received = await arrive([['x-client-auth', 'forged']], { target: '/renamed' });

    expect(values(received, 'x-client-auth')).toEqual([]);
  });

  describe.each([
    ['an ordinary one', 'x-odd', 'x-odd'],
    ['a signed one', 'content-type', 'content-type'],
    ['the carried one', 'authorization', 'x-original-authorization'],
    ['cookie', 'cookie', 'cookie'],
  ])('%s', (_what, name, arrivesAs) => {
    it.each(odd)('%s arrives as it was', async (_, sent, arrived) => {
      const received = await arrive(
        sent.map((value) => [name, value] as const),
        {
          method: 'POST',
          body: Buffer.from('body'),
        },
      );

      // Verifiers do not agree on tabs, so what is signed has spaces. Cookies are joined as cookies (RFC 9113 §8.2.3).
      const isSigned = name === 'content-type' || name === 'authorization';
      const value = isSigned ? arrived.replaceAll('\t', ' ') : arrived;
      const joined = name === 'cookie' ? sent.join('; ').replace(/^[ \t]+|[ \t]+$/g, '') : value;
      expect(values(received, arrivesAs)).toEqual([joined]);
    });
  });

  it.each(['constructor', '__proto__', 'hasOwnProperty', 'toString', "!#$%&'*+-.^_`|~0"])(
    'may be called %s',
    async (name) => {
      const received = await arrive([[name, 'x']]);

      expect(values(received, name.toLowerCase())).toEqual(['x']);
    },
  );

  it('may fill a block of nearly 1 MB', async () => {
    const headers = Array.from(
      // Node 26 counts more than the bytes of the lines: a little less than 1 MB has to do.
      { length: 900 },
      (_, index) => [`x-h${index}`, 'v'.repeat(1000)] as const,
    );

    const received = await arrive(headers);

    expect(received.rawHeaders.filter(([name]) => name.startsWith('x-h'))).toEqual(headers);
  });
});
