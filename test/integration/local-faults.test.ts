/** How tests make the stand-ins of S3 and KMS fail. */
import { createHold } from '../../local/faults.ts';
import { startKeyService } from '../../local/key-service/key-service.ts';
import { send } from '../support/client.ts';
import { call, outcomeOf, startStore, stopStores } from '../support/object-store-rig.ts';

afterEach(stopStores);

describe('a fault of the object store', () => {
  const errors: [string, number, string][] = [
    ['InternalError', 500, 'We encountered an internal error. Please try again.'],
    ['SlowDown', 503, 'Please reduce your request rate.'],
    ['AccessDenied', 403, 'Access Denied'],
    ['ConditionalRequestConflict', 409, 'conflicting operation'],
  ];
  test.each(errors)(
    'answers one call with %s, and the next as ever',
    async (code, status, message) => {
      const store = await startStore();
      store.put('b', 'k', 'x');
      store.faults.push({ error: { code } });
      const failed = await call(store, 'GET /b/k');
      expect(outcomeOf(failed)).toEqual([status, code]);
      expect(failed.text()).toContain(message);
      expect((await call(store, 'GET /b/k')).status).toBe(200);
      expect(store.calls.map(({ status: noted }) => noted)).toEqual([status, 200]);
    },
  );

  test('may have a code, status and message of its own', async () => {
    const store = await startStore();
    store.faults.push({ error: { code: 'Odd', status: 599, message: 'odd' } });
    expect(outcomeOf(await call(store, 'GET /b/k'))).toEqual([599, 'Odd']);
  });

  test('waits for the operation that it is meant for, and lasts as many calls as it says', async () => {
    const store = await startStore();
    store.put('b', 'k', 'x');
    store.faults.push({ on: ['PutObject', 'HeadObject'], times: 2, error: { code: 'SlowDown' } });
    expect((await call(store, 'GET /b/k')).status).toBe(200);
    expect((await call(store, 'PUT /b/k', { body: 'y' })).status).toBe(503);
    expect((await call(store, 'HEAD /b/k')).status).toBe(503);
    expect((await call(store, 'PUT /b/k', { body: 'y' })).status).toBe(200);
    expect(store.faults).toEqual([]);
  });

  test('may be an outage that ends when it is taken out', async () => {
    const store = await startStore();
    store.put('b', 'k', 'x');
    store.faults.push({ times: Number.POSITIVE_INFINITY, error: { code: 'InternalError' } });
    for (const _ of [1, 2, 3]) expect((await call(store, 'GET /b/k')).status).toBe(500);
    store.faults.length = 0;
    expect((await call(store, 'GET /b/k')).status).toBe(200);
  });

  test('resets the connection before the object is written', async () => {
    const store = await startStore();
    store.faults.push({ reset: true });
    await expect(call(store, 'PUT /b/k', { body: 'x' })).rejects.toThrow('ECONNRESET');
    expect(store.get('b', 'k')).toBeUndefined();
    expect(store.calls).toMatchObject([{ operation: 'PutObject', key: 'k', status: 'reset' }]);
  });

  test('loses the answer of a write that stands', async () => {
    const store = await startStore();
    store.faults.push({ isDone: true, reset: true }, { isDone: true, error: { code: 'SlowDown' } });
    await expect(call(store, 'PUT /b/k', { body: '1' })).rejects.toThrow('ECONNRESET');
    expect(store.get('b', 'k')?.bytes.toString()).toBe('1');
    expect((await call(store, 'PUT /b/k', { body: '2' })).status).toBe(503);
    expect(store.get('b', 'k')?.bytes.toString()).toBe('2');
  });

  test.each([0, 3])(
    'truncates the body after %i bytes, with the length of the whole announced',
    async (at) => {
      const store = await startStore();
      store.put('b', 'k', 'bytes');
      store.faults.push({ truncateAt: at });
      const got = await call(store, 'GET /b/k');
      expect([got.status, got.header('content-length'), got.isCut]).toEqual([200, '5', true]);
      expect(got.text()).toBe('bytes'.slice(0, at));
    },
  );

  test('changes the bytes under an unchanged tag', async () => {
    const store = await startStore();
    const { etag } = store.put('b', 'k', 'bytes');
    store.faults.push({ corrupt: (body) => body.subarray(1) });
    const got = await call(store, 'GET /b/k');
    expect([got.text(), got.header('etag'), got.isCut]).toEqual(['ytes', etag, false]);
  });

  test('holds a call until it is released', async () => {
    const store = await startStore();
    const hold = createHold();
    store.faults.push({ hold });
    const got = call(store, 'GET /b/k');
    await hold.arrived;
    store.put('b', 'k', 'late');
    hold.release();
    expect((await got).text()).toBe('late');
  });

  test('holds an answer whose operation is done', async () => {
    const store = await startStore();
    const hold = createHold();
    store.faults.push({ hold, isDone: true });
    const put = call(store, 'PUT /b/k', { body: 'x' });
    await hold.arrived;
    expect(store.get('b', 'k')?.bytes.toString()).toBe('x');
    hold.release();
    expect((await put).status).toBe(200);
  });

  test('is not used up by a call without a valid signature', async () => {
    const store = await startStore();
    store.faults.push({ error: { code: 'SlowDown' } });
    const headers = [['x-amz-content-sha256', '']] as const;
    expect((await send(store.url, { target: '/b/k', headers })).status).toBe(403);
    expect(store.faults).toHaveLength(1);
  });
});

describe('a fault of the key service', () => {
  const start = () => startKeyService({ keys: ['one'] });
  let service: Awaited<ReturnType<typeof start>>;

  beforeEach(async () => {
    service = await start();
  });

  afterEach(() => service.close());

  const generate = () =>
    send(service.url, {
      method: 'POST',
      target: '/',
      headers: [['x-amz-target', 'TrentService.GenerateDataKey']],
      body: '{"KeyId":"one","KeySpec":"AES_256"}',
    });

  const errors: [string, number][] = [
    ['ThrottlingException', 400],
    ['KMSInternalException', 500],
    ['DependencyTimeoutException', 503],
  ];
  test.each(errors)('answers one call with %s, and the next as ever', async (code, status) => {
    service.faults.push({ error: { code, message: 'as a test wants it' } });
    const failed = await generate();
    expect([failed.status, failed.header('x-amzn-errortype')]).toEqual([status, code]);
    expect(failed.json()).toEqual({ __type: code, message: 'as a test wants it' });
    expect((await generate()).status).toBe(200);
  });

  test('resets the connection', async () => {
    service.faults.push({ on: 'Decrypt', reset: true }, { on: 'GenerateDataKey', reset: true });
    await expect(generate()).rejects.toThrow('ECONNRESET');
    expect(service.calls).toMatchObject([{ operation: 'GenerateDataKey', status: 'reset' }]);
    expect(service.faults).toMatchObject([{ on: 'Decrypt' }]);
  });

  test('truncates or changes the body, or keeps the call waiting', async () => {
    const hold = createHold();
    const corrupt = () => Buffer.from('{}');
    service.faults.push({ truncateAt: 9 }, { corrupt }, { hold });
    expect((await generate()).isCut).toBe(true);
    expect((await generate()).text()).toBe('{}');
    const held = generate();
    await hold.arrived;
    expect(service.calls).toHaveLength(2);
    hold.release();
    expect((await held).status).toBe(200);
  });
});
