/** Each kind of failure of S3, KMS and Parameter Store, at each step of a publication. */
import type { Interception } from '../../local/parameter-store/parameter-store.ts';
import {
  type Failure,
  kmsLasting,
  kmsPassing,
  parameterStoreLasting,
  parameterStorePassing,
  type ServiceFault,
  s3Lasting,
  s3Passing,
} from '../support/failures.ts';
import { outage } from '../support/publication.ts';
import { sample } from '../support/sample.ts';
import { bucket, key, type SnapshotRig, startSnapshotRig } from '../support/snapshot-rig.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

/** What struck, at which operation, and how it is made to. */
type Case = readonly [service: string, what: string, operation: string, strike: () => void];

let upstream: Upstream;
let rig: SnapshotRig;
/** What Parameter Store does next, for how many calls of which operation. */
let interception: { operation: string; times: number; answer: Interception } | undefined;

beforeAll(async () => {
  upstream = await startUpstream();
  const intercept = (operation: string) => {
    if (interception?.operation !== operation || interception.times === 0) return undefined;
    interception.times -= 1;
    return interception.answer;
  };
  rig = await startSnapshotRig({ isEncrypted: true, store: { intercept } });
  rig.put('secrets/key', 'secret', 'SecureString');
});
beforeEach(async () => {
  await rig.edit('routes/edited', route('/before'));
});
afterEach(heal);
afterAll(() => Promise.all([upstream.close(), rig.close()]));

function route(uri: string) {
  const authorization = { apikey: '$secret://ssm/key' };
  const settings = { function_uri: `${upstream.url}/base`, authorization };
  return { uri, plugins: { 'aws-lambda': settings } };
}

function heal(): void {
  rig.objects.faults.length = 0;
  rig.keys.faults.length = 0;
  interception = undefined;
}

const ofFaults = (service: 'S3' | 'KMS', on: string, failures: readonly Failure<ServiceFault>[]) =>
  failures.map(([what, fault]) => ({ service, what, on, fault }));
const ofCalls = (operation: string, answers: readonly (readonly [string, Interception])[]) =>
  answers.map(([what, answer]) => ({ operation, what, answer }));

function toCases(
  times: number,
  faults: ReturnType<typeof ofFaults>,
  calls: ReturnType<typeof ofCalls>,
): Case[] {
  return [
    ...faults.map(({ service, what, on, fault }): Case => {
      const strike = () => {
        const list = service === 'S3' ? rig.objects.faults : rig.keys.faults;
        list.push({ on, times, ...fault });
      };
      return [service, what, on, strike];
    }),
    ...calls.map(({ operation, what, answer }): Case => {
      const strike = () => {
        interception = { operation, times, answer };
      };
      return ['Parameter Store', what, operation, strike];
    }),
  ];
}

/** Where a failure strikes each step: a fresh publisher opens what is published, and then reads the whole tree. */
const readings = ['GetParameters', 'GetParameterHistory', 'GetParametersByPath'];
/** The second edit is malformed: the version that it replaces is looked for in the history. */
async function edit(operation: string) {
  rig.put('routes/edited', route('/after'));
  if (operation === 'GetParameterHistory') rig.put('routes/edited', '{"uri": ');
  if (['Decrypt', 'GetObject'].includes(operation)) await rig.refresh();
  return operation === 'GetParametersByPath'
    ? rig.invoke({})
    : rig.deliver('Update', 'routes/edited');
}

describe('a failure that passes costs an edit nothing but the time of another try', () => {
  const cases = toCases(
    2,
    [
      ...ofFaults('S3', 'GetObject', s3Passing),
      // The answer to a PUT has nothing to be cut inside of.
      ...ofFaults('S3', 'PutObject', s3Passing.slice(0, -1)),
      ...['Decrypt', 'GenerateDataKey'].flatMap((on) => ofFaults('KMS', on, kmsPassing)),
    ],
    readings.flatMap((operation) => ofCalls(operation, parameterStorePassing)),
  );

  test.each(sample(cases))('%s %s (%s)', async (_service, _what, operation, strike) => {
    strike();

    expect(await edit(operation)).toMatchObject({ kind: 'buffered' });

    expect(interception?.times ?? 0).toBe(0);
    expect([rig.objects.faults.length, rig.keys.faults.length]).toEqual([0, 0]);
    const proxy = await rig.startProxy();
    expect(await proxy.statusOf('/after')).toBe(200);
    await proxy.close();
  });
});

describe('a failure that lasts fails the invocation, and what stands goes on standing', () => {
  const cases = toCases(
    outage.times,
    [
      ...ofFaults('S3', 'GetObject', [...s3Lasting, ...s3Passing.slice(-2)]),
      ...ofFaults('S3', 'PutObject', [...s3Lasting, ...s3Passing.slice(-2, -1)]),
      ...['Decrypt', 'GenerateDataKey'].flatMap((on) => ofFaults('KMS', on, kmsLasting)),
    ],
    readings.flatMap((operation) => ofCalls(operation, parameterStoreLasting)),
  );

  test.each(sample(cases))('%s %s (%s)', async (_service, _what, operation, strike) => {
    const before = rig.objects.get(bucket, key)?.etag;
    strike();

    expect(await edit(operation)).toMatchObject({ kind: 'error' });

    expect(rig.objects.get(bucket, key)?.etag).toBe(before);
    heal();
    expect(await rig.deliver('Update', 'routes/edited')).toMatchObject({ kind: 'buffered' });
    const proxy = await rig.startProxy();
    expect(await proxy.statusOf('/after')).toBe(200);
    await proxy.close();
  });
});
