/** An upstream's 403: IAM's is told apart and explained in the log, the application's is nobody's business. */
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { send } from '../support/client.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

/** What AWS writes into the body of a rejection. */
const canonical =
  "The request signature we calculated does not match.\n\nThe Canonical String for this request should have been\n'GET\n/\n\nx-amz-security-token:secret-token'\n";

describe('a 403 of a signed upstream', () => {
  let upstream: Upstream;
  let artefact: Artefact;

  beforeAll(async () => {
    upstream = await startUpstream({
      answer: ({ target, header }, response) => {
        const [, , , name = ''] = target.split('/');
        const type = decodeURIComponent(name);
        const status = Number(header('x-status') ?? 403);
        response.writeHead(status, type === '' ? {} : { 'x-amzn-errortype': type });
        response.end(`${canonical} ${type}`);
      },
    });
    const route = (uri: string, service: string) => ({
      uri,
      plugins: {
        'aws-lambda': {
          function_uri: `${upstream.url}/prod/users/`,
          authorization: { iam: { service } },
        },
      },
    });
    artefact = await startArtefact({
      routes: { api: route('/api/*', 'execute-api'), url: route('/url/*', 'lambda') },
    });
  });

  afterAll(() => Promise.all([artefact.close(), upstream.close()]));

  it.each([
    [
      'InvalidSignatureException',
      'UPSTREAM_SIGNATURE_REJECTED',
      /region us-east-1 and service execute-api/,
    ],
    ['SignatureDoesNotMatch', 'UPSTREAM_SIGNATURE_REJECTED', /authorization\.iam\.aws_region/],
    ['IncompleteSignatureException', 'UPSTREAM_SIGNATURE_REJECTED', /rejected the signature/],
    ['UnrecognizedClientException', 'UPSTREAM_KEY_UNKNOWN', /does not know the access key/],
    ['InvalidClientTokenId', 'UPSTREAM_KEY_UNKNOWN', /does not know the access key/],
    ['ExpiredTokenException', 'UPSTREAM_TOKEN_EXPIRED', /credentials have expired/],
    ['AccessDeniedException', 'UPSTREAM_ACCESS_DENIED', /allow execute-api:Invoke on /],
    [
      'AccessDeniedException:http://internal.amazon.com/coral/',
      'UPSTREAM_ACCESS_DENIED',
      /execute-api:Invoke/,
    ],
  ])('%s is a 502 %s, and the log says what to do', async (type, code, advice) => {
    const response = await send(artefact.url, { target: `/api/${encodeURIComponent(type)}` });

    expect([response.status, response.header('countersign-error')]).toEqual([502, code]);
    expect(response.json()).toMatchObject({ code, status: 502 });
    const answer = JSON.stringify([response.headers, response.text()]);
    expect(answer).not.toMatch(/canonical|secret-token|amzn-errortype|arn:/i);
    await artefact.logged({ level: 'error', type: 'access', error: code });
    expect(artefact.text()).toMatch(advice);
    expect(artefact.text()).not.toMatch(/Canonical String|secret-token/);
  });

  it('of a function URL names both statements that the role lacks', async () => {
    await send(artefact.url, { target: '/url/AccessDeniedException' });

    await artefact.logged({ type: 'access', route: 'url', error: 'UPSTREAM_ACCESS_DENIED' });
    expect(artefact.text()).toMatch(
      /lambda:InvokeFunctionUrl \(condition lambda:FunctionUrlAuthType = AWS_IAM\).*lambda:InvokeFunction \(condition lambda:InvokedViaFunctionUrl = true\)/,
    );
  });

  it.each([
    ['says nothing of its kind', '', '403'],
    [
      'is API Gateway asking for a token, or for a resource',
      'MissingAuthenticationTokenException',
      '403',
    ],
    ['is a kind of its own', 'ForbiddenException', '403'],
    ['has a name that every object has', 'constructor', '403'],
    ['has another status', 'AccessDeniedException', '404'],
    ['is a failure', 'InvalidSignatureException', '500'],
  ])('passes untouched when it %s', async (_, type, status) => {
    const response = await send(artefact.url, {
      target: `/api/${type}`,
      headers: [['x-status', status]],
    });

    expect(response.status).toBe(Number(status));
    expect(response.text()).toBe(`${canonical} ${type}`);
    expect(response.header('countersign-error')).toBeUndefined();
    expect(response.header('x-amzn-errortype')).toBe(type === '' ? undefined : type);
  });
});
