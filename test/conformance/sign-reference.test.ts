/** The signer against @smithy/signature-v4, the AWS SDK's own, wherever that library can hold the same request. */
import { createHash } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { NodeSha256 } from '../../cli/invoke/sign.ts';
import type { HeaderList, UpstreamRequest } from '../../functions/proxy/http/message.ts';
import { createSigner, type SignerOptions } from '../../functions/proxy/sign/sign.ts';
import * as arbitrary from '../support/arbitraries.ts';
import { headersOf, toUpstreamRequest } from '../support/builders.ts';
import { toRuns } from '../support/sample.ts';

const carriedHeader = 'x-original-authorization';
const midnightMs = Date.UTC(2026, 0, 1);
/** Each is used again and again, as a route's is: whatever it keeps must fit the next request too. */
const signers = [
  { region: 'eu-west-1', service: 'lambda', carriedHeader },
  { region: 'cn-north-1', service: 'execute-api', carriedHeader },
].map((options) => ({ options, sign: createSigner(options) }));

/** smithy keeps names in an ordinary object, where this one is no key. */
const parameterName = fc.string().filter((name) => name !== '__proto__');

const parts = fc.record({
  signer: fc.constantFrom(...signers),
  accessKeyId: fc.constantFrom('AKIDONE', 'AKIDTWO'),
  secretAccessKey: fc.constantFrom('one/secret+=', 'another secret'),
  sessionToken: fc.option(fc.constantFrom('token+/=', 'other'), { nil: undefined }),
  nowMs: fc.integer({ min: -2000, max: 2000 }).map((offsetMs) => midnightMs + offsetMs),
  method: arbitrary.method,
  path: fc
    .array(fc.stringMatching(/^[\w~!$&'()*+,;=:@%-]{0,6}$/), { maxLength: 4 })
    .map((segments) => `/${segments.join('/')}`),
  query: fc.array(fc.tuple(parameterName, fc.string()), { maxLength: 4 }),
  contentType: fc.option(arbitrary.asciiValue, { nil: undefined }),
  authorization: fc.option(arbitrary.asciiValue, { nil: undefined }),
  target: fc.option(arbitrary.asciiValue, { nil: undefined }),
  body: arbitrary.body,
});

test('@smithy/signature-v4 makes the same Authorization header, around midnight and with any keys', async () => {
  await fc.assert(
    fc.asyncProperty(parts, async ({ signer, method, path, query, body, nowMs, ...rest }) => {
      // Prepare
      const { accessKeyId, secretAccessKey, sessionToken, ...values } = rest;
      const credentials = {
        accessKeyId,
        secretAccessKey,
        ...(sessionToken === undefined ? {} : { sessionToken }),
      };
      const request = toUpstreamRequest({
        method,
        path,
        query: toWireQuery(query),
        headers: toHeaders(values),
        body,
      });

      // Act
      const signed = signer.sign(request, credentials, nowMs);

      // Assess
      const { headers } = await new SignatureV4({
        ...signer.options,
        credentials,
        sha256: NodeSha256,
      }).sign(toSmithyRequest(request, query), { signingDate: new Date(nowMs) });
      for (const name of ['authorization', 'x-amz-date', 'x-amz-security-token']) {
        expect([name, headersOf(signed.headers, name)]).toEqual([
          name,
          headers[name] === undefined ? [] : [headers[name]],
        ]);
      }
    }),
    { numRuns: toRuns(2000) },
  );
});

test.each([
  ['authorization', 'Bearer of the client'],
  ['x-amz-date', '20200101T000000Z'],
  ['x-amz-content-sha256', 'UNSIGNED-PAYLOAD'],
  ['x-amz-security-token', 'of another'],
])('a %s that is there already is not sent beside the signature, nor signed', (name, value) => {
  const sign = createSigner(signers[0]?.options as SignerOptions);
  const keys = { accessKeyId: 'AKID', secretAccessKey: 'secret' };
  const plain = toUpstreamRequest({ headers: [['host', 'h']] });
  const forged = { ...plain, headers: [...plain.headers, [name, value] as const] };
  expect(sign(forged, keys, midnightMs)).toEqual(sign(plain, keys, midnightMs));
});

interface Values {
  readonly contentType: string | undefined;
  readonly authorization: string | undefined;
  readonly target: string | undefined;
}

function toHeaders({ contentType, authorization, target }: Values): HeaderList {
  const all: [string, string | undefined][] = [
    ['host', 'abc.example.com'],
    ['content-type', contentType],
    ['user-agent', 'never signed'],
    [carriedHeader, authorization],
    ['x-amz-target', target],
  ];
  return all.filter((pair): pair is [string, string] => pair[1] !== undefined);
}

/** smithy takes parameters decoded: what is no UTF-8 it cannot hold. */
function toWireQuery(query: readonly (readonly [string, string])[]): string {
  return query.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
}

function toSmithyRequest(
  { method, path, headers, body }: UpstreamRequest,
  query: readonly (readonly [string, string])[],
) {
  const bag: Record<string, string[]> = Object.create(null);
  for (const [name, value] of query) bag[name] = [...(bag[name] ?? []), value];
  const signedHeaders = headers.filter(([name]) => name !== 'user-agent');
  return {
    method,
    protocol: 'https:',
    hostname: 'abc.example.com',
    path,
    query: bag,
    headers: {
      ...Object.fromEntries(signedHeaders),
      'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
    },
    body,
  };
}
