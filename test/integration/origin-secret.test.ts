/** With an origin secret the bare function URL answers nobody; what comes through the CDN is served, and the secret ends here. */
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { createVerifier, startUpstream, type Upstream } from '../support/upstream.ts';

const reference = '$secret://ssm//aws/reference/secretsmanager/origin-AbC123';
const first = 'first-marked-origin-secret';
const second = 'second-marked-origin-secret';
const pair = (current: string, previous: string) => JSON.stringify({ current, previous });

let upstream: Upstream;
let artefact: Artefact;
const secrets: Record<string, string> = {};
const asEdge = (secret: string, ...headers: [string, string][]) =>
  send(artefact.url, { target: '/open', headers: [['x-origin-verify', secret], ...headers] });

/** @param value of the variable that names the secret */
const start = (value = reference) => {
  const plugins = {
    'aws-lambda': { function_uri: upstream.url, authorization: { iam: {} } },
  };
  return startArtefact({
    reloads: true,
    routes: {
      open: { uri: '/open', plugins },
      host: { uri: '/open', host: 'api.example.com', plugins },
      // As docs/edge.md has it.
      near: {
        uri: '/near',
        plugins: {
          ...plugins,
          'real-ip': {
            source: 'http_cloudfront_viewer_address',
            trusted_addresses: ['0.0.0.0/0', '::/0'],
          },
          'ip-restriction': { whitelist: ['203.0.113.0/24'] },
        },
      },
    },
    env: { COUNTERSIGN_DEBUG_HEADERS: '1', COUNTERSIGN_ORIGIN_SECRET: value },
    store: { secrets },
    secrets: { origin: `${first}\n` },
  });
};

beforeAll(async () => {
  secrets['origin-AbC123'] = pair(first, '');
  upstream = await startUpstream({ verifier: createVerifier() });
});

afterAll(() => upstream.close());

beforeEach(() => {
  secrets['origin-AbC123'] = pair(first, '');
  upstream.received.length = 0;
});

describe('a proxy with an origin secret', () => {
  beforeAll(async () => {
    artefact = await start();
  });

  afterAll(() => artefact.close());

  it.each<[string, [string, string][]]>([
    ['no secret', []],
    ['another one', [['x-origin-verify', second]]],
    ['an empty one, as the empty previous value is', [['x-origin-verify', '']]],
    ['the whole of what the store holds', [['x-origin-verify', pair(first, '')]]],
    ['the beginning of it', [['x-origin-verify', first.slice(0, -1)]]],
    ['it twice', [1, 2].map(() => ['x-origin-verify', first])],
    ['it under a name that CGI reads as the same', [['x_origin_verify', first]]],
  ])('refuses a request with %s, before it looks for a route', async (_, headers) => {
    for (const target of ['/open', '/nowhere']) {
      const response = await send(artefact.url, { target, headers });

      expect(response.status).toBe(403);
      expect(response.json()).toMatchObject({ code: 'ORIGIN_REFUSED', status: 403 });
      expect(response.header('countersign-table')).toBeUndefined();
    }
    expect(upstream.received).toEqual([]);
  });

  it('serves a request with the secret, and passes the secret on to no upstream', async () => {
    const response = await asEdge(first);

    expect(response.status).toBe(200);
    const [received] = upstream.received;
    expect(received?.verification).toMatchObject({ ok: true });
    expect(JSON.stringify(received?.rawHeaders)).not.toMatch(/origin-verify|marked-origin/);
    await send(artefact.url, { target: '/open' });
    await artefact.logged({ type: 'access', status: 403, error: 'ORIGIN_REFUSED', level: 'info' });
    expect(artefact.text()).not.toContain('marked-origin');
  });

  it('routes by the host that the client named to the edge, and tells the upstream', async () => {
    const response = await asEdge(first, ['x-forwarded-host', 'API.example.com']);

    expect(response.header('countersign-route')).toBe('host');
    expect(upstream.received[0]?.rawHeaders).toContainEqual([
      'x-forwarded-host',
      'api.example.com',
    ]);
  });

  it.each([
    ['203.0.113.7:4711', 200],
    ['198.51.100.7:4711', 403],
  ])(
    "knows the client's address from CloudFront, when the secret is there: %s",
    async (address, status) => {
      const viewer: [string, string] = ['cloudfront-viewer-address', address];
      const request = { target: '/near', headers: [viewer] };
      const secret: [string, string] = ['x-origin-verify', first];

      const response = await send(artefact.url, { ...request, headers: [viewer, secret] });
      expect(response.status).toBe(status);
      const bare = await send(artefact.url, request);
      expect(bare.header('countersign-error')).toBe('ORIGIN_REFUSED');
    },
  );

  it('is rotated without an outage: old and new are accepted, then the old one is not', async () => {
    secrets['origin-AbC123'] = pair(second, first);
    await eventually(async () => (await asEdge(second)).status === 200 || undefined);
    expect((await asEdge(first)).status).toBe(200);

    secrets['origin-AbC123'] = pair(second, '');
    await eventually(async () => (await asEdge(first)).status === 403 || undefined);
    expect((await asEdge(second)).status).toBe(200);
  });
});

describe('a proxy that starts, or loses its secret,', () => {
  afterEach(() => artefact.close());

  it('keeps the last secret while it cannot be read, and says so', async () => {
    artefact = await start();
    delete secrets['origin-AbC123'];
    const failed = () => artefact.lines().find(({ event }) => event === 'refresh-failed');
    // Requests wake the environment, and with it the refresh.
    await eventually(async () => (await asEdge(first)) && failed());

    expect((await asEdge(first)).status).toBe(200);
    expect((await asEdge(second)).status).toBe(403);
  });

  it.each([
    ['does not exist', undefined],
    ['is empty', ''],
    ['has only empty values', pair('', '')],
    ['is so short that it can be guessed', pair('short', '')],
    ['is broken JSON', '{"current": "marked-origin-broken'],
    ['is JSON with other things than texts', '{"current": {"marked-origin": 1}}'],
  ])('lets nobody in where the secret %s from the start', async (_, value) => {
    if (value === undefined) delete secrets['origin-AbC123'];
    else secrets['origin-AbC123'] = value;
    artefact = await start();

    for (const sent of [first, '', 'short', value ?? '']) {
      const response = await asEdge(sent);
      expect([response.status, response.header('countersign-error')]).toEqual([
        503,
        'ROUTES_UNAVAILABLE',
      ]);
    }
    expect(upstream.received).toEqual([]);
    expect(artefact.text()).toContain('the origin secret cannot be used');
    expect(artefact.text()).not.toContain('marked-origin');
  });

  it.each([
    ['a secret of its own tree, put from a file with a newline at its end', '$secret://ssm/origin'],
    ['a reference by name', '/aws/reference/secretsmanager/origin-AbC123'],
  ])('takes %s', async (_, env) => {
    artefact = await start(env);

    expect((await asEdge(first)).status).toBe(200);
    expect((await asEdge(second)).status).toBe(403);
  });

  it.each(['', 'marked-origin-value-in-the-clear!', '$env://X', '$secret://vault/x'])(
    'answers 503 where the variable is %j instead of a reference, and does not log it',
    async (env) => {
      artefact = await start(env);

      const response = await asEdge(first);
      expect([response.status, response.header('countersign-error')]).toEqual([
        503,
        'MISCONFIGURED',
      ]);
      expect(artefact.text()).toContain('COUNTERSIGN_ORIGIN_SECRET');
      expect(artefact.text()).not.toContain('marked-origin');
    },
  );
});
