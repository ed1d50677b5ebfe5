/** The custom resource that publishes while a stack is deployed: CloudFormation's events in, its answers and the snapshot out. */
import { randomUUID } from 'node:crypto';
import { startKeyService } from '../../local/key-service/key-service.ts';
import { littlePatience, type OnDeploy, startOnDeploy, uri } from '../support/on-deploy.ts';
import { closeAtEnd } from '../support/open-resources.ts';
import { outage, useSnapshotRig } from '../support/publication.ts';
import { bucket, key, root, type SnapshotRig } from '../support/snapshot-rig.ts';

let rig: SnapshotRig;
const { startSnapshotRig, route } = useSnapshotRig();
const nothingPublished = { isEmpty: false, isEncrypted: true } as const;
/** Five tries take three seconds at most. */
const sixSecondsOfPatience = 26_000;
const statusOf = async (target: string) => (await rig.startProxy()).statusOf(target);
/** A function that gives up within three seconds. */
const startImpatient = () => startOnDeploy(rig.env, { timeoutMs: littlePatience });

describe('a deployment', () => {
  test('publishes the whole tree before its answer, and is answered with the place of the snapshot', async () => {
    rig = await startSnapshotRig(nothingPublished);
    rig.put('routes/first', route('/first'));
    const onDeploy = await startOnDeploy(rig.env);

    const outcome = await onDeploy.ask('Create');

    expect(outcome).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: uri });
    expect(rig.objects.versions(bucket, key)).toHaveLength(1);
    expect(await statusOf('/first')).toBe(200);
  });

  test('of a stack without routes publishes an empty table: requests are 404, not 503', async () => {
    rig = await startSnapshotRig(nothingPublished);

    expect(await (await startOnDeploy(rig.env)).ask('Create')).toMatchObject({ Status: 'SUCCESS' });

    expect(await statusOf('/first')).toBe(404);
  });

  test('publishes the routes that the stack has created, as another resource', async () => {
    rig = await startSnapshotRig(nothingPublished);
    const onDeploy = await startOnDeploy(rig.env);
    await onDeploy.ask('Create');
    rig.put('routes/first', route('/first'));
    rig.calls.length = 0;

    const created = await onDeploy.ask('Create', { parameters: [`${root}/routes/first`] });

    expect(created).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: `${uri}#created` });
    expect(rig.calls).toEqual(['GetParameters']);
    expect(await statusOf('/first')).toBe(200);
  });

  test('goes through with a document that is malformed: it costs itself, and the log names it', async () => {
    rig = await startSnapshotRig(nothingPublished);
    rig.put('routes/good', route('/good'));
    rig.put('routes/bad', '{"uri": ');
    const onDeploy = await startOnDeploy(rig.env);

    expect(await onDeploy.ask('Create')).toMatchObject({ Status: 'SUCCESS' });

    expect(onDeploy.text()).toContain(`${root}/routes/bad`);
    expect(await statusOf('/good')).toBe(200);
  });
});

describe('an update', () => {
  test('judges every document anew, and keeps the resource', async () => {
    rig = await startSnapshotRig(nothingPublished);
    const other = {
      uri: '/first',
      plugins: { 'aws-lambda': { function_uri: 'https://other.example/' } },
    };
    rig.put('routes/first', other);
    const before = await startOnDeploy(rig.env, {
      env: { COUNTERSIGN_ALLOWED_HOSTS: 'other.example' },
    });
    const { PhysicalResourceId: physicalId } = await before.ask('Create');
    const published = rig.objects.get(bucket, key)?.etag;

    // The same tree, and a setting by which the document is judged in another way.
    const after = await startOnDeploy(rig.env, { isFresh: true });
    const outcome = await after.ask('Update', { physicalId });

    expect(outcome).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: physicalId });
    expect(rig.objects.get(bucket, key)?.etag).not.toBe(published);
    expect(after.text()).toContain('other.example');
    // What CloudFormation asks for when the update is rolled back.
    expect(await before.ask('Update', { physicalId })).toMatchObject({ Status: 'SUCCESS' });
    expect(await statusOf('/first')).not.toBe(404);
  });

  test('of the KMS key publishes anew under it, and so does the way back', async () => {
    const [old, next] = [randomUUID(), randomUUID()];
    const keys = await startKeyService({ keys: [old, next] });
    closeAtEnd(keys.close);
    rig = await startSnapshotRig(nothingPublished);
    rig.put('routes/first', route('/first'));
    const under = (id: string) => ({
      COUNTERSIGN_SNAPSHOT_KEY: keys.arn(id),
      AWS_ENDPOINT_URL_KMS: keys.url,
    });
    for (const id of [old, next, old]) {
      const onDeploy = await startOnDeploy(rig.env, { env: under(id) });
      expect(await onDeploy.ask('Update', { physicalId: uri })).toMatchObject({
        Status: 'SUCCESS',
      });
      const proxy = await rig.startProxy(under(id));
      expect(await proxy.statusOf('/first')).toBe(200);
    }
  });

  test('that fails leaves the snapshot that stands, and so does what follows it', async () => {
    rig = await startSnapshotRig(nothingPublished);
    rig.put('routes/first', route('/first'));
    const onDeploy = await startImpatient();
    const { PhysicalResourceId: physicalId } = await onDeploy.ask('Create');
    const published = rig.objects.get(bucket, key)?.etag;
    rig.put('routes/second', route('/second'));
    rig.objects.faults.push({ on: 'PutObject', ...outage, error: { code: 'AccessDenied' } });

    const failed = await onDeploy.ask('Update', { physicalId });

    expect(failed).toMatchObject({ Status: 'FAILED', PhysicalResourceId: physicalId });
    expect(rig.objects.get(bucket, key)?.etag).toBe(published);
    expect(await statusOf('/first')).toBe(200);
    rig.objects.faults.length = 0;
    expect(await onDeploy.ask('Update', { physicalId })).toMatchObject({ Status: 'SUCCESS' });
    expect(await statusOf('/second')).toBe(200);
  });
});

test('a deletion is answered at once and leaves the object, for any failure', async () => {
  rig = await startSnapshotRig(nothingPublished);
  rig.put('routes/first', route('/first'));
  const onDeploy = await startOnDeploy(rig.env);
  const { PhysicalResourceId: physicalId } = await onDeploy.ask('Create');
  const calls = [rig.calls.length, rig.objects.calls.length, rig.keys.calls.length];
  const broken = await startOnDeploy(rig.env, { env: { COUNTERSIGN_SNAPSHOT_URI: 'nowhere' } });

  for (const each of [onDeploy, broken]) {
    const outcome = await each.ask('Delete', { physicalId });
    expect(outcome).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: physicalId });
  }

  expect([rig.calls.length, rig.objects.calls.length, rig.keys.calls.length]).toEqual(calls);
  expect(rig.objects.get(bucket, key)).toBeDefined();
});

describe('what passes', () => {
  test('a policy that IAM has not spread yet, at each service in turn', async () => {
    const denied = { type: 'AccessDeniedException', message: 'not authorized', status: 400 };
    let refusals = 0;
    const intercept = (operation: string) => {
      if (operation !== 'GetParametersByPath' || refusals === 1) return undefined;
      refusals += 1;
      return denied;
    };
    rig = await startSnapshotRig(nothingPublished);
    rig.storeFaults.intercept = intercept;
    rig.put('routes/first', route('/first'));
    rig.objects.faults.push({ on: 'GetObject', error: { code: 'AccessDenied' } });
    const kmsRefusal = { code: 'AccessDeniedException', status: 400 };
    rig.keys.faults.push({ on: 'GenerateDataKey', error: kmsRefusal });
    const onDeploy = await startOnDeploy(rig.env);

    expect(await onDeploy.ask('Create')).toMatchObject({ Status: 'SUCCESS' });

    expect([refusals, rig.objects.faults.length, rig.keys.faults.length]).toEqual([1, 0, 0]);
    expect(await statusOf('/first')).toBe(200);
  });

  test('an answer that CloudFormation did not take', async () => {
    rig = await startSnapshotRig(nothingPublished);
    const onDeploy = await startOnDeploy(rig.env, { refusedAnswers: 2 });
    expect(await onDeploy.ask('Create')).toMatchObject({ Status: 'SUCCESS' });
    // The address is a permission to answer.
    expect(onDeploy.text()).not.toContain('marked');
  });
});

describe('a failed deployment says', () => {
  const failing = async (
    arrange: () => void,
    env: Readonly<Record<string, string>> = {},
    timeoutMs = littlePatience,
  ) => {
    arrange();
    const onDeploy: OnDeploy = await startOnDeploy(rig.env, {
      env,
      timeoutMs,
    });
    const { Status, Reason, PhysicalResourceId } = await onDeploy.ask('Create');
    expect([Status, PhysicalResourceId]).toEqual(['FAILED', uri]);
    return Reason;
  };

  test.each([
    ['s3:GetObject', 'GetObject'],
    ['s3:PutObject', 'PutObject'],
  ])('that %s on the object is missing', async (action, on) => {
    rig = await startSnapshotRig(nothingPublished);
    const error = { code: 'AccessDenied' };
    const reason = await failing(() => rig.objects.faults.push({ on, ...outage, error }));
    expect(reason).toContain(`${action} on ${uri}`);
  });

  test('that the bucket does not exist', async () => {
    rig = await startSnapshotRig(nothingPublished);
    const reason = await failing(() => {}, {
      COUNTERSIGN_SNAPSHOT_URI: 's3://another-bucket/v1/x',
    });
    expect(reason).toContain('s3://another-bucket/v1/x');
    expect(reason).toContain('NoSuchBucket');
  });

  test.each(['GenerateDataKey'] as const)(
    'that kms:%s is missing, and of which key',
    async (operation) => {
      rig = await startSnapshotRig(nothingPublished);
      const reason = await failing(() => rig.keys.denied.add(operation));
      expect(reason).toContain(`kms:${operation} on ${rig.keys.arn(rig.keyId)}`);
    },
  );

  test('that ssm:GetParametersByPath is missing, and of which path', async () => {
    const intercept = () => ({ type: 'AccessDeniedException', message: 'no', status: 400 });
    rig = await startSnapshotRig(nothingPublished);
    rig.storeFaults.intercept = intercept;
    const reason = await failing(() => {});
    expect(reason).toContain(`ssm:GetParametersByPath on ${root}`);
  });

  test('which service cannot be reached', async () => {
    rig = await startSnapshotRig(nothingPublished);
    // The call itself is made three times, with pauses between.
    const env = { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9/' };
    const reason = await failing(() => {}, env, 2 * littlePatience);
    expect(reason).toMatch(/127\.0\.0\.1.*ECONNREFUSED/);
  });

  test('which variable is wrong', async () => {
    rig = await startSnapshotRig(nothingPublished);
    const reason = await failing(() => {}, { COUNTERSIGN_SNAPSHOT_URI: 'nowhere' });
    expect(reason).toContain('COUNTERSIGN_SNAPSHOT_URI');
  });

  test('that it came to no end, before Lambda ends the invocation; the log says that Parameter Store throttles', async () => {
    const error = { type: 'ThrottlingException', message: 'Rate exceeded', status: 400 };
    rig = await startSnapshotRig(nothingPublished);
    rig.storeFaults.intercept = () => error;
    const onDeploy = await startOnDeploy(rig.env, { timeoutMs: sixSecondsOfPatience });
    const { Status, Reason } = await onDeploy.ask('Create');
    expect([Status, Reason]).toEqual(['FAILED', expect.stringMatching(/not done after \d s/)]);
    expect(onDeploy.text()).toContain('"event":"throttled"');
  });
});
