/** What the log says of shared objects that lack something: who is not available because of it. */
import type { Documents } from '../support/shared-objects.ts';
import { loadBoth } from '../support/shared-objects.ts';
import { createTableRig, invalidLines, root } from '../support/table-rig.ts';

const lacking = { plugins: { 'basic-auth': {}, csrf: { key: '$secret://ssm/nothing' } } };

async function messageOf(name: string, documents: Documents): Promise<string | undefined> {
  const rig = createTableRig();
  await loadBoth([documents], rig);
  return invalidLines(rig.log).find(({ fields }) => fields['parameter'] === `${root}/${name}`)
    ?.message;
}

const route = { uri: '/orders', service_id: 'shop' };

test('a service that lacks a secret is not said to be in force: its routes answer 503', async () => {
  const documents = { 'services/shop': lacking, 'routes/orders': route };

  expect(await messageOf('services/shop', documents)).toBe(
    'a document cannot be fulfilled; routes and consumers that have a plugin of it that lacks something are not available',
  );
  expect(await messageOf('routes/orders', documents)).toBe(
    'a document cannot be fulfilled; route orders answers 503',
  );
});

test('a global rule that lacks a secret is said to stop every request', async () => {
  const documents = { 'global_rules/all': lacking, 'routes/orders': { uri: '/orders' } };

  expect(await messageOf('global_rules/all', documents)).toBe(
    'a document cannot be fulfilled; every request answers 503 because of global_rule/all',
  );
});
