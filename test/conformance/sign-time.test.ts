/** Dates, session tokens and the cache of signing keys. */
import { signRequest } from '../../functions/proxy/upstream/sign.ts';
import { executionKeys, headersOf, toUpstreamRequest } from '../support/builders.ts';
import { toWire, verify } from '../support/sigv4.ts';

const scope = { region: 'eu-west-1', service: 'lambda' };
const midnightMs = Date.UTC(2026, 0, 1);

async function signAt(
  nowMs: number,
  keys: Parameters<typeof verify>[1]['keys'] = executionKeys,
  own = scope,
) {
  const signed = await signRequest(toUpstreamRequest({ body: Buffer.from('b') }), {
    ...own,
    credentials: keys,
    nowMs,
  });
  const authorization = headersOf(signed.headers, 'authorization')[0] ?? '';
  return {
    signed,
    authorization,
    isAccepted: verify(toWire(signed), { scope: own, keys, nowMs }).ok,
  };
}

test.each([
  ['the last millisecond of a year', midnightMs - 1, '20251231', '20251231T235959Z'],
  ['midnight', midnightMs, '20260101', '20260101T000000Z'],
  ['a leap day', Date.UTC(2028, 1, 29, 23, 59, 59), '20280229', '20280229T235959Z'],
])('at %s scope and date are of the same UTC day', async (_, nowMs, day, timestamp) => {
  const { signed, authorization, isAccepted } = await signAt(nowMs);
  expect(authorization).toContain(`/${day}/eu-west-1/lambda/aws4_request`);
  expect(headersOf(signed.headers, 'x-amz-date')).toEqual([timestamp]);
  expect(isAccepted).toBe(true);
});

test('a signing key is not kept for another day, region, service, secret or token', async () => {
  // Prepare: neighbours that differ in one thing only, signed alternately, so that a cache would be hit
  const rotated = { ...executionKeys, secretAccessKey: 'another-secret' };
  const neighbours = [
    () => signAt(midnightMs - 1),
    () => signAt(midnightMs),
    () => signAt(midnightMs, executionKeys, { ...scope, region: 'eu-west-2' }),
    () => signAt(midnightMs, executionKeys, { ...scope, service: 'execute-api' }),
    () => signAt(midnightMs, rotated),
    () => signAt(midnightMs, { ...rotated, sessionToken: 't1' }),
    () => signAt(midnightMs, { ...rotated, sessionToken: 't2' }),
  ];

  // Act
  const accepted: boolean[] = [];
  for (const round of [1, 2, 3]) {
    for (const sign of round === 2 ? [...neighbours].reverse() : neighbours)
      accepted.push((await sign()).isAccepted);
  }

  // Assess
  expect(accepted).toEqual(accepted.map(() => true));
});

test('a session token is sent and signed; without one there is no such header', async () => {
  const temporary = await signAt(midnightMs, { ...executionKeys, sessionToken: 'token+/=' });
  const permanent = await signAt(midnightMs);
  expect(headersOf(temporary.signed.headers, 'x-amz-security-token')).toEqual(['token+/=']);
  expect(temporary.authorization).toContain(';x-amz-security-token,');
  expect(headersOf(permanent.signed.headers, 'x-amz-security-token')).toEqual([]);
});

test('the payload hash is that of the real body, but VPC Lattice wants none', async () => {
  const hashOf = async (service: string) => {
    const { signed } = await signAt(midnightMs, executionKeys, { ...scope, service });
    return headersOf(signed.headers, 'x-amz-content-sha256');
  };
  expect(await hashOf('lambda')).toEqual([
    '3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d',
  ]);
  expect(await hashOf('vpc-lattice-svcs')).toEqual(['UNSIGNED-PAYLOAD']);
});

test('signing adds to a new list and leaves the request as it was', async () => {
  const request = Object.freeze(
    toUpstreamRequest({ headers: Object.freeze([['host', 'h']] as const) }),
  );
  const signed = await signRequest(request, { ...scope, credentials: executionKeys, nowMs: 0 });
  expect(request.headers).toEqual([['host', 'h']]);
  expect(signed.headers.map(([name]) => name)).toEqual([
    'host',
    'x-amz-content-sha256',
    'x-amz-date',
    'authorization',
  ]);
});
