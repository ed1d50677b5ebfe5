/** What goes wrong, told apart by code: each through the built artefact. */
import { createServer } from 'node:http';
import { listen } from '../../local/http-server.ts';
import { LOCAL_CREDENTIALS } from '../../local/stack/credentials.ts';
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { send } from '../support/client.ts';
import { sample } from '../support/sample.ts';
import { createVerifier, startUpstream, type Upstream } from '../support/upstream.ts';

const plugin = (function_uri: string, attributes: object = {}) => ({
  'aws-lambda': { function_uri, ...attributes },
});

describe('an error answer', () => {
  let artefact: Artefact;
  let upstream: Upstream;
  let closedPort: number;

  beforeAll(async () => {
    upstream = await startUpstream({
      answer: ({ target }, response) => {
        // Anything below /silent never gets an answer.
        if (!target.startsWith('/silent')) response.end('ok');
      },
    });
    closedPort = await findClosedPort();
    artefact = await startArtefact({
      routes: {
        refused: { uri: '/refused', plugins: plugin(`http://127.0.0.1:${closedPort}/`) },
        silent: { uri: '/silent', plugins: plugin(`${upstream.url}/silent`, { timeout: 150 }) },
        small: { uri: '/small', plugins: plugin(upstream.url, { max_req_body_size: 4 }) },
        get: { uri: '/get', methods: ['GET', 'HEAD'], plugins: plugin(upstream.url) },
        bare: { uri: '/bare' },
        tls: { uri: '/tls', plugins: plugin(upstream.url.replace('http:', 'https:')) },
      },
    });
  });

  afterAll(() => Promise.all([artefact.close(), upstream.close()]));

  it.each([
    ['an unknown path', 'GET', '/nowhere', 404, 'NO_ROUTE'],
    ['a method that no route takes', 'POST', '/get', 405, 'METHOD_NOT_ALLOWED'],
    ['a dot segment', 'GET', '/get/%2e%2e/x', 400, 'UNSAFE_PATH'],
    ['a body that is too large', 'POST', '/small', 413, 'BODY_TOO_LARGE'],
    ['an upstream that refuses connections', 'GET', '/refused', 502, 'UPSTREAM_UNREACHABLE'],
    ['an upstream that speaks no TLS', 'GET', '/tls', 502, 'UPSTREAM_UNREACHABLE'],
    ['a route without an upstream', 'GET', '/bare', 503, 'NO_UPSTREAM'],
    ['a silent upstream', 'GET', '/silent', 504, 'UPSTREAM_TIMEOUT'],
  ])(
    'for %s has its status, code and request id, and nothing else',
    async (_, method, target, status, code) => {
      const body = method === 'POST' ? { body: '12345' } : {};
      const response = await send(artefact.url, { method, target, ...body });

      expect(response.status).toBe(status);
      expect(response.header('content-type')).toBe('application/problem+json');
      expect(response.header('countersign-error')).toBe(code);
      const problem = response.json();
      expect(Object.keys(problem).sort()).toEqual(['code', 'requestId', 'status', 'title', 'type']);
      expect(problem).toMatchObject({ status, code, type: `urn:countersign:problem:${code}` });
      const line = await artefact.logged({ type: 'access', requestId: problem['requestId'] });
      expect(line).toMatchObject({ status, error: code, method, path: target });
      expect(response.text()).not.toContain('127.0.0.1');
    },
  );

  it('for a method lists those that are allowed', async () => {
    const response = await send(artefact.url, { method: 'POST', target: '/get' });

    expect(response.header('allow')).toBe('GET, HEAD');
  });

  it('to HEAD has no body', async () => {
    const response = await send(artefact.url, { method: 'HEAD', target: '/nowhere' });

    expect(response.status).toBe(404);
    expect(response.header('countersign-error')).toBe('NO_ROUTE');
    expect(response.body).toHaveLength(0);
  });
});

describe("an upstream's refusal by IAM", () => {
  const { accessKeyId } = LOCAL_CREDENTIALS;
  let api: Upstream;
  let url: Upstream;
  let artefact: Artefact;

  beforeAll(async () => {
    const refuseAll = (service: string) => createVerifier(service, () => 'User is not authorized');
    api = await startUpstream({ verifier: createVerifier('execute-api') });
    url = await startUpstream({ verifier: refuseAll('lambda') });
    const iam = (function_uri: string, keys: object) =>
      plugin(function_uri, { authorization: { iam: keys } });
    artefact = await startArtefact({
      routes: {
        scope: { uri: '/scope', plugins: iam(api.url, { service: 'lambda' }) },
        region: { uri: '/region', plugins: iam(api.url, { aws_region: 'eu-west-1' }) },
        secret: {
          uri: '/secret',
          plugins: iam(api.url, {
            accesskey: accessKeyId,
            secretkey: 'wrong',
            session_token: LOCAL_CREDENTIALS.sessionToken,
          }),
        },
        key: { uri: '/key', plugins: iam(api.url, { accesskey: 'AKIDUNKNOWN', secretkey: 'x' }) },
        denied: { uri: '/denied', plugins: iam(url.url, { service: 'lambda' }) },
        unsigned: { uri: '/unsigned', plugins: plugin(api.url) },
      },
    });
  });

  afterAll(() => Promise.all([artefact.close(), api.close(), url.close()]));

  it.each([
    ['a wrong service', '/scope', 'UPSTREAM_SIGNATURE_REJECTED', /service lambda/],
    ['a wrong region', '/region', 'UPSTREAM_SIGNATURE_REJECTED', /region eu-west-1/],
    ['a wrong secret key', '/secret', 'UPSTREAM_SIGNATURE_REJECTED', /secret key/],
    ['an unknown access key', '/key', 'UPSTREAM_KEY_UNKNOWN', /access key/],
    [
      'a missing permission',
      '/denied',
      'UPSTREAM_ACCESS_DENIED',
      /lambda:InvokeFunctionUrl.*lambda:InvokeFunction /,
    ],
  ])(
    'over %s becomes a 502 of ours, and the log says what to do',
    async (_, target, code, advice) => {
      const response = await send(artefact.url, { target });

      expect(response.status).toBe(502);
      expect(response.header('countersign-error')).toBe(code);
      expect(response.text()).not.toMatch(/canonical/i);
      const line = await artefact.logged({
        type: 'access',
        level: 'error',
        error: code,
        path: target,
      });
      expect(line['cause']).toMatch(advice);
    },
  );

  it('is relayed where the route does not sign', async () => {
    const response = await send(artefact.url, { target: '/unsigned' });

    expect(response.status).toBe(403);
    expect(response.header('countersign-error')).toBeUndefined();
    expect(response.header('x-amzn-errortype')).toBe('MissingAuthenticationTokenException');
  });
});

describe('an environment that is not as it must be', () => {
  const wrong: readonly (readonly [name: string, value: string, message: RegExp])[] = [
    [
      'COUNTERSIGN_REFRESH_SECONDS',
      'soon',
      /COUNTERSIGN_REFRESH_SECONDS: found soon, expected a number/,
    ],
    ['COUNTERSIGN_PARAMETER_PATH', '', /COUNTERSIGN_PARAMETER_PATH: found nothing, expected/],
    [
      'COUNTERSIGN_ALLOWED_HOSTS',
      'https://x',
      /COUNTERSIGN_ALLOWED_HOSTS: found https:\/\/x, expected host/,
    ],
    ['COUNTERSIGN_LOG_LEVEL', 'loud', /COUNTERSIGN_LOG_LEVEL: found loud, expected debug/],
  ];
  it.each(sample(wrong))('answers 503 and names %s in the log', async (name, value, message) => {
    const artefact = await startArtefact({ env: { [name]: value } });

    const response = await send(artefact.url, { target: '/' });

    expect(response.status).toBe(503);
    expect(response.header('countersign-error')).toBe('MISCONFIGURED');
    expect(artefact.text()).toMatch(message);
    await artefact.close();
  });

  it('without credentials answers 503, and the log says which variables are missing', async () => {
    const artefact = await startArtefact({ env: { AWS_ACCESS_KEY_ID: '' } });

    const response = await send(artefact.url, { target: '/' });

    expect(response.status).toBe(503);
    expect(response.header('countersign-error')).toBe('ROUTES_UNAVAILABLE');
    expect(artefact.text()).toContain('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set');
    await artefact.close();
  });
});

async function findClosedPort(): Promise<number> {
  const { port, close } = await listen(createServer());
  await close();
  return port;
}
