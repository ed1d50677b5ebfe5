import { createHash } from 'node:crypto';
import {
  toCanonicalPath,
  toCanonicalQuery,
  toCanonicalRequest,
  toObjectPath,
  toSignature,
  toStringToSign,
  type WireRequest,
} from '../../local/sigv4/canonical-request.ts';
import { createSigV4Verifier } from '../../local/sigv4/verifier.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

describe("AWS's published example", () => {
  const request: WireRequest = {
    method: 'GET',
    target: '/?Action=ListUsers&Version=2010-05-08',
    rawHeaders: [
      ...['Host', 'iam.amazonaws.com', 'X-Amz-Date', '20150830T123600Z'],
      ...['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8'],
    ],
    body: Buffer.alloc(0),
  };
  const signedHeaders = ['content-type', 'host', 'x-amz-date'];
  const scope = {
    ...{ timestamp: '20150830T123600Z', date: '20150830' },
    ...{ region: 'us-east-1', service: 'iam' },
  };
  const signature = '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7';

  test('has the documented canonical request, string to sign and signature', () => {
    const canonicalRequest = toCanonicalRequest(request, signedHeaders);
    expect(createHash('sha256').update(canonicalRequest).digest('hex')).toBe(
      'f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59',
    );
    expect(toSignature(toStringToSign(canonicalRequest, scope), SECRET, scope)).toBe(signature);
  });

  test('is accepted with that signature and refused with another', () => {
    const withAuthorization = (hex: string) => ({
      ...request,
      rawHeaders: [...request.rawHeaders, 'Authorization', authorization(hex)],
    });
    const authorization = (hex: string) =>
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=${signedHeaders.join(';')}, Signature=${hex}`;
    const verify = createSigV4Verifier({
      ...{ service: 'iam', region: 'us-east-1' },
      credentials: () => ({ secretAccessKey: SECRET }),
      now: () => new Date('2015-08-30T12:36:00Z'),
    });
    expect(verify(withAuthorization(signature))).toEqual({
      ...{ ok: true, accessKeyId: 'AKIDEXAMPLE', signedHeaders },
    });
    const other = signature.replace('5', '6');
    expect(verify(withAuthorization(other))).toMatchObject({
      ...{ ok: false, kind: 'invalid-signature', status: 400 },
    });
  });
});

describe('canonical paths', () => {
  test.each([
    ['', '/'],
    ['/', '/'],
    ['/a//b/./c/../d', '/a/b/d'],
    ['/../..', '/'],
    ['/a/b/', '/a/b/'],
    ['/a%20b', '/a%2520b'],
    ['/a%2Fb', '/a%252Fb'],
    ["/(x)!*'~", '/%28x%29%21%2A%27~'],
    ['/\u00ff', '/%FF'],
  ])('%j → %j', (path, canonical) => {
    expect(toCanonicalPath(path)).toBe(canonical);
  });
});

describe('canonical paths of S3', () => {
  test.each([
    ['/', '/'],
    ['/b/a//b/./c/../d/', '/b/a//b/./c/../d/'],
    ['/b/a%20b', '/b/a%20b'],
    ['/b/a%2520b', '/b/a%2520b'],
    ['/b/a%2Fb', '/b/a/b'],
    ["/b/(x)!*'~+", '/b/%28x%29%21%2A%27~%2B'],
    ['/b/%c3%a9\u00ff', '/b/%C3%A9%FF'],
  ])('%j → %j', (path, canonical) => {
    expect(toObjectPath(path)).toBe(canonical);
  });
});

describe('canonical queries', () => {
  test.each([
    ['', ''],
    ['flag', 'flag='],
    ['a=2&a=1', 'a=1&a=2'],
    ['b&a', 'a=&b='],
    ['a-=1&a=2', 'a=2&a-=1'],
    ['x=a=b', 'x=a%3Db'],
    ['x=a+b', 'x=a%2Bb'],
    ['x=a%20b', 'x=a%20b'],
    ['x=100%', 'x=100%25'],
    ['x=%ff', 'x=%FF'],
    ['x=%zz', 'x=%25zz'],
    ["x=!'()*~", 'x=%21%27%28%29%2A~'],
    ['&&a=1&', 'a=1'],
  ])('%j → %j', (query, canonical) => {
    expect(toCanonicalQuery(query)).toBe(canonical);
  });
});
