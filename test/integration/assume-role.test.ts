/** Credentials that are not in the environment: an assumed role, and a container endpoint. */

import { readConfig } from '../../functions/proxy/config.ts';
import { createCredentialSources } from '../../functions/proxy/sign/credentials.ts';
import { createSigV4Verifier, type SigV4Verifier } from '../../local/sigv4/verifier.ts';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../../local/stack/credentials.ts';
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { send } from '../support/client.ts';
import { timeFastest } from '../support/fastest.ts';
import {
  type IssuedKeys,
  type StsOptions,
  type StsStub,
  startContainerEndpoint,
  startSts,
} from '../support/sts-stub.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const assumedKeys: IssuedKeys = {
  accessKeyId: 'ASIAASSUMEDROLE',
  secretAccessKey: 'assumed/secret+key',
  sessionToken: 'assumed-session-token',
};
const roleArn = 'arn:aws:iam::123456789012:role/path/upstream-caller';

function verifierOf(keys: IssuedKeys, service: string): SigV4Verifier {
  const { accessKeyId, ...known } = keys;
  return createSigV4Verifier({
    service,
    region: LOCAL_REGION,
    credentials: (id) => (id === accessKeyId ? known : undefined),
  });
}

describe('a route with role_arn', () => {
  let sts: StsStub;
  let upstream: Upstream;
  let artefact: Artefact;
  let answer: NonNullable<StsOptions['answer']>;

  beforeEach(async () => {
    answer = () => 'keys';
    sts = await startSts({ keys: assumedKeys, answer: (call) => answer(call) });
    upstream = await startUpstream({ verifier: verifierOf(assumedKeys, 'execute-api') });
    const route = (uri: string, iam: object) => ({
      uri,
      plugins: {
        'aws-lambda': { function_uri: upstream.url, authorization: { iam }, timeout: 10_000 },
      },
    });
    const short = route('/short', { role_arn: roleArn, session_name: 'short' });
    artefact = await startArtefact({
      routes: {
        full: route('/full', { role_arn: roleArn, external_id: 'ext/1', session_name: 'a@b' }),
        plain: route('/plain', { role_arn: roleArn }),
        short: {
          ...short,
          plugins: { 'aws-lambda': { ...short.plugins['aws-lambda'], timeout: 400 } },
        },
      },
      env: { AWS_ENDPOINT_URL_STS: sts.url, COUNTERSIGN_REFRESH_SECONDS: '60' },
      maxEnvironments: 1,
    });
  });

  afterEach(() => Promise.all([artefact.close(), upstream.close(), sts.close()]));

  it('signs with the keys of that role, asked for by the execution role', async () => {
    const response = await send(artefact.url, { target: '/full' });

    expect(response.status).toBe(200);
    expect(upstream.only().verification).toMatchObject({
      ok: true,
      accessKeyId: assumedKeys.accessKeyId,
    });
    expect(sts.calls).toHaveLength(1);
    const [call] = sts.calls;
    expect(call?.parameters).toMatchObject({
      Action: 'AssumeRole',
      RoleArn: roleArn,
      ExternalId: 'ext/1',
      RoleSessionName: 'a@b',
    });
    const { target = '/', rawHeaders = [], body = Buffer.alloc(0) } = call ?? {};
    const asked = verifierOf(
      LOCAL_CREDENTIALS,
      'sts',
    )({ method: 'POST', target, rawHeaders, body });
    expect(asked).toMatchObject({ ok: true });
  });

  it('sends no external id where none is written, and a session name of its own', async () => {
    await send(artefact.url, { target: '/plain' });

    expect(sts.calls[0]?.parameters).not.toHaveProperty('ExternalId');
    expect(sts.calls[0]?.parameters).toHaveProperty('RoleSessionName', 'countersign');
  });

  it('asks once for many requests, and once more for another session', async () => {
    for (let count = 0; count < 5; count += 1) await send(artefact.url, { target: '/full' });
    await Promise.all(Array.from({ length: 5 }, () => send(artefact.url, { target: '/full' })));
    expect(sts.calls).toHaveLength(1);

    await send(artefact.url, { target: '/plain' });

    expect(sts.calls).toHaveLength(2);
    expect(upstream.received.map(({ verification }) => verification?.ok)).toEqual(
      Array(11).fill(true),
    );
  });

  it('answers 502 while STS refuses, gives the reason only in the log, and recovers', async () => {
    answer = () => ({
      code: 'AccessDenied',
      message: 'User: arn:aws:sts::1:assumed-role/p/p is not authorized to perform: sts:AssumeRole',
    });

    const response = await send(artefact.url, { target: '/full' });

    expect([response.status, response.header('countersign-error')]).toEqual([
      502,
      'CREDENTIALS_UNAVAILABLE',
    ]);
    expect(JSON.stringify([response.headers, response.text()])).not.toMatch(
      /arn:|AssumeRole|AccessDenied|127\.0\.0\.1:\d+\/sts/,
    );
    expect(upstream.received).toHaveLength(0);
    const line = await artefact.logged({ type: 'access', error: 'CREDENTIALS_UNAVAILABLE' });
    expect(line['cause']).toMatch(/not authorized to perform: sts:AssumeRole/);

    answer = () => 'keys';
    expect((await send(artefact.url, { target: '/full' })).status).toBe(200);
  });

  it("answers 504 within the route's timeout while STS hangs", async () => {
    answer = () => 'hang';

    const ms = await timeFastest(2500, async () => {
      const response = await send(artefact.url, { target: '/short' });
      expect([response.status, response.header('countersign-error')]).toEqual([
        504,
        'UPSTREAM_TIMEOUT',
      ]);
    });

    // The SDK's own limit is 3 s a try.
    expect(ms).toBeLessThan(2500);
    expect(upstream.received).toHaveLength(0);
  });

  it('asks again, not for ever the call that hung', async () => {
    answer = () => 'hang';
    await send(artefact.url, { target: '/short' });
    answer = () => 'keys';

    const statuses: number[] = [];
    while (statuses.at(-1) !== 200 && statuses.length < 40) {
      statuses.push((await send(artefact.url, { target: '/short' })).status);
    }

    expect(statuses.at(-1)).toBe(200);
  });
});

it('concurrent requests of one environment share one AssumeRole call', async () => {
  const sts = await startSts({ keys: assumedKeys });
  const config = readConfig({
    AWS_REGION: LOCAL_REGION,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_STS: sts.url,
    COUNTERSIGN_PARAMETER_PATH: '/countersign/test',
  });
  const sources = createCredentialSources(config, Date.now);
  const role = { roleArn, externalId: undefined, sessionName: 'countersign' };

  const keys = await Promise.all(Array.from({ length: 8 }, () => sources.assume(role)()));

  expect(sts.calls).toHaveLength(1);
  expect(new Set(keys.map(({ accessKeyId }) => accessKeyId))).toEqual(
    new Set([assumedKeys.accessKeyId]),
  );
  await sts.close();
});

describe('container credentials', () => {
  const containerKeys = { ...assumedKeys, accessKeyId: 'ASIACONTAINER' };
  const token = 'container-authorization-token';

  const start = async (sentToken: string) => {
    const endpoint = await startContainerEndpoint(containerKeys, token);
    const upstream = await startUpstream({ verifier: verifierOf(containerKeys, 'execute-api') });
    const plugin = { function_uri: upstream.url, authorization: { iam: {} }, timeout: 10_000 };
    const artefact = await startArtefact({
      routes: { any: { uri: '/*', plugins: { 'aws-lambda': plugin } } },
      store: { verifier: verifierOf(containerKeys, 'ssm') },
      env: {
        AWS_ACCESS_KEY_ID: '',
        AWS_SECRET_ACCESS_KEY: '',
        AWS_SESSION_TOKEN: '',
        AWS_CONTAINER_CREDENTIALS_FULL_URI: endpoint.uri,
        AWS_CONTAINER_AUTHORIZATION_TOKEN: sentToken,
      },
      maxEnvironments: 1,
    });
    const close = () => Promise.all([artefact.close(), upstream.close(), endpoint.close()]);
    return { endpoint, upstream, artefact, close };
  };

  it('read the routes and sign requests, and are fetched once', async () => {
    const { endpoint, upstream, artefact, close } = await start(token);

    expect((await send(artefact.url, { target: '/' })).status).toBe(200);
    expect((await send(artefact.url, { target: '/' })).status).toBe(200);

    expect(upstream.received.map(({ verification }) => verification)).toEqual(
      Array(2).fill(expect.objectContaining({ ok: true, accessKeyId: 'ASIACONTAINER' })),
    );
    expect(endpoint.tokens).toEqual([token]);
    await close();
  });

  it('that are refused leave no routes, and no token in log or answer', async () => {
    const { artefact, close } = await start('wrong-container-token');

    const response = await send(artefact.url, { target: '/' });

    expect([response.status, response.header('countersign-error')]).toEqual([
      503,
      'ROUTES_UNAVAILABLE',
    ]);
    expect(artefact.text() + response.text()).not.toContain('wrong-container-token');
    await close();
  });
});
