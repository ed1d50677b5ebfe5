import { createHash } from 'node:crypto';
import aws4 from 'aws4';
import type { WireRequest } from '../../local/sigv4/canonical-request.ts';
import {
  createSigV4Verifier,
  type KnownCredentials,
  type SigV4VerifierOptions,
} from '../../local/sigv4/verifier.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const now = new Date('2015-08-30T12:36:00Z');
const HOST = 'api.example.com';

function createVerifier(options: Partial<SigV4VerifierOptions> = {}, known?: KnownCredentials) {
  return createSigV4Verifier({
    service: 'execute-api',
    region: 'us-east-1',
    credentials: (id) =>
      id === 'AKIDEXAMPLE' ? (known ?? { secretAccessKey: SECRET }) : undefined,
    now: () => now,
    ...options,
  });
}

interface Unsigned {
  method?: string;
  target?: string;
  headers?: Record<string, string>;
  body?: string;
  service?: string;
  region?: string;
  date?: string;
  sessionToken?: string;
  secretAccessKey?: string;
  accessKeyId?: string;
}

/** Signs with aws4, an implementation that has nothing to do with ours. */
function sign(unsigned: Unsigned = {}): WireRequest {
  const { method = 'GET', target = '/', body = '', headers = {} } = unsigned;
  const signed = aws4.sign(
    {
      ...{ method, path: target, body, host: HOST },
      service: unsigned.service ?? 'execute-api',
      region: unsigned.region ?? 'us-east-1',
      headers: { Host: HOST, 'X-Amz-Date': unsigned.date ?? '20150830T123600Z', ...headers },
    },
    {
      accessKeyId: unsigned.accessKeyId ?? 'AKIDEXAMPLE',
      secretAccessKey: unsigned.secretAccessKey ?? SECRET,
      ...(unsigned.sessionToken === undefined ? {} : { sessionToken: unsigned.sessionToken }),
    },
  );
  const rawHeaders = Object.entries(signed.headers ?? {}).flatMap(([name, value]) => [
    name,
    String(value),
  ]);
  return { method, target, rawHeaders, body: Buffer.from(body) };
}

function withHeader(request: WireRequest, name: string, value: string): WireRequest {
  return { ...request, rawHeaders: [...request.rawHeaders, name, value] };
}

describe('a request signed by aws4 is accepted', () => {
  const table: [string, Unsigned][] = [
    ['plain', {}],
    ['with a body', { method: 'POST', target: '/users', body: '{"name":"λ"}' }],
    ['with an encoded path', { target: '/a%20b/%C3%A9/x' }],
    ['with a trailing slash', { target: '/stage/users/' }],
    ['with a query', { target: '/?b=2&a=1&a=0&empty=&flag' }],
    ['with an encoded query', { target: '/?q=a%20b%2Bc%2Fd%3D&%C3%A9=1' }],
    ['with a session token', { sessionToken: 'token/+=' }],
    ['with odd spaces in a header', { headers: { 'x-amz-meta': '  a   b  ' } }],
    ['for a function URL', { service: 'lambda', target: '/x?y=z' }],
    ['nearly five minutes old', { date: '20150830T123101Z' }],
    ['nearly five minutes early', { date: '20150830T124059Z' }],
  ];
  test.each(table)('%s', (_, unsigned) => {
    const { service = 'execute-api', sessionToken } = unsigned;
    const known = { secretAccessKey: SECRET, ...(sessionToken ? { sessionToken } : {}) };
    expect(createVerifier({ service }, known)(sign(unsigned))).toMatchObject({ ok: true });
  });
});

describe('a refusal by API Gateway', () => {
  const verify = createVerifier();
  const message = (request: WireRequest, check = verify) => {
    const verification = check(request);
    if (verification.ok) {
      throw new Error('accepted');
    }
    const { message: text } = JSON.parse(verification.body);
    return [verification.status, verification.errorType, text];
  };

  test('asks for a token when there is no signature', () => {
    const request = {
      method: 'GET',
      target: '/',
      rawHeaders: ['Host', HOST],
      body: Buffer.alloc(0),
    };
    expect(message(request)).toEqual([
      ...[403, 'MissingAuthenticationTokenException', 'Missing Authentication Token'],
    ]);
  });

  test('quotes an Authorization that is none of its own', () => {
    const request = { ...sign(), rawHeaders: ['Host', HOST, 'Authorization', 'Bearer abc'] };
    expect(message(request)).toEqual([
      403,
      'IncompleteSignatureException',
      "'abc' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer abc'.",
    ]);
  });

  test('names each missing part', () => {
    const rawHeaders = ['Host', HOST, 'Authorization', 'AWS4-HMAC-SHA256 SignedHeaders=host'];
    expect(message({ ...sign(), rawHeaders })[2]).toMatch(
      /'Credential' parameter\. .*'Signature' parameter\. .*'X-Amz-Date'/,
    );
  });

  test('does not know the key', () => {
    expect(message(sign({ accessKeyId: 'AKIDOTHER' }))).toEqual([
      403,
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    ]);
  });

  test.each([
    ['missing', undefined],
    ['wrong', 'another'],
  ])('does not take a session token that is %s', (_, sessionToken) => {
    const check = createVerifier({}, { secretAccessKey: SECRET, sessionToken: 'right' });
    const request = sign(sessionToken === undefined ? {} : { sessionToken });
    expect(message(request, check)[1]).toBe('UnrecognizedClientException');
  });

  test('says that a token has expired', () => {
    const known = { secretAccessKey: SECRET, sessionToken: 't', expiresAt: now };
    expect(message(sign({ sessionToken: 't' }), createVerifier({}, known))[1]).toBe(
      'ExpiredTokenException',
    );
  });

  test('shows what it would have signed, when the secret is wrong', () => {
    const [status, type, text] = message(sign({ secretAccessKey: 'wrong', target: '/a?b=1' }));
    expect([status, type]).toEqual([403, 'InvalidSignatureException']);
    expect(text).toContain(
      "The Canonical String for this request should have been\n'GET\n/a\nb=1\nhost:",
    );
    expect(text).toContain("The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20150830T1236");
  });

  const tampered: [string, (request: WireRequest) => WireRequest][] = [
    ['method', (request) => ({ ...request, method: 'PUT' })],
    ['path', (request) => ({ ...request, target: '/b?x=1' })],
    ['query', (request) => ({ ...request, target: '/a?x=2' })],
    ['body', (request) => ({ ...request, body: Buffer.from('other') })],
    ['signed header', (request) => withHeader(request, 'Host', 'evil.example')],
  ];
  test.each(tampered)('finds a changed %s', (_, tamper) => {
    const request = sign({ method: 'POST', target: '/a?x=1', body: 'body' });
    expect(verify(request).ok).toBe(true);
    expect(message(tamper(request))[1]).toBe('InvalidSignatureException');
  });

  test('does not take an x-amz-* header that was added behind the signature', () => {
    expect(message(withHeader(sign(), 'X-Amz-Extra', '1'))[2]).toContain('not signed: x-amz-extra');
  });

  test('does not take a declared payload hash that is not the hash of the body', () => {
    const hash = createHash('sha256').update('').digest('hex');
    const headers = { 'X-Amz-Content-Sha256': hash };
    expect(verify(sign({ headers })).ok).toBe(true);
    // aws4 signs the header's value in place of the body's hash, as many signers do.
    expect(message(sign({ method: 'POST', body: 'b', headers }))[1]).toBe(
      'InvalidSignatureException',
    );
    const unsigned = { 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' };
    expect(message(sign({ headers: unsigned }))[1]).toBe('InvalidSignatureException');
  });

  test('wants the host signed', () => {
    const request = sign();
    const rawHeaders = request.rawHeaders.map((value) =>
      value.replace('SignedHeaders=host;', 'SignedHeaders='),
    );
    expect(message({ ...request, rawHeaders })[2]).toContain("'Host' or ':authority' must be");
  });

  test('wants its own region and service', () => {
    expect(message(sign({ region: 'eu-west-1' }))[2]).toContain('scoped to a valid region');
    expect(message(sign({ service: 'lambda' }))[2]).toContain("correct service: 'execute-api'");
  });

  test.each([
    [
      '20150830T123059Z',
      'Signature expired: 20150830T123059Z is now earlier than 20150830T123100Z',
    ],
    ['20150830T124101Z', 'Signature not yet current: 20150830T124101Z is still later than'],
  ])('has a clock: %s', (date, text) => {
    expect(message(sign({ date }))[2]).toContain(text);
  });

  test('can deny by policy', () => {
    const check = createVerifier({ authorize: ({ accessKeyId }) => `${accessKeyId} may not` });
    expect(check(sign())).toMatchObject({
      ...{ ok: false, kind: 'access-denied', status: 403, errorType: 'AccessDeniedException' },
      body: '{"Message":"AKIDEXAMPLE may not"}',
    });
  });
});

describe('the same refusals in other services’ words', () => {
  const unsigned = {
    method: 'GET',
    target: '/',
    rawHeaders: ['Host', HOST],
    body: Buffer.alloc(0),
  };

  test('a function URL says Forbidden and no more, without a signature or a permission', () => {
    const forbidden = {
      status: 403,
      errorType: 'AccessDeniedException',
      body: '{"Message":"Forbidden"}',
    };
    expect(createVerifier({ service: 'lambda' })(unsigned)).toMatchObject(forbidden);
    const denying = createVerifier({ service: 'lambda', authorize: () => 'no' });
    expect(denying(sign({ service: 'lambda' }))).toMatchObject(forbidden);
  });

  test('SSM answers 400 with __type', () => {
    expect(createVerifier({ service: 'ssm' })(unsigned)).toMatchObject({
      status: 400,
      body: '{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}',
    });
  });
});
