/** Marked secrets through success and every kind of failure: none is found with a party that it is not for. */
import type { Interception } from '../../local/parameter-store/parameter-store.ts';
import { createSigV4Verifier } from '../../local/sigv4/verifier.ts';
import { LOCAL_REGION } from '../../local/stack/credentials.ts';
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { type ClientRequest, type ClientResponse, send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { findMarked, invalidDocuments, marked } from '../support/marked-secrets.ts';
import { plain, type RawUpstream, startRawUpstream } from '../support/raw-upstream.ts';
import { type StsStub, startSts } from '../support/sts-stub.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

/** What AWS answers to a signature that it does not accept: the canonical request, token and all. */
const echo = `The Canonical String for this request should have been 'POST / x-amz-security-token:${marked.roleSessionToken}'`;
const fromClient: ClientRequest = {
  method: 'POST',
  target: '/',
  headers: [
    ['authorization', `Bearer ${marked.clientAuthorization}`],
    ['x-api-key', marked.clientApiKey],
    ['cookie', `session=${marked.cookie}`],
    ['proxy-authorization', marked.clientAuthorization],
    ['x-amz-security-token', marked.clientAuthorization],
  ],
  body: Buffer.from(marked.body),
};

describe('marked secrets', () => {
  let artefact: Artefact;
  let open: Upstream;
  let denying: Upstream;
  let raw: RawUpstream;
  let sts: StsStub;
  let storeFailure: Interception | undefined;
  let logStart = 0;

  beforeAll(async () => {
    open = await startUpstream();
    denying = await startUpstream({
      verifier: createSigV4Verifier({
        service: 'execute-api',
        region: LOCAL_REGION,
        credentials: () => ({ secretAccessKey: 'another', sessionToken: marked.roleSessionToken }),
      }),
    });
    raw = await startRawUpstream(({ target }) => {
      if (target.startsWith('/cut'))
        return ['HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ncut', 'end'];
      if (target.startsWith('/long'))
        return ['HTTP/1.1 200 OK\r\ncontent-length: 999999\r\n\r\ncut', 'end'];
      if (target.startsWith('/bad'))
        return [plain('x', `set-cookie: ${marked.upstreamCookie}\r\nbad header: x\r\n`)];
      return [];
    });
    sts = await startSts({
      keys: { accessKeyId: 'x', secretAccessKey: 'x', sessionToken: 'x' },
      answer: () => ({ code: 'SignatureDoesNotMatch', message: echo }),
    });
    artefact = await startMarked();
  });

  const startMarked = () => {
    // Only the routes whose upstream is silent wait for their timeout.
    const silentAfterMs = (path: string) => (path === '/silent' || path === '/long' ? 300 : 20_000);
    const route = (path: string, url: string, authorization: object = { iam: {} }) => {
      const timeout = silentAfterMs(path);
      const upstream = { function_uri: url, authorization, timeout, max_req_body_size: 1000 };
      return { uri: path, plugins: { 'aws-lambda': upstream } };
    };
    const staticKeys = {
      accesskey: 'AKIDSTATIC',
      secretkey: '$secret://ssm/static-key',
      session_token: '$secret://ssm/static-token',
    };
    return startArtefact({
      reloads: true,
      routes: {
        signed: route('/signed', open.url),
        static: route('/static', open.url, { iam: staticKeys }),
        keyed: route('/keyed', open.url, { apikey: '$secret://ssm/api-key' }),
        plain: route('/plain', open.url, {}),
        denied: route('/denied', denying.url),
        unreachable: route('/unreachable', 'http://127.0.0.1:9/'),
        tls: route('/tls', open.url.replace('http:', 'https:')),
        cut: route('/cut', `${raw.url}/cut`),
        long: route('/long', `${raw.url}/long`),
        bad: route('/bad', `${raw.url}/bad`),
        silent: route('/silent', `${raw.url}/silent`),
        role: route('/role', open.url, { iam: { role_arn: 'arn:aws:iam::123456789012:role/x' } }),
        get: { ...route('/get', open.url), methods: ['GET'] },
        bare: { uri: '/bare' },
      },
      secrets: {
        'static-key': marked.staticSecretKey,
        'static-token': marked.staticSessionToken,
        'api-key': marked.apiKey,
        unusable: marked.unusable,
      },
      store: { intercept: () => storeFailure },
      env: {
        AWS_SECRET_ACCESS_KEY: marked.roleSecretKey,
        AWS_SESSION_TOKEN: marked.roleSessionToken,
        AWS_ENDPOINT_URL_STS: sts.url,
      },
      maxEnvironments: 1,
    });
  };

  afterAll(() =>
    Promise.all([artefact.close(), open.close(), denying.close(), raw.close(), sts.close()]),
  );

  beforeEach(() => {
    open.received.length = 0;
    logStart = artefact.text().length;
  });

  const ask = (path: string, request: Partial<ClientRequest> = {}): Promise<ClientResponse> =>
    send(artefact.url, { ...fromClient, target: `${path}?key=${marked.query}`, ...request });
  const expectSilence = (response: ClientResponse) => {
    expect(findMarked(JSON.stringify([response.headers, response.text()]))).toEqual([]);
    expect(findMarked(artefact.text().slice(logStart))).toEqual([]);
  };

  it.each([
    ['/signed', ['roleSessionToken', 'clientAuthorization', 'clientApiKey', 'cookie', 'query']],
    ['/static', ['staticSessionToken', 'clientAuthorization', 'clientApiKey', 'cookie', 'query']],
    ['/keyed', ['apiKey', 'clientAuthorization', 'cookie', 'query']],
    ['/plain', ['clientAuthorization', 'clientApiKey', 'cookie', 'query']],
  ])('on %s reach the upstream as far as they are for it, and nobody else', async (path, forIt) => {
    const response = await ask(path);

    expect(response.status).toBe(200);
    expectSilence(response);
    const { target, rawHeaders, body } = open.only();
    expect(findMarked(JSON.stringify([target, rawHeaders])).sort()).toEqual(forIt.toSorted());
    expect(body.toString()).toBe(marked.body);
  });

  it.each([
    ['/nowhere', 404, 'NO_ROUTE', {}],
    ['/get', 405, 'METHOD_NOT_ALLOWED', {}],
    ['/signed/..', 400, 'UNSAFE_PATH', {}],
    ['/signed', 413, 'BODY_TOO_LARGE', { body: Buffer.from(marked.body.repeat(200)) }],
    ['/bare', 503, 'NO_UPSTREAM', {}],
    ['/denied', 502, 'UPSTREAM_SIGNATURE_REJECTED', {}],
    ['/unreachable', 502, 'UPSTREAM_UNREACHABLE', {}],
    ['/tls', 502, 'UPSTREAM_UNREACHABLE', {}],
    ['/cut', 502, 'UPSTREAM_CUT', {}],
    ['/bad', 502, 'UPSTREAM_INVALID_RESPONSE', {}],
    ['/silent', 504, 'UPSTREAM_TIMEOUT', {}],
    ['/role', 502, 'CREDENTIALS_UNAVAILABLE', {}],
  ])('stay where they are when %s is answered %i %s', async (path, status, code, request) => {
    const response = await ask(path, request);

    expect([response.status, response.header('countersign-error')]).toEqual([status, code]);
    await artefact.logged({ type: 'access', requestId: response.json()['requestId'] });
    expectSilence(response);
  });

  it('stay where they are when a stream is cut', async () => {
    const response = await ask('/long');

    expect([response.status, response.isCut]).toEqual([200, true]);
    await artefact.logged({ type: 'access', cut: true });
    expectSilence(response);
  });

  describe('are not quoted from a document:', () => {
    const toId = (what: string) => what.replace(/\W/g, '-');
    beforeAll(() => {
      for (const [what, text] of invalidDocuments) artefact.putText(`routes/${toId(what)}`, text);
    });
    afterAll(() => {
      for (const [what] of invalidDocuments) artefact.remove(toId(what));
    });

    it.each(invalidDocuments)('%s', async (what) => {
      const line = await eventually(async () => {
        await ask('/plain');
        return artefact
          .lines()
          .find(
            ({ event, parameter }) =>
              event === 'invalid-document' && String(parameter).endsWith(`routes/${toId(what)}`),
          );
      });

      expect(findMarked(JSON.stringify(line))).toEqual([]);
    });
  });

  it.each([
    ['InvalidSignatureException', 400],
    ['InternalServerError', 500],
  ])('are not quoted from what Parameter Store answers: %s', async (type, status) => {
    storeFailure = { type, message: `${echo} (${type})`, status };
    const before = artefact.lines().length;

    const lines = await eventually(async () => {
      await ask('/plain');
      const failed = artefact
        .lines()
        .slice(before)
        .filter(({ event }) => event === 'refresh-failed');
      return failed.length > 0 && failed;
    });
    storeFailure = undefined;

    expect(findMarked(JSON.stringify(lines))).toEqual([]);
  });

  it('are nowhere in the log, all in all', async () => {
    await artefact.close();

    expect(findMarked(artefact.text())).toEqual([]);
  });

  it('are not in what reached the upstreams that refused or broke off, but for those meant for them', () => {
    const everything = JSON.stringify([
      denying.received,
      raw.requests,
      sts.calls.map((call) => call.rawHeaders),
    ]);
    const keys = [
      'roleSecretKey',
      'staticSecretKey',
      'staticSessionToken',
      'apiKey',
      'document',
      'unusable',
    ];

    expect(findMarked(everything).filter((kind) => keys.includes(kind))).toEqual([]);
  });
});
