/** Dates, session tokens and the cache of signing keys. */
import { createSigner } from '../../functions/proxy/sign/sign.ts';
import { executionKeys, headersOf, toUpstreamRequest } from '../support/builders.ts';
import { toWire, verify } from '../support/sigv4.ts';

const scope = { region: 'eu-west-1', service: 'lambda' };
const midnightMs = Date.UTC(2026, 0, 1);
/** Each lives as long as a route's: what it keeps is kept from one test to the next. */
const signers = [
  scope,
  { ...scope, region: 'eu-west-2' },
  { ...scope, service: 'execute-api' },
  { ...scope, service: 'vpc-lattice-svcs' },
].map((own) => ({ scope: own, sign: createSigner(own) }));
const [own, ofOtherRegion, ofOtherService, ofLattice] = signers;

function signAt(
  nowMs: number,
  keys: Parameters<typeof verify>[1]['keys'] = executionKeys,
  signer = own,
) {
  if (!signer) throw new Error('there is no such signer');
  const signed = signer.sign(toUpstreamRequest({ body: Buffer.from('b') }), keys, nowMs);
  const authorization = headersOf(signed.headers, 'authorization')[0] ?? '';
  return {
    signed,
    authorization,
    isAccepted: verify(toWire(signed), { scope: signer.scope, keys, nowMs }).ok,
  };
}

test.each([
  ['the last millisecond of a year', midnightMs - 1, '20251231', '20251231T235959Z'],
  ['midnight', midnightMs, '20260101', '20260101T000000Z'],
  ['a leap day', Date.UTC(2028, 1, 29, 23, 59, 59), '20280229', '20280229T235959Z'],
])('at %s scope and date are of the same UTC day', (_, nowMs, day, timestamp) => {
  const { signed, authorization, isAccepted } = signAt(nowMs);
  expect(authorization).toContain(`/${day}/eu-west-1/lambda/aws4_request`);
  expect(headersOf(signed.headers, 'x-amz-date')).toEqual([timestamp]);
  expect(isAccepted).toBe(true);
});

test('a signing key is not kept for another day, region, service, secret or token', () => {
  // Prepare: neighbours that differ in one thing only, signed alternately, so that a cache would be hit
  const rotated = { ...executionKeys, secretAccessKey: 'another-secret' };
  const neighbours = [
    () => signAt(midnightMs - 1),
    () => signAt(midnightMs),
    () => signAt(midnightMs, executionKeys, ofOtherRegion),
    () => signAt(midnightMs, executionKeys, ofOtherService),
    () => signAt(midnightMs, rotated),
    () => signAt(midnightMs, { ...rotated, sessionToken: 't1' }),
    () => signAt(midnightMs, { ...rotated, sessionToken: 't2' }),
  ];

  // Act
  const accepted: boolean[] = [];
  for (const round of [1, 2, 3]) {
    for (const sign of round === 2 ? [...neighbours].reverse() : neighbours)
      accepted.push(sign().isAccepted);
  }

  // Assess
  expect(accepted).toEqual(accepted.map(() => true));
});

test('a session token is sent and signed; without one there is no such header', () => {
  const temporary = signAt(midnightMs, { ...executionKeys, sessionToken: 'token+/=' });
  const permanent = signAt(midnightMs);
  expect(headersOf(temporary.signed.headers, 'x-amz-security-token')).toEqual(['token+/=']);
  expect(temporary.authorization).toContain(';x-amz-security-token,');
  expect(headersOf(permanent.signed.headers, 'x-amz-security-token')).toEqual([]);
});

test('the payload hash is that of the real body, but VPC Lattice wants none', () => {
  const hashBy = (signer: typeof own) =>
    headersOf(signAt(midnightMs, executionKeys, signer).signed.headers, 'x-amz-content-sha256');
  expect(hashBy(own)).toEqual(['3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d']);
  expect(hashBy(ofLattice)).toEqual(['UNSIGNED-PAYLOAD']);
});

test('signing adds to a new list and leaves the request as it was', () => {
  const request = Object.freeze(
    toUpstreamRequest({ headers: Object.freeze([['host', 'h']] as const) }),
  );
  const signed = createSigner(scope)(request, executionKeys, 0);
  expect(request.headers).toEqual([['host', 'h']]);
  expect(signed.headers.map(([name]) => name)).toEqual([
    'host',
    'x-amz-content-sha256',
    'x-amz-date',
    'authorization',
  ]);
});
