/** The signer against two implementations that share no code with it: the local stack's verifier, and aws4. */
import aws4 from 'aws4';
import fc from 'fast-check';
import { readRequest } from '../../functions/proxy/event.ts';
import type { UpstreamRequest } from '../../functions/proxy/http/message.ts';
import { createSigner } from '../../functions/proxy/sign/sign.ts';
import { rewriteRequest } from '../../functions/proxy/upstream/rewrite.ts';
import * as arbitrary from '../support/arbitraries.ts';
import {
  executionKeys,
  functionUrlHost,
  headersOf,
  toEvent,
  toTarget,
} from '../support/builders.ts';
import { toRuns } from '../support/sample.ts';
import { signatureOf, toWire, verify } from '../support/sigv4.ts';

const nowMs = Date.UTC(2026, 10, 20, 12, 0, 0);
const scope = { region: 'eu-west-1', service: 'lambda' };
const target = toTarget(`https://${functionUrlHost}/base?stage=a b`);
const carriedHeader = 'x-original-authorization';
const sign = createSigner({ ...scope, carriedHeader });

interface Parts {
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly method: string;
  readonly body: Buffer;
  readonly contentType: string | undefined;
  readonly authorization: string | undefined;
  readonly sessionToken: string | undefined;
}

const partsWith = (value: fc.Arbitrary<string>) =>
  fc.record<Parts>({
    rawPath: arbitrary.rawPath,
    rawQueryString: arbitrary.rawQuery,
    method: arbitrary.method,
    body: arbitrary.body,
    contentType: fc.option(value, { nil: undefined }),
    authorization: fc.option(value, { nil: undefined }),
    sessionToken: fc.option(fc.constantFrom('token+/=', 'other'), { nil: undefined }),
  });

/** Event → what is sent, by the runtime's own stages; undefined for a path that is refused. */
function send({
  rawPath,
  rawQueryString,
  contentType,
  authorization,
  sessionToken,
  ...parts
}: Parts) {
  const event = toEvent({
    rawPath,
    rawQueryString,
    method: parts.method,
    headers: {
      host: 'proxy.example.com',
      'x-amz-date': 'spoofed',
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
      ...(authorization === undefined ? {} : { authorization }),
    },
    body: parts.body.toString('base64'),
    isBase64Encoded: true,
  });
  const keys = { ...executionKeys, ...(sessionToken === undefined ? {} : { sessionToken }) };
  const request = (() => {
    try {
      return readRequest(event, 'id');
    } catch {
      return undefined;
    }
  })();
  if (!request) return undefined;
  const rewritten = rewriteRequest(request, request.path.slice(1), {
    target,
    forwardAs: carriedHeader,
    apiKey: undefined,
  });
  return { keys, signed: sign(rewritten, keys, nowMs) };
}

test('the verifier accepts each sent request, for any method, path, query and body', () => {
  fc.assert(
    fc.property(partsWith(arbitrary.asciiValue), (parts) => {
      const sent = send(parts);
      if (sent)
        expect(verify(toWire(sent.signed), { scope, keys: sent.keys, nowMs })).toMatchObject({
          ok: true,
        });
    }),
    { numRuns: toRuns(1000) },
  );
});

test('the verifier accepts each sent request, for any byte in signed header values', () => {
  fc.assert(
    fc.property(partsWith(arbitrary.anyValue), (parts) => {
      const sent = send(parts);
      if (sent)
        expect(verify(toWire(sent.signed), { scope, keys: sent.keys, nowMs })).toMatchObject({
          ok: true,
        });
    }),
    { numRuns: toRuns(1000) },
  );
});

test.each([
  ['a byte outside ASCII in content-type', { contentType: 'text/plain; name=\u00e9' }],
  ['UTF-8 in content-type', { contentType: 'text/plain; name=λ' }],
  ['a byte outside ASCII in the carried Authorization', { authorization: 'Basic \u00e9' }],
  ['a tab in the carried Authorization', { authorization: 'Bearer\tx' }],
  ['spaces in the carried Authorization', { authorization: '  Bearer   x  ' }],
])('the verifier accepts %s', (_, parts) => {
  const sent = send({
    rawPath: '/',
    rawQueryString: '',
    method: 'GET',
    body: Buffer.alloc(0),
    contentType: undefined,
    authorization: undefined,
    sessionToken: undefined,
    ...parts,
  });
  expect(sent && verify(toWire(sent.signed), { scope, keys: sent.keys, nowMs })).toMatchObject({
    ok: true,
  });
});

test('the verifier refuses a request after any change of a signed part', () => {
  const changes: readonly ((request: UpstreamRequest) => UpstreamRequest)[] = [
    (request) => ({ ...request, method: 'PURGE' }),
    (request) => ({ ...request, path: `${request.path}x` }),
    (request) => ({ ...request, query: `${request.query}&x=1` }),
    (request) => ({ ...request, body: Buffer.concat([request.body, Buffer.from('x')]) }),
    (request) => ({
      ...request,
      headers: request.headers.map(([name, value]) => [
        name,
        name === 'host' ? `${value}x` : value,
      ]),
    }),
    (request) => ({
      ...request,
      headers: request.headers.map(([name, value]) => [
        name,
        name === 'x-amz-content-sha256' ? 'UNSIGNED-PAYLOAD' : value,
      ]),
    }),
    (request) => ({ ...request, headers: [...request.headers, ['x-amz-extra', '1']] }),
  ];
  fc.assert(
    fc.property(partsWith(arbitrary.asciiValue), fc.constantFrom(...changes), (parts, change) => {
      const sent = send(parts);
      if (sent)
        expect(verify(toWire(change(sent.signed)), { scope, keys: sent.keys, nowMs }).ok).toBe(
          false,
        );
    }),
    { numRuns: arbitrary.numRuns },
  );
});

/** @returns whether aws4 reads the request as it is on the wire; what it does otherwise is its own bug or limit. */
function isReadByAws4({ path, query }: UpstreamRequest): boolean {
  // A character outside its list makes it decode and encode the whole target again, so that it signs another one.
  if (/[^0-9A-Za-z;,/?:@&=+$\-_.!~*'()#%]/.test(path + query)) return false;
  return query.split('&').every((parameter) => {
    const [name = '', value = ''] = splitParameter(parameter);
    // It drops a parameter without name ("Services don't support empty query string keys").
    if (parameter !== '' && name === '') return false;
    // It keeps names in an ordinary object, where this one is no key.
    if (name.replace(/%5f/gi, '_') === '__proto__') return false;
    // It decodes to text, so that bytes which are no UTF-8 become U+FFFD and are lost.
    return isUtf8(name) && isUtf8(value);
  });
}

function splitParameter(parameter: string): readonly string[] {
  const equals = parameter.indexOf('=');
  return equals === -1 ? [parameter] : [parameter.slice(0, equals), parameter.slice(equals + 1)];
}

function isUtf8(encoded: string): boolean {
  const bytes = Buffer.from(
    encoded.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    'latin1',
  );
  return Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes);
}

function signWithAws4(request: UpstreamRequest, keys: typeof executionKeys): string {
  const names = ['host', 'content-type', carriedHeader];
  const signedHeaders = request.headers.filter(
    ([name]) => names.includes(name) || name.startsWith('x-amz-'),
  );
  const { headers } = aws4.sign(
    {
      ...scope,
      method: request.method,
      path: request.query === '' ? request.path : `${request.path}?${request.query}`,
      headers: Object.fromEntries(signedHeaders),
    },
    keys,
  );
  return signatureOf(String(headers?.['Authorization']));
}

test('aws4 makes the same signature wherever it reads the same request', () => {
  let compared = 0;
  fc.assert(
    fc.property(partsWith(arbitrary.asciiValue), (parts) => {
      const sent = send(parts);
      if (!sent || !isReadByAws4(sent.signed)) return;
      compared += 1;
      expect(signatureOf(headersOf(sent.signed.headers, 'authorization')[0])).toBe(
        signWithAws4(sent.signed, sent.keys),
      );
    }),
    { numRuns: toRuns(2000) },
  );
  expect(compared).toBeGreaterThan(toRuns(200) / 2);
});
