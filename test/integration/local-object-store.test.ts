/** The local object store over its wire protocol. */
import { createHash } from 'node:crypto';
import {
  type ObjectStore,
  type ObjectStoreOptions,
  startObjectStore,
} from '../../local/object-store/object-store.ts';
import { createLocalVerifier } from '../../local/stack/credentials.ts';
import type { ClientResponse } from '../support/client.ts';
import { type SignedCall, sendSigned } from '../support/signed-call.ts';

const stores: ObjectStore[] = [];

async function start(options: Partial<ObjectStoreOptions> = {}): Promise<ObjectStore> {
  const verifier = createLocalVerifier('s3');
  const store = await startObjectStore({ buckets: { b: {} }, verifier, ...options });
  stores.push(store);
  return store;
}

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
});

function call(store: ObjectStore, line: string, more: Partial<SignedCall> = {}) {
  const [method = '', path = ''] = line.split(' ');
  return sendSigned(store.url, { service: 's3', method, path, ...more });
}

const md5 = (text: string) => `"${createHash('md5').update(text).digest('hex')}"`;
const codeOf = (response: ClientResponse) => /<Code>(\w+)<\/Code>/.exec(response.text())?.[1];

describe('an object', () => {
  test('is read as it was put, under the quoted MD5 of its bytes', async () => {
    const store = await start();
    const put = await call(store, 'PUT /b/v1/prod', { body: 'bytes' });
    expect([put.status, put.header('etag'), put.body.length]).toEqual([200, md5('bytes'), 0]);
    const got = await call(store, 'GET /b/v1/prod');
    expect([got.status, got.header('etag'), got.text()]).toEqual([200, md5('bytes'), 'bytes']);
    expect(got.header('x-amz-version-id')).toBe(put.header('x-amz-version-id'));
    expect(got.header('content-type')).toBe('binary/octet-stream');
    expect(Date.parse(got.header('last-modified') ?? '')).not.toBeNaN();
  });

  test('that is not there is NoSuchKey', async () => {
    const response = await call(await start(), 'GET /b/none');
    expect([response.status, codeOf(response)]).toEqual([404, 'NoSuchKey']);
  });
});

describe('a conditional PUT', () => {
  test('with If-None-Match: * creates once', async () => {
    const store = await start();
    const headers = { 'if-none-match': '*' };
    expect((await call(store, 'PUT /b/k', { headers, body: '1' })).status).toBe(200);
    const again = await call(store, 'PUT /b/k', { headers, body: '2' });
    expect([again.status, codeOf(again)]).toEqual([412, 'PreconditionFailed']);
    expect(store.get('b', 'k')?.bytes.toString()).toBe('1');
  });
});
