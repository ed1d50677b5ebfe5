/** `explain` says what the built proxy does: the same requests go to both, and what arrives is compared. */
import type { Explanation } from '../../cli/explain/explain.ts';
import { placeholder } from '../../cli/rehearsal/rehearsal.ts';
import { mask } from '../../cli/terminal/mask.ts';
import { hashHex, toCanonicalRequest } from '../../local/sigv4/canonical-request.ts';
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { countersign, jsonOf } from '../support/cli.ts';
import { send } from '../support/client.ts';
import { createVerifier, startUpstream, type Upstream } from '../support/upstream.ts';

const secret = 'upstream-key-s3cr3t';
const jacksKey = 'jacks-key-s3cr3t';

let upstream: Upstream;
let proxy: Artefact;

beforeAll(async () => {
  upstream = await startUpstream({ verifier: createVerifier('execute-api') });
  const function_uri = `${upstream.url}/base?fixed=1`;
  const signed = { function_uri, authorization: { iam: { aws_region: 'us-east-1' } } };
  proxy = await startArtefact({
    reloads: true,
    routes: {
      signed: { uri: '/signed/*', plugins: { 'aws-lambda': signed } },
      guarded: {
        uri: '/guarded',
        methods: ['GET', 'POST'],
        plugins: {
          'key-auth': {},
          'api-breaker': { break_response_code: 503 },
          'aws-lambda': {
            function_uri,
            authorization: { ...signed.authorization, apikey: '$secret://ssm/upstream-key' },
          },
        },
      },
      assuming: {
        uri: '/assuming',
        plugins: {
          'aws-lambda': {
            function_uri,
            authorization: { iam: { role_arn: 'arn:aws:iam::123456789012:role/other' } },
          },
        },
      },
      silent: {
        uri: '/silent',
        plugins: { 'aws-lambda': { ...signed, _meta: { disable: true } } },
      },
      balanced: { uri: '/balanced/*', upstream: { nodes: { [`127.0.0.1:${upstream.port}`]: 1 } } },
    },
    secrets: { 'upstream-key': secret, 'jacks-key': jacksKey },
  });
  const jack = JSON.stringify({ plugins: { 'key-auth': { key: '$secret://ssm/jacks-key' } } });
  proxy.putText('consumers/jack', jack);
});

afterAll(() => Promise.all([proxy.close(), upstream.close()]));

beforeEach(() => {
  upstream.received.length = 0;
});

function explain(...args: string[]) {
  return countersign(proxy.store.url, ['explain', ...args]);
}

async function explainJson(...args: string[]): Promise<Explanation> {
  return jsonOf<Explanation>(await explain(...args, '--json'));
}

/** Change with time, place and key. */
const varying =
  /^(x-amz-date|authorization|x-amz-security-token|x-amzn-trace-id|x-forwarded-for|host|x-forwarded-host): /;

/** The function URL's and the connection's, not the proxy's. */
const ofTheFront = /^(connection|x-amzn-trace-id|x-forwarded-port)$/;

it('names the headers, the URL and the canonical request that the proxy sends', async () => {
  const target = '/signed//a%2Fb/%61?z=1&a=x+y&c=%FF';
  const typed = ['X-Custom: a   b', 'Content-Type: text/plain', 'X-Amz-Meta: dropped'];
  const headers = typed.map((text) => text.split(': ') as [string, string]);
  const response = await send(proxy.url, {
    method: 'POST',
    target,
    headers: [...headers, ['authorization', 'Bearer t']],
    body: 'body',
  });
  const { method, target: sentTarget, rawHeaders } = upstream.only();
  const explanation = await explainJson(
    ...['POST', target, '-d', 'body', '-H', 'Authorization: Bearer t'],
    ...typed.flatMap((text) => ['-H', text]),
    ...['-H', `Host: ${new URL(proxy.url).host}`],
  );

  expect(response.status).toBe(200);
  const [call] = explanation.upstreams;
  expect([call?.method, call?.url]).toEqual([method, `${upstream.url}${sentTarget}`]);
  expect(call?.stripped).toEqual(['x-amz-meta']);
  expect(call?.kept).toEqual(['x-custom', 'content-type']);
  const sent = rawHeaders.map(([name, value]) => `${name}: ${value}`);
  const shown = [...(call?.added ?? []), ...(call?.replaced ?? [])];
  const isFixed = (header: string) => !varying.test(header) && !header.includes(mask);
  expect(sent).toEqual(expect.arrayContaining(shown.filter(isFixed)));
  expect(shown).toContain(`x-original-authorization: Bearer ${mask}`);
  const shownNames = [...shown.map((header) => header.split(':')[0]), ...(call?.kept ?? [])];
  const sentNames = rawHeaders.map(([name]) => name).filter((name) => !ofTheFront.test(name));
  expect(shownNames.sort()).toEqual(sentNames.sort());
});

it('shows the canonical request that a verifier works out, and its hash in the string to sign', async () => {
  const explanation = await explainJson('PUT', '/signed/a%2Fb/?z=1&a=x+y&a=b', '-d', 'x');
  const [call] = explanation.upstreams;
  const unmask = (text: string) => text.replace(mask, placeholder.sessionToken);
  const { canonicalRequest = '', stringToSign = '' } = call?.signature ?? {};
  const headers = [...(call?.added ?? []), ...(call?.replaced ?? [])].map(unmask);
  const verified = toCanonicalRequest(
    {
      method: 'PUT',
      target: call?.url.slice(upstream.url.length) ?? '',
      rawHeaders: headers.flatMap((header) => header.split(': ')),
      body: Buffer.from('x'),
    },
    canonicalRequest.split('\n').at(-2)?.split(';') ?? [],
  );

  expect(unmask(canonicalRequest)).toBe(verified);
  expect(canonicalRequest).toContain(`x-amz-security-token:${mask}`);
  const [algorithm, date, scope, hash] = stringToSign.split('\n');
  expect([algorithm, hash]).toEqual(['AWS4-HMAC-SHA256', hashHex(Buffer.from(verified, 'latin1'))]);
  expect(headers).toContain(`x-amz-date: ${date}`);
  expect(scope).toBe(`${date?.slice(0, 8)}/us-east-1/execute-api/aws4_request`);
});

it('sends nothing anywhere', async () => {
  const connections = upstream.connections();
  await explain('GET', '/signed/x');

  expect(upstream.connections()).toBe(connections);
  expect(upstream.received).toEqual([]);
});

describe('a guarded route', () => {
  it('shows that the proxy refuses a client without a key', async () => {
    const response = await send(proxy.url, { target: '/guarded' });
    const explanation = await explainJson('GET', '/guarded');

    expect(explanation.refusal).toBe(
      `answers ${response.status} ${response.header('countersign-error')}: Missing API key in request`,
    );
    expect(explanation.plugins.map(({ name, does }) => [name, does])).toEqual([
      ['key-auth', explanation.refusal],
      ['api-breaker', 'is not reached'],
      ['aws-lambda', 'is not reached'],
    ]);
    expect(explanation.upstreams).toEqual([]);
  });

  it('lets in the consumer, and says what decides beside the request', async () => {
    const explanation = await explainJson('GET', '/guarded', '-H', `apikey: ${jacksKey}`);
    const [auth, breaker] = explanation.plugins;

    expect(auth?.changes).toEqual(['consumer jack']);
    expect(breaker?.dependsOn).toMatch(/how often the upstream failed/);
    expect(explanation.upstreams[0]?.added).toContain('x-consumer-username: jack');
    expect(explanation.upstreams[0]?.added).toContain(`x-api-key: ${mask}`);
  });

  it.each([[['--json']], [[]]])('prints no secret (%j)', async (flags) => {
    const note = `X-Note: ${jacksKey}`;
    const run = await explain(
      'GET',
      `/guarded?n=${secret}`,
      '-H',
      `apikey: ${jacksKey}`,
      '-H',
      note,
      ...flags,
    );

    expect(run.status).toBe(0);
    expect(run.stdout + run.stderr).not.toContain(secret);
    expect(run.stdout + run.stderr).not.toContain(jacksKey);
  });
});

it('says why no route answers, and ends with status 1', async () => {
  const run = await explain('DELETE', '/guarded');

  expect(run.status).toBe(1);
  expect(run.stdout).toContain('guarded   it takes GET, POST, not DELETE');
  expect(run.stdout).toContain('the proxy answers 405 METHOD_NOT_ALLOWED');
});

it.each([
  ['/signed/../x', 'answers 400 UNSAFE_PATH: the path holds a dot segment'],
  ['/nowhere', 'answers 404 NO_ROUTE: no route matches'],
  ['/silent', 'answers 503 NO_UPSTREAM: no plugin of the route calls an upstream'],
])('%s %s', async (target, refusal) => {
  const response = await send(proxy.url, { target });

  expect((await explainJson('GET', target)).refusal).toBe(refusal);
  expect(refusal).toContain(`${response.status} ${response.header('countersign-error')}`);
});

it('shows what is signed with -v only', async () => {
  const run = await explain('GET', '/signed/x');
  const verbose = await explain('GET', '/signed/x', '-v');

  expect(run.stdout).toContain('region us-east-1, service execute-api');
  expect(run.stdout).not.toMatch(/Canonical request|String to sign/);
  expect(verbose.stdout).toContain('Canonical request\n  GET\n');
  expect(verbose.stdout).toContain('String to sign\n  AWS4-HMAC-SHA256\n');
});

it("shows the call of a route's own upstream, which it does not make", async () => {
  const { upstreams, refusal } = await explainJson('GET', '/balanced/x?a=1');
  const run = await explain('GET', '/balanced/x');

  expect([upstreams[0]?.url, upstreams[0]?.isUpstream, upstreams[0]?.signature, refusal]).toEqual([
    ...[`${upstream.url}/balanced/x?a=1`, true, undefined, undefined],
  ]);
  expect(run.stdout).toContain('Upstream, called by the route itself');
  expect(upstream.received).toEqual([]);
});

it('names the role that would be assumed, and assumes none', async () => {
  const explanation = await explainJson('GET', '/assuming');

  expect(explanation.assumes).toEqual(['arn:aws:iam::123456789012:role/other']);
});
