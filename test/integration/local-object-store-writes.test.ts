/** Conditional writes to the local object store, alone and in a race. */
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { createHold } from '../../local/faults.ts';
import type { ObjectStore } from '../../local/object-store/object-store.ts';
import { call, etagOf, outcomeOf, startStore, stopStores } from '../support/object-store-rig.ts';
import { signCall } from '../support/signed-call.ts';

afterEach(stopStores);

const putNew = (store: ObjectStore, body: string) =>
  call(store, 'PUT /b/k', { headers: { 'if-none-match': '*' }, body });
const putOver = (store: ObjectStore, etag: string, body: string) =>
  call(store, 'PUT /b/k', { headers: { 'if-match': etag }, body });
const read = (store: ObjectStore) => store.get('b', 'k')?.bytes.toString();

describe('If-None-Match: *', () => {
  test('creates an object once', async () => {
    const store = await startStore();
    expect((await putNew(store, '1')).status).toBe(200);
    const again = await putNew(store, '2');
    expect(outcomeOf(again)).toEqual([412, 'PreconditionFailed']);
    expect(again.text()).toContain('<Condition>If-None-Match</Condition>');
    expect(read(store)).toBe('1');
  });

  test('creates an object that was deleted', async () => {
    const store = await startStore();
    store.put('b', 'k', '1');
    store.remove('b', 'k');
    expect((await putNew(store, '2')).status).toBe(200);
  });

  test('may not name a tag, as on S3', async () => {
    const headers = { 'if-none-match': etagOf('1') };
    const response = await call(await startStore(), 'PUT /b/k', { headers, body: '2' });
    expect(outcomeOf(response)).toEqual([501, 'NotImplemented']);
  });
});

describe('If-Match', () => {
  test('replaces the object that it names, and no other', async () => {
    const store = await startStore();
    store.put('b', 'k', '1');
    expect((await putOver(store, etagOf('1'), '2')).status).toBe(200);
    const late = await putOver(store, etagOf('1'), '3');
    expect(outcomeOf(late)).toEqual([412, 'PreconditionFailed']);
    expect(late.text()).toContain('<Condition>If-Match</Condition>');
    expect(read(store)).toBe('2');
  });

  test('is NoSuchKey for an object that is missing or deleted', async () => {
    const store = await startStore();
    expect(outcomeOf(await putOver(store, etagOf('1'), '2'))).toEqual([404, 'NoSuchKey']);
    store.put('b', 'k', '1');
    store.remove('b', 'k');
    expect(outcomeOf(await putOver(store, etagOf('1'), '2'))).toEqual([404, 'NoSuchKey']);
  });
});

describe('a race', () => {
  test('of two conditional PUTs is won by the one that ends first; the other is a conflict', async () => {
    const store = await startStore();
    store.put('b', 'k', '1');
    const hold = createHold();
    store.faults.push({ on: 'PutObject', hold });
    const slow = putOver(store, etagOf('1'), 'slow');
    await hold.arrived;
    expect((await putOver(store, etagOf('1'), 'fast')).status).toBe(200);
    hold.release();
    expect(outcomeOf(await slow)).toEqual([409, 'ConditionalRequestConflict']);
    expect(read(store)).toBe('fast');
  });

  test('to create an object ends in the same way', async () => {
    const store = await startStore();
    const hold = createHold();
    store.faults.push({ hold });
    const slow = putNew(store, 'slow');
    await hold.arrived;
    expect((await putNew(store, 'fast')).status).toBe(200);
    hold.release();
    expect(outcomeOf(await slow)).toEqual([409, 'ConditionalRequestConflict']);
  });

  test('with a deletion is a conflict too', async () => {
    const store = await startStore();
    store.put('b', 'k', '1');
    const hold = createHold();
    store.faults.push({ hold });
    const slow = putOver(store, etagOf('1'), 'slow');
    await hold.arrived;
    await call(store, 'DELETE /b/k');
    hold.release();
    expect(outcomeOf(await slow)).toEqual([409, 'ConditionalRequestConflict']);
  });

  test('begins when a PUT’s head arrives, before its body', async () => {
    const store = await startStore();
    store.put('b', 'k', '1');
    const headers = { 'if-match': etagOf('1') };
    const path = '/b/k';
    const body = 'slow';
    const signed = await signCall(store.url, { service: 's3', method: 'PUT', path, headers, body });
    const pairs = [...(signed.headers ?? []), ['content-length', '4'], ['expect', '100-continue']];
    const slow = http.request(store.url, { method: 'PUT', path, headers: pairs.flat() });
    slow.flushHeaders();
    await once(slow, 'continue');
    expect((await putOver(store, etagOf('1'), 'fast')).status).toBe(200);
    slow.end(body);
    const [response] = (await once(slow, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(409);
    expect(read(store)).toBe('fast');
  });

  test('does not affect a PUT without conditions, or one without a concurrent writer', async () => {
    const store = await startStore();
    store.put('b', 'k', '1');
    const hold = createHold();
    store.faults.push({ hold }, { hold });
    const plain = call(store, 'PUT /b/k', { body: 'plain' });
    await hold.arrived;
    store.put('b', 'k', '2');
    hold.release();
    expect((await plain).status).toBe(200);
    expect((await putOver(store, etagOf('plain'), '3')).status).toBe(200);
  });
});
