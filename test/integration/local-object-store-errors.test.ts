/** What the local object store refuses, in S3's words. */
import { LOCAL_CREDENTIALS } from '../../local/stack/credentials.ts';
import { send } from '../support/client.ts';
import { call, outcomeOf, startStore, stopStores } from '../support/object-store-rig.ts';
import { type SignedCall, signCall } from '../support/signed-call.ts';

afterEach(stopStores);

describe('an error', () => {
  test('is an XML document with the ids of the request, which are in the headers as well', async () => {
    const response = await call(await startStore(), 'GET /b/a%26%3Cb');
    expect(response.header('content-type')).toBe('application/xml');
    expect(response.header('x-amz-request-id')).toMatch(/^[0-9A-F]{16}$/);
    expect(response.text()).toBe(
      `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>a&amp;&lt;b</Key><RequestId>${response.header('x-amz-request-id')}</RequestId><HostId>${response.header('x-amz-id-2')}</HostId></Error>`,
    );
  });

  const table: [string, string, number, string][] = [
    ['a bucket that is not there', 'GET /none/k', 404, 'NoSuchBucket'],
    ['a method that S3 has not', 'PATCH /b/k', 501, 'NotImplemented'],
    ['a listing of version 1', 'GET /b', 501, 'NotImplemented'],
    ['no bucket', 'GET /', 404, 'NoSuchBucket'],
    ['a key that is not UTF-8', 'GET /b/%FF', 400, 'InvalidURI'],
  ];
  test.each(table)('answers %s', async (_name, line, status, code) => {
    const store = await startStore();
    expect(outcomeOf(await call(store, line))).toEqual([status, code]);
    expect(store.calls).toMatchObject([{ status, code }]);
  });

  test('answers a subresource that the store does not know', async () => {
    const store = await startStore();
    store.put('b', 'k', 'x');
    const response = await call(store, 'GET /b/k', { query: { acl: '' } });
    expect(outcomeOf(response)).toEqual([501, 'NotImplemented']);
  });
});

test('a signed request for another host is refused: a web page may give its name the address 127.0.0.1', async () => {
  const store = await startStore();
  store.put('b', 'k', 'secret');
  const { port } = new URL(store.url);
  const signed = { service: 's3', method: 'GET', path: '/b/k' } as const;
  const request = await signCall(`http://page.example:${port}`, signed);
  const response = await send(store.url, request);

  expect(outcomeOf(response)).toEqual([403, 'AccessDenied']);
});

test('without permission to list, a missing object is AccessDenied and the list is refused', async () => {
  const store = await startStore({ buckets: { b: { mayList: false } } });
  store.put('b', 'k', 'x');
  expect((await call(store, 'GET /b/k')).status).toBe(200);
  expect(outcomeOf(await call(store, 'GET /b/none'))).toEqual([403, 'AccessDenied']);
  expect((await call(store, 'HEAD /b/none')).status).toBe(403);
  const list = await call(store, 'GET /b', { query: { 'list-type': '2' } });
  expect(outcomeOf(list)).toEqual([403, 'AccessDenied']);
});

describe('a signature', () => {
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
  const table: [string, NonNullable<SignedCall['scope']>, number, string][] = [
    [
      'by another secret',
      { keys: { ...LOCAL_CREDENTIALS, secretAccessKey: 'x' } },
      403,
      'SignatureDoesNotMatch',
    ],
    [
      'by an unknown key',
      { keys: { accessKeyId: 'AKIA', secretAccessKey: 'x' } },
      403,
      'InvalidAccessKeyId',
    ],
    ['for another region', { region: 'eu-west-1' }, 400, 'AuthorizationHeaderMalformed'],
    ['for another service', { service: 'lambda' }, 400, 'AuthorizationHeaderMalformed'],
    ['of 16 minutes ago', { date: minutesAgo(16) }, 403, 'RequestTimeTooSkewed'],
    ['16 minutes ahead', { date: minutesAgo(-16) }, 403, 'RequestTimeTooSkewed'],
  ];
  test.each(table)('%s is refused', async (_name, scope, status, code) => {
    const store = await startStore();
    store.put('b', 'k', 'x');
    expect(outcomeOf(await call(store, 'GET /b/k', { scope }))).toEqual([status, code]);
  });

  test('of 14 minutes ago is good, for S3 lets a clock be wrong by 15', async () => {
    const store = await startStore();
    store.put('b', 'k', 'x');
    expect((await call(store, 'GET /b/k', { scope: { date: minutesAgo(14) } })).status).toBe(200);
  });

  test('that is missing is AccessDenied', async () => {
    const store = await startStore();
    const headers = [['x-amz-content-sha256', 'UNSIGNED-PAYLOAD']] as const;
    const response = await send(store.url, { target: '/b/k', headers });
    expect(outcomeOf(response)).toEqual([403, 'AccessDenied']);
  });

  test('over a path that is encoded twice, as every other service has it, does not match', async () => {
    const store = await startStore();
    store.put('b', 'a b', 'x');
    const twice = await signCall(store.url, { service: 's3', method: 'GET', path: '/b/a%2520b' });
    const response = await send(store.url, { ...twice, target: '/b/a%20b' });
    expect(outcomeOf(response)).toEqual([403, 'SignatureDoesNotMatch']);
    expect(response.text()).toContain('/b/a%20b');
  });
});

describe('the hash of the body', () => {
  const path = '/b/k';

  test('has to be there', async () => {
    const store = await startStore();
    const signed = await signCall(store.url, { service: 's3', method: 'PUT', path, body: 'x' });
    const headers = (signed.headers ?? []).filter(([name]) => name !== 'x-amz-content-sha256');
    expect(outcomeOf(await send(store.url, { ...signed, headers }))).toEqual([
      400,
      'InvalidRequest',
    ]);
  });

  test('has to be the body’s own', async () => {
    const store = await startStore();
    const signed = await signCall(store.url, { service: 's3', method: 'PUT', path, body: 'x' });
    const response = await send(store.url, { ...signed, body: 'y' });
    expect(outcomeOf(response)).toEqual([400, 'XAmzContentSHA256Mismatch']);
    expect(response.text()).toMatch(/<S3ComputedContentSHA256>[0-9a-f]{64}</);
    expect(store.get('b', 'k')).toBeUndefined();
  });

  test('has to be a hash', async () => {
    const headers = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const response = await call(await startStore(), `PUT ${path}`, { headers, body: 'x' });
    expect(outcomeOf(response)).toEqual([400, 'XAmzContentSHA256Mismatch']);
  });
});
