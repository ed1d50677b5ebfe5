/** Routes over deployments in which CloudFormation creates one resource of them and deletes another. */
import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import type { Cdk } from './cdk.ts';
import type { Cloud } from './cloud.ts';

export interface Renaming {
  readonly cdk: Cdk;
  readonly cloud: Cloud;
  readonly folder: string;
  readonly step: (sentence: string, act: () => Promise<void>) => Promise<void>;
}

const path = '/renamed';
const edited = `${path}/routes/r1`;

/** Deploys a proxy with many routes, renames it, takes routes from it, and destroys it. */
export async function tryRenaming({ cdk, cloud, folder, step }: Renaming): Promise<void> {
  const run = (command: string, proxyId: string, routeCount: number) =>
    cdk(
      ...[command, 'Renamed', '--app', 'node --import tsx test/deploy/renamed-app.ts'],
      ...['-c', `proxyId=${proxyId}`, '-c', `routeCount=${routeCount}`],
      ...['--output', join(folder, `renamed-${command}-${proxyId}-${routeCount}`)],
      ...(command === 'destroy' ? ['--force'] : ['--require-approval', 'never']),
    );
  const countRoutes = async () => (await cloud.listParameters(path)).length;

  await step('sixty routes are created by one resource, with the tags of their stack', async () => {
    await run('deploy', 'Proxy', 60);
    assert.equal(await countRoutes(), 60);
    const tags = await cloud.readTags(edited);
    assert.equal(tags['team'], 'edge');
    assert.equal(tags['countersign:proxy'], path);
    await cloud.editParameter(edited, '{"uri":"/edited"}');
  });
  await step('a construct id that changes keeps every route', async () => {
    await run('deploy', 'Proxy2', 60);
    assert.equal(await countRoutes(), 60);
    assert.equal(await cloud.readParameter(edited), '{"uri":"/edited"}');
    const owners = Object.values(await cloud.readTags(`${path}/routes/r0`)).join();
    assert.match(owners, /Renamed\/Proxy2/);
    assert.doesNotMatch(owners, /Renamed\/ProxyRoutes/);
  });
  await step('routes that leave the app are deleted, and the others stay', async () => {
    await run('deploy', 'Proxy2', 40);
    assert.equal(await countRoutes(), 40);
  });
  await step('the stack takes its routes with it, but the edited one', async () => {
    await run('destroy', 'Proxy2', 40);
    assert.deepEqual(await cloud.listParameters(path), [edited]);
  });
}
