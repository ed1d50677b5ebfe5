/** The local object store over its wire protocol. */
import { call, etagOf, outcomeOf, startStore, stopStores } from '../support/object-store-rig.ts';

afterEach(stopStores);

describe('an object', () => {
  test('is read as it was put, under the quoted MD5 of its bytes', async () => {
    const store = await startStore({ now: () => new Date('2026-01-02T03:04:05Z') });
    const put = await call(store, 'PUT /b/v1/prod', { body: 'bytes' });
    expect([put.status, put.header('etag'), put.body.length]).toEqual([200, etagOf('bytes'), 0]);
    const got = await call(store, 'GET /b/v1/prod');
    expect([got.status, got.header('etag'), got.text()]).toEqual([200, etagOf('bytes'), 'bytes']);
    expect(got.header('x-amz-version-id')).toBe(put.header('x-amz-version-id'));
    expect(got.header('content-type')).toBe('binary/octet-stream');
    expect(got.header('last-modified')).toBe('Fri, 02 Jan 2026 03:04:05 GMT');
  });

  test('answers HEAD with the headers of GET and no body', async () => {
    const store = await startStore();
    store.put('b', 'k', 'bytes');
    const head = await call(store, 'HEAD /b/k');
    expect([head.status, head.header('content-length'), head.body.length]).toEqual([200, '5', 0]);
    expect(head.header('etag')).toBe(etagOf('bytes'));
    const missing = await call(store, 'HEAD /b/none');
    expect([missing.status, missing.body.length]).toEqual([404, 0]);
  });

  test('keeps its type, encoding and metadata, and how it is encrypted', async () => {
    const store = await startStore();
    const encryption = {
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'arn:aws:kms:us-east-1:123456789012:key/k',
      'x-amz-server-side-encryption-bucket-key-enabled': 'true',
    };
    const metadata = {
      'cache-control': 'no-store',
      'content-encoding': 'gzip',
      'content-type': 'application/json',
      'x-amz-meta-format': '1',
    };
    const headers = { ...encryption, ...metadata };
    const put = await call(store, 'PUT /b/k', { headers, body: 'x' });
    expect(Object.fromEntries(put.headers)).toMatchObject(encryption);
    expect(put.header('x-amz-meta-format')).toBeUndefined();
    for (const method of ['GET', 'HEAD']) {
      expect(Object.fromEntries((await call(store, `${method} /b/k`)).headers)).toMatchObject(
        headers,
      );
    }
  });

  test('is encrypted by S3 itself when nothing is said', async () => {
    const store = await startStore();
    const put = await call(store, 'PUT /b/k', { body: 'x' });
    expect(put.header('x-amz-server-side-encryption')).toBe('AES256');
  });

  test('that is set directly is served like one that was put', async () => {
    const store = await startStore();
    const set = store.put('b', 'k', { bytes: 'x', headers: { 'x-amz-meta-a': '1' } });
    const got = await call(store, 'GET /b/k');
    expect([got.text(), got.header('etag'), got.header('x-amz-meta-a')]).toEqual([
      'x',
      set.etag,
      '1',
    ]);
    store.remove('b', 'k');
    expect(outcomeOf(await call(store, 'GET /b/k'))).toEqual([404, 'NoSuchKey']);
    expect(() => store.put('none', 'k', 'x')).toThrow('The specified bucket does not exist');
  });

  const keys: [string, string][] = [
    ['/b/a%20b', 'a b'],
    ['/b/a+b', 'a+b'],
    ['/b/a//b/', 'a//b/'],
    ['/b/a/../b', 'a/../b'],
    ['/b/%C3%A9', 'é'],
    ['/b/a%2520b', 'a%20b'],
    ["/b/(x)!'*~", "(x)!'*~"],
  ];
  test.each(keys)('at %s has the key %j, signed as it is', async (path, key) => {
    const store = await startStore();
    // A signer of S3 escapes what RFC 3986 reserves; the SDK signs the path as it is given.
    const escaped = path.replace(
      /[!'()*+]/g,
      (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
    );
    expect((await call(store, `PUT ${escaped}`, { body: 'x' })).status).toBe(200);
    expect(store.get('b', key)?.bytes.toString()).toBe('x');
    expect(store.calls).toMatchObject([{ method: 'PUT', bucket: 'b', key, status: 200 }]);
  });
});

describe('a conditional GET', () => {
  test('with If-None-Match of the current tag is 304 without a body', async () => {
    const store = await startStore();
    store.put('b', 'k', 'x');
    for (const tags of [etagOf('x'), `"other", ${etagOf('x')}`, '*']) {
      const got = await call(store, 'GET /b/k', { headers: { 'if-none-match': tags } });
      expect([got.status, got.body.length, got.header('etag')]).toEqual([304, 0, etagOf('x')]);
      expect(got.header('content-type')).toBeUndefined();
    }
  });

  test('with If-None-Match of another tag is the object', async () => {
    const store = await startStore();
    store.put('b', 'k', 'x');
    const got = await call(store, 'GET /b/k', { headers: { 'if-none-match': etagOf('y') } });
    expect([got.status, got.text()]).toEqual([200, 'x']);
  });

  test('with If-Match of another tag is 412', async () => {
    const store = await startStore();
    store.put('b', 'k', 'x');
    const get = (etag: string) => call(store, 'GET /b/k', { headers: { 'if-match': etag } });
    expect((await get(etagOf('x'))).status).toBe(200);
    expect(outcomeOf(await get(etagOf('y')))).toEqual([412, 'PreconditionFailed']);
  });
});

describe('versions', () => {
  test('have ids of their own, and older ones are read by them', async () => {
    const store = await startStore();
    const first = await call(store, 'PUT /b/k', { body: '1' });
    const second = await call(store, 'PUT /b/k', { body: '2' });
    const versionId = first.header('x-amz-version-id') ?? '';
    expect(second.header('x-amz-version-id')).not.toBe(versionId);
    const old = await call(store, 'GET /b/k', { query: { versionId } });
    expect([old.text(), old.header('x-amz-version-id')]).toEqual(['1', versionId]);
  });

  test('are kept up to a bound', async () => {
    const store = await startStore({ keptVersions: 2 });
    const { versionId } = store.put('b', 'k', '1');
    store.put('b', 'k', '2');
    store.put('b', 'k', '3');
    expect(store.versions('b', 'k')).toHaveLength(2);
    const gone = await call(store, 'GET /b/k', { query: { versionId } });
    expect(outcomeOf(gone)).toEqual([404, 'NoSuchVersion']);
  });

  test('end in a marker when the object is deleted, which a version’s deletion takes back', async () => {
    const store = await startStore();
    store.put('b', 'k', 'x');
    const deleted = await call(store, 'DELETE /b/k');
    const marker = deleted.header('x-amz-version-id') ?? '';
    expect([deleted.status, deleted.body.length]).toEqual([204, 0]);
    expect(deleted.header('x-amz-delete-marker')).toBe('true');
    const missing = await call(store, 'GET /b/k');
    expect(outcomeOf(missing)).toEqual([404, 'NoSuchKey']);
    expect(missing.header('x-amz-delete-marker')).toBe('true');
    const query = { versionId: marker };
    expect(outcomeOf(await call(store, 'GET /b/k', { query }))).toEqual([405, 'MethodNotAllowed']);
    expect((await call(store, 'DELETE /b/k', { query })).status).toBe(204);
    expect((await call(store, 'GET /b/k')).text()).toBe('x');
  });

  test('are not in a bucket without versioning', async () => {
    const store = await startStore({ buckets: { b: { isVersioned: false } } });
    const put = await call(store, 'PUT /b/k', { body: '1' });
    expect(put.header('x-amz-version-id')).toBeUndefined();
    store.put('b', 'k', '2');
    expect(store.versions('b', 'k')).toHaveLength(1);
    const deleted = await call(store, 'DELETE /b/k');
    expect([deleted.status, deleted.header('x-amz-delete-marker')]).toEqual([204, undefined]);
    expect(store.versions('b', 'k')).toHaveLength(0);
  });
});

describe('ListObjectsV2', () => {
  const listOf = (text: string) => [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => key);

  test('names the objects below a prefix in order, a page at a time', async () => {
    const store = await startStore();
    for (const key of ['v1/c', 'v1/a', 'v1/b&', 'v2/a']) store.put('b', key, key);
    store.put('b', 'v1/gone', 'x');
    store.remove('b', 'v1/gone');
    const query = { 'list-type': '2', prefix: 'v1/', 'max-keys': '2' };
    const first = await call(store, 'GET /b', { query });
    expect(listOf(first.text())).toEqual(['v1/a', 'v1/b&amp;']);
    expect(first.text()).toContain(`<ETag>${etagOf('v1/a')}</ETag>`);
    const token = /<NextContinuationToken>(.*)<\/Next/.exec(first.text())?.[1] ?? '';
    const rest = await call(store, 'GET /b/', { query: { ...query, 'continuation-token': token } });
    expect(listOf(rest.text())).toEqual(['v1/c']);
    expect(rest.text()).toContain('<IsTruncated>false</IsTruncated>');
  });

  test('refuses a page that is no number', async () => {
    const query = { 'list-type': '2', 'max-keys': 'all' };
    const response = await call(await startStore(), 'GET /b', { query });
    expect(outcomeOf(response)).toEqual([400, 'InvalidArgument']);
  });
});
