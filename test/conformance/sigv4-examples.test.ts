/** Known answers: each published signature from the signer's parts, from the signer, and accepted by the verifier. */
import { createHash } from 'node:crypto';
import { toCanonicalPath, toCanonicalQuery } from '../../functions/proxy/sign/canonical.ts';
import { createSigner } from '../../functions/proxy/sign/sign.ts';
import { headersOf, toUpstreamRequest } from '../support/builders.ts';
import { signatureOf, toSignature, verify } from '../support/sigv4.ts';
import {
  bucket,
  type Example,
  type ExampleSet,
  listUsers,
  testSuite,
} from '../support/sigv4-examples.ts';

const all = [testSuite, listUsers, bucket].flatMap((set) =>
  set.examples.map((example) => [set.source, example.name, set, example] as const),
);
const toMs = (timestamp: string) =>
  Date.parse(timestamp.replace(/^(.{4})(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
const scopeOf = ({ timestamp, region, service }: ExampleSet) => [
  timestamp.slice(0, 8),
  region,
  service,
  'aws4_request',
];
const namesOf = ({ headers }: Example) => headers.map(([name]) => name).join(';');

/** What this runtime sends has no byte outside ASCII; raw ones are encoded on entry, so they can be no input here. */
const isSent = ([, , , { path, query }]: (typeof all)[number]) =>
  /^[\x20-\x7e]*$/.test(path + query);

test.each(all.filter(isSent))(
  '%s, %s: path and query are made canonical as published',
  (_, __, ___, example) => {
    expect(toCanonicalPath(example.path)).toBe(example.canonicalPath);
    expect(toCanonicalQuery(example.query)).toBe(example.canonicalQuery);
  },
);

test.each(all)(
  '%s, %s: the fixture is the published one, since its parts give the published signature',
  (_, __, set, example) => {
    // Prepare
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    const canonical = [
      example.method,
      example.canonicalPath,
      example.canonicalQuery,
      ...example.headers.map(([name, value]) => `${name}:${value}`),
      '',
      namesOf(example),
      hash(example.body),
    ].join('\n');

    // Act
    const scope = scopeOf(set);
    const stringToSign = ['AWS4-HMAC-SHA256', set.timestamp, scope.join('/'), hash(canonical)].join(
      '\n',
    );

    // Assess
    expect(toSignature(stringToSign, set.secretAccessKey, scope)).toBe(example.signature);
  },
);

test.each(all)('%s, %s: the verifier accepts it, and no other signature', (_, __, set, example) => {
  const nowMs = toMs(set.timestamp);
  const check = (signature: string) =>
    verify(
      {
        method: example.method,
        target: example.query === '' ? example.path : `${example.path}?${example.query}`,
        rawHeaders: [
          ...example.headers.flat(),
          'authorization',
          `AWS4-HMAC-SHA256 Credential=${set.accessKeyId}/${scopeOf(set).join('/')}, SignedHeaders=${namesOf(example)}, Signature=${signature}`,
        ],
        body: Buffer.from(example.body),
      },
      { scope: set, keys: set, nowMs },
    ).ok;
  expect(check(example.signature)).toBe(true);
  expect(check(example.signature.replace(/^./, (digit) => (digit === '0' ? '1' : '0')))).toBe(
    false,
  );
});

test.each(bucket.examples)(
  'S3 API Reference, $name: the signer gives the published signature',
  (example) => {
    const request = toUpstreamRequest({
      query: example.query,
      headers: [['host', 'examplebucket.s3.amazonaws.com']],
    });
    const { region, service, accessKeyId, secretAccessKey, timestamp } = bucket;
    const sign = createSigner({ region, service });
    const { headers } = sign(request, { accessKeyId, secretAccessKey }, toMs(timestamp));
    expect(headersOf(headers, 'authorization')).toEqual([
      `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${example.signature}`,
    ]);
    expect(signatureOf(headersOf(headers, 'authorization')[0])).toBe(example.signature);
  },
);
