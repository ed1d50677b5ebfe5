/** A snapshot over the life of its stack: created, updated, rolled back, and deleted with versions in its bucket. */
import { strict as assert } from 'node:assert';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { listen } from '../../local/http-server.ts';
import { send } from '../support/client.ts';
import type { Cdk } from './cdk.ts';
import { listTemplates } from './cdk.ts';
import { deliverChange } from './change-event.ts';
import { type Deployment, runFunctionUrl } from './deployed.ts';
import { bridgeGaps } from './emulator-gaps.ts';
import { eventually } from './eventually.ts';

export interface Releases extends Deployment {
  readonly cdk: Cdk;
  readonly step: (sentence: string, act: () => Promise<void>) => Promise<void>;
}

const stack = 'Released';
const path = '/released';
/** Nobody has made it. The emulator opens what is published whatever the key, so that a document has to change as well. */
const missingKey = 'arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555';

/** Deploys a proxy with a snapshot, releases it anew, has two releases fail, and destroys it. */
export async function tryReleases(releases: Releases): Promise<void> {
  const { cdk, cloud, folder, step } = releases;
  const upstream = await listen(createServer((_, response) => response.end('from upstream')));
  let count = 0;
  const release = async (context: Readonly<Record<string, string>>) => {
    count += 1;
    const assembly = join(folder, `released-${count}`);
    const flags = Object.entries(context).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const app = 'node --import tsx test/deploy/snapshot-app.ts';
    await cdk('synth', '--quiet', '--app', app, ...flags, '--output', assembly);
    await bridgeGaps(await listTemplates(assembly));
    return cdk('deploy', stack, '--app', assembly, '--require-approval', 'never');
  };
  const readSettings = async () => (await cloud.readFunction(`${stack}-ProxyFunction`)).environment;
  const countVersions = async () => {
    const uri = new URL((await readSettings())['COUNTERSIGN_SNAPSHOT_URI'] ?? '');
    return cloud.countVersions(uri.hostname, uri.pathname.slice(1));
  };
  /** What a fresh environment of the deployed proxy answers. */
  const statusesOf = async (...targets: string[]) => {
    const proxy = await runFunctionUrl(releases, `${stack}-ProxyFunction`);
    const statuses = [];
    for (const target of targets) statuses.push((await send(proxy.url, { target })).status);
    await proxy.close();
    return statuses;
  };

  await step('a stack with a snapshot is created, and its routes are served', async () => {
    await release({});
    // A route without an upstream; 404 would mean that there is none.
    assert.deepEqual(await statusesOf('/stays', '/none'), [503, 404]);
  });
  const settings = await readSettings();
  await step(
    'an update of a setting publishes again, and judges what was not in force',
    async () => {
      const local = JSON.stringify(toRoute('/local', upstream.url));
      await cloud.addParameter(`${path}/routes/local`, local);
      const before = await countVersions();
      await release({ allowedHost: '127.0.0.1' });
      assert.ok(Number(await countVersions()) > Number(before), `${before} versions, as before`);
      assert.deepEqual(await statusesOf('/stays', '/local'), [503, 200]);
    },
  );
  await step('an edit reaches the URL through the deployed rule, queue and publisher', async () => {
    const name = `${path}/routes/queued`;
    const before = await countVersions();
    await cloud.addParameter(name, JSON.stringify(toRoute('/queued', upstream.url)));
    await deliverChange(releases.emulatorUrl, { stack, name, operation: 'Create' });
    await eventually(async () => Number(await countVersions()) > Number(before));
    assert.deepEqual(await statusesOf('/queued'), [200]);
  });
  const updated = await readSettings();
  assert.notDeepEqual(updated, settings);
  const assertAsBefore = async () => {
    assert.deepEqual(await readSettings(), updated);
    assert.deepEqual(await statusesOf('/stays', '/local'), [503, 200]);
    assert.equal(await cloud.readParameter(`${path}/routes/stays`), '{"uri":"/stays"}');
  };
  await step(
    'an update that fails at its end is rolled back: settings, routes and snapshot',
    async () => {
      await assert.rejects(release({ allowedHost: 'other.example', fails: 'true' }));
      await assertAsBefore();
    },
  );
  await step(
    'an update that cannot publish fails, says why, and leaves all as it was',
    async () => {
      await cloud.addParameter(`${path}/routes/late`, '{"uri":"/late"}');
      const failure = await release({ allowedHost: '127.0.0.1', keyArn: missingKey }).then(
        () => 'nothing',
        (error: Error) => error.message,
      );
      assert.match(failure, /nothing was published from \/released to s3:/);
      await assertAsBefore();
    },
  );
  await step(
    'the stack goes with the versions in its bucket, and keeps what operators wrote',
    async () => {
      const { hostname, pathname } = new URL(updated['COUNTERSIGN_SNAPSHOT_URI'] ?? '');
      assert.ok(Number(await countVersions()) > 1);
      await cdk('destroy', stack, '--force', '--app', join(folder, `released-${count}`));
      assert.equal(await cloud.countVersions(hostname, pathname.slice(1)), undefined);
      const state = await cloud.readKeyState(updated['COUNTERSIGN_SNAPSHOT_KEY'] ?? '');
      assert.equal(state, 'PendingDeletion');
      const kept = (await cloud.listParameters(path)).sort();
      const written = ['late', 'local', 'queued'].map((id) => `${path}/routes/${id}`);
      assert.deepEqual(kept, written);
    },
  );
  await upstream.close();
}

function toRoute(uri: string, upstream: string): object {
  const authorization = { iam: { aws_region: 'us-east-1', service: 'lambda' } };
  return { uri, plugins: { 'aws-lambda': { function_uri: `${upstream}/`, authorization } } };
}
