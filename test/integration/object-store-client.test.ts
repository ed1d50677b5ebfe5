/** The client of one object in S3: what it sends, and what it makes of answers. */
import { createObjectReader, createObjectStore } from '../../functions/proxy/send/object-store.ts';
import { rejectionOf } from '../support/builders.ts';
import { type Answer, startService } from '../support/signed-service.ts';

describe('an object', () => {
  const xml = (code: string) => `<Error><Code>${code}</Code><Message>why</Message></Error>`;
  const startStore = async (...answers: readonly Answer[]) => {
    const { upstream, options } = await startService('s3', ...answers);
    const address = { bucket: 'b', key: 'a/k' };
    const store = createObjectStore({ ...options, address, dnsSuffix: 'amazonaws.com' });
    return { upstream, store };
  };
  const etag = '"1"';
  const date = 'Fri, 02 Jan 2026 03:04:05 GMT';

  it('is read with its ETag, and tells the time of S3', async () => {
    const { upstream, store } = await startStore({ body: 'x', headers: { etag, date } });

    expect(store.serverTimeMs?.()).toBeUndefined();
    expect(await store.read()).toEqual({ bytes: Buffer.from('x'), etag });
    expect(store.serverTimeMs?.()).toBe(Date.UTC(2026, 0, 2, 3, 4, 5));
    const { method, target, header } = upstream.only();
    expect([method, target]).toEqual(['GET', '/base/b/a/k']);
    expect([header('if-none-match'), header('content-length')]).toEqual([undefined, undefined]);
  });

  it('is read by the client of a proxy as well', async () => {
    const { options } = await startService('s3', { body: 'x', headers: { etag } });
    const address = { bucket: 'b', key: 'a/k' };
    const reader = createObjectReader({ ...options, address, dnsSuffix: 'amazonaws.com' });

    expect(await reader.read()).toEqual({ bytes: Buffer.from('x'), etag });
  });

  it.each<[string, Answer, unknown]>([
    ['which is the same', { status: 304 }, 'same'],
    ['which there is not', { status: 404, body: xml('NoSuchKey') }, 'missing'],
  ])('that is read again, %s', async (_, answer, expected) => {
    const { upstream, store } = await startStore({ ...answer, headers: { date: 'x' } });

    expect(await store.read(etag)).toBe(expected);
    expect(upstream.only().header('if-none-match')).toBe(etag);
    expect(store.serverTimeMs?.()).toBeUndefined();
  });

  it.each<[Answer, string, string]>([
    [{ status: 403, body: xml('AccessDenied') }, 'AccessDenied', 'GetObject: why'],
    [{ status: 404, body: xml('NoSuchBucket') }, 'NoSuchBucket', 'GetObject: why'],
    [{ status: 400, body: `${xml('First')}${xml('Second')}` }, 'First', 'GetObject: why'],
    [{ status: 500, body: '<Code>x' }, 'Status500', 'GetObject: no message'],
  ])('that cannot be read: %j', async (answer, type, message) => {
    const { store } = await startStore(answer);

    expect(await rejectionOf(store.read())).toMatchObject({
      type,
      status: answer.status,
      message: `${type} (${answer.status}): ${message}`,
    });
  });

  it('is that of the bucket’s own host where there is no endpoint', async () => {
    const { options } = await startService('s3');
    const address = { bucket: 'b', key: 'k' };
    const more = { address, endpoint: undefined, dnsSuffix: 'localhost' };
    const store = createObjectStore({ ...options, ...more });

    expect(await rejectionOf(store.read())).toMatchObject({
      message: `b.s3.${options.region}.localhost gave no answer`,
    });
  });

  it('without an ETag cannot be used', async () => {
    const { store } = await startStore({ body: 'x' }, {});

    expect(await rejectionOf(store.read())).toMatchObject({ code: 'ROUTES_UNAVAILABLE' });
    expect(await rejectionOf(store.write(Buffer.alloc(0), undefined))).toMatchObject({
      code: 'ROUTES_UNAVAILABLE',
    });
  });

  it.each([
    [undefined, { 'if-none-match': '*' }],
    [etag, { 'if-match': etag }],
  ])('that replaces %s is written under the condition %j', async (expected, condition) => {
    const { upstream, store } = await startStore({ headers: { etag: '"2"' } });

    expect(await store.write(Buffer.from('new'), expected)).toBe('"2"');
    const { method, target, header, body } = upstream.only();
    expect([method, target, body.toString()]).toEqual(['PUT', '/base/b/a/k', 'new']);
    expect(header('content-type')).toBe('application/octet-stream');
    for (const name of ['if-none-match', 'if-match']) {
      expect(header(name)).toBe((condition as Record<string, string>)[name]);
    }
  });

  it.each<[Answer, string]>([
    [{ status: 412, body: xml('PreconditionFailed') }, 'lost'],
    [{ status: 409, body: xml('ConditionalRequestConflict') }, 'lost'],
    [{ status: 404, body: xml('NoSuchKey') }, 'lost'],
    [{ status: 404, body: xml('NoSuchBucket') }, 'NoSuchBucket (404): PutObject: why'],
    [{ status: 403, body: xml('AccessDenied') }, 'AccessDenied (403): PutObject: why'],
  ])('that is not written because of %j is %s', async (answer, expected) => {
    const { store } = await startStore(answer);

    const outcome = await store.write(Buffer.alloc(0), etag).catch((error: Error) => error.message);
    expect(outcome).toBe(expected);
  });
});
