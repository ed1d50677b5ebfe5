/** Credentials that the upstream calls expired, and roles whose keys are about to. */
import { createSigV4Verifier } from '../../local/sigv4/verifier.ts';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../../local/stack/credentials.ts';
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { type IssuedKeys, type StsOptions, type StsStub, startSts } from '../support/sts-stub.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const keysOf = (name: string): IssuedKeys => ({
  accessKeyId: `ASIA${name}`,
  secretAccessKey: `secret-of-${name}`,
  sessionToken: `token-of-${name}`,
});
const old = keysOf('OLD');
const renewed = keysOf('RENEWED');

describe('keys that the upstream calls expired', () => {
  const expired = new Set<string>();
  let issued: IssuedKeys;
  let answer: NonNullable<StsOptions['answer']>;
  let lifetimeMs: number;
  let sts: StsStub;
  let upstream: Upstream;
  let artefact: Artefact;

  beforeEach(async () => {
    expired.clear();
    issued = old;
    answer = () => 'keys';
    lifetimeMs = 3_600_000;
    sts = await startSts({
      get keys() {
        return issued;
      },
      get lifetimeMs() {
        return lifetimeMs;
      },
      answer: (call) => answer(call),
    });
    upstream = await startUpstream({
      verifier: createSigV4Verifier({
        service: 'execute-api',
        region: LOCAL_REGION,
        credentials: (id) => {
          const keys = [LOCAL_CREDENTIALS, old, renewed].find(
            ({ accessKeyId }) => accessKeyId === id,
          );
          return keys && { ...keys, ...(expired.has(id) ? { expiresAt: new Date(0) } : {}) };
        },
      }),
    });
    const route = (uri: string, iam: object) => ({
      uri,
      plugins: {
        'aws-lambda': { function_uri: upstream.url, authorization: { iam }, timeout: 10_000 },
      },
    });
    artefact = await startArtefact({
      routes: {
        own: route('/own', {}),
        role: route('/role', { role_arn: 'arn:aws:iam::123456789012:role/x' }),
        fixed: route('/fixed', {
          accesskey: old.accessKeyId,
          secretkey: old.secretAccessKey,
          session_token: old.sessionToken,
        }),
      },
      env: { AWS_ENDPOINT_URL_STS: sts.url, COUNTERSIGN_REFRESH_SECONDS: '60' },
      maxEnvironments: 1,
    });
  });

  afterEach(() => Promise.all([artefact.close(), upstream.close(), sts.close()]));

  it.each(['/own', '/fixed'])(
    'and cannot be renewed (%s) are a 502, after one more try at most',
    async (target) => {
      for (const id of [LOCAL_CREDENTIALS.accessKeyId, old.accessKeyId]) expired.add(id);

      const response = await send(artefact.url, { target });

      expect([response.status, response.header('countersign-error')]).toEqual([
        502,
        'UPSTREAM_TOKEN_EXPIRED',
      ]);
      expect(upstream.received.length).toBeLessThanOrEqual(2);
      const line = await artefact.logged({ type: 'access', error: 'UPSTREAM_TOKEN_EXPIRED' });
      expect(line['cause']).toMatch(/expired|ExpiredToken/);
    },
  );

  it.each(['GET', 'POST'])(
    'are asked of STS anew, and a %s is answered with the new ones',
    async (method) => {
      expect((await send(artefact.url, { target: '/role' })).status).toBe(200);
      expired.add(old.accessKeyId);
      issued = renewed;

      const response = await send(artefact.url, { method, target: '/role' });
      const next = await send(artefact.url, { method, target: '/role' });

      expect([response.status, next.status, sts.calls.length]).toEqual([200, 200, 2]);
      const callers = upstream.received.map(({ header }) =>
        /ASIA\w+/.exec(header('authorization') ?? ''),
      );
      expect(callers.map((match) => match?.[0])).toEqual([
        old.accessKeyId,
        old.accessKeyId,
        renewed.accessKeyId,
        renewed.accessKeyId,
      ]);
    },
  );

  it('are renewed ahead, beside requests', async () => {
    lifetimeMs = 4 * 60_000;
    await send(artefact.url, { target: '/role' });
    issued = renewed;
    lifetimeMs = 3_600_000;

    await eventually(async () => {
      await send(artefact.url, { target: '/role' });
      return upstream.received.at(-1)?.header('authorization')?.includes(renewed.accessKeyId);
    });

    const count = sts.calls.length;
    await send(artefact.url, { target: '/role' });
    expect([count, sts.calls.length]).toEqual([2, 2]);
  });

  it('go on while they are valid, though STS fails', async () => {
    lifetimeMs = 4 * 60_000;
    await send(artefact.url, { target: '/role' });
    answer = () => ({ code: 'ServiceUnavailable', message: 'down' });

    const statuses: number[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      statuses.push((await send(artefact.url, { target: '/role' })).status);
    }

    expect(statuses).toEqual([200, 200, 200, 200, 200]);
    await eventually(() => sts.calls.length > 1);
  });
});
