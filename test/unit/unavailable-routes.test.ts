/** What answers 503 says why, in the `cause` of the access line: the parameter, and what is wrong with it. */
import { AwsServiceError } from '../../functions/proxy/send/aws-json.ts';
import { toRequest } from '../support/builders.ts';
import { functionUri } from '../support/documents.ts';
import { createTableRig, root, routeIdFor, type TableRig } from '../support/table-rig.ts';

const name = `${root}/routes/a`;
const open = { uri: '/a', plugins: { 'aws-lambda': { function_uri: functionUri } } };
const lacking = {
  ...open,
  plugins: { ...open.plugins, 'webhook-auth': { secrets: ['$secret://ssm/none'] } },
};
const guardedButMalformed = { ...open, plugins: { 'key-auth': {}, ...open.plugins }, prioritty: 1 };
const refusal = new AwsServiceError('AccessDeniedException', 400, 'no');
const unread = 'its document is malformed, and its older versions could not be read';

async function loadAll({ store, load }: TableRig, versions: readonly unknown[]) {
  let table: Awaited<ReturnType<typeof load>> | undefined;
  for (const version of versions) {
    store.put(name, version);
    table = await load(table);
  }
  return table;
}

test.each<[what: string, versions: readonly unknown[], history: Error | undefined, reason: string]>(
  [
    [
      'a missing secret',
      [lacking],
      undefined,
      'something that /plugins/webhook-auth/secrets/0 needs is missing',
    ],
    [
      'a newer version with more access plugins',
      [open, guardedButMalformed],
      undefined,
      'version 1 lacks key-auth, which version 2 asks for',
    ],
    ['a history that may not be read', [open, '{'], refusal, unread],
    [
      'a history that is not answered, in a new environment',
      ['[', guardedButMalformed],
      refusal,
      unread,
    ],
  ],
)('%s', async (_, versions, history, reason) => {
  const rig = createTableRig();
  rig.store.failHistory(history);
  const table = await loadAll(rig, versions);
  const [route] = table?.documents.get(name)?.routes ?? [];

  expect(route?.reason).toBe(reason);
  await expect(route?.handle({} as never)).rejects.toMatchObject({
    code: 'ROUTES_UNAVAILABLE',
    message: `a route of ${name} is not available: ${reason}`,
  });
});

test('a global rule that lacks something is named by every request', async () => {
  const { store, load } = createTableRig();
  const rule = `${root}/global_rules/all`;
  store.put(name, open);
  store.put(rule, { plugins: { csrf: { key: '$secret://ssm/none' } } });
  const { guarded } = await load(undefined);

  await expect(
    guarded?.match(toRequest({ path: '/a' })).route.handle({} as never),
  ).rejects.toMatchObject({
    code: 'ROUTES_UNAVAILABLE',
    message: `a global rule of ${rule} is not available: something that /plugins/csrf/key needs is missing`,
  });
});

test('an open route that no global rule guards says which setting refuses it', async () => {
  const { store, createLoad } = createTableRig({}, { requireAccessPlugin: true });
  store.put(name, open);
  store.put(`${root}/global_rules/all`, { plugins: {} });
  const { documents } = await createLoad()(undefined);

  expect(documents.get(name)?.routes[0]?.reason).toBe(
    'neither it nor a global rule has an access plugin (COUNTERSIGN_REQUIRE_ACCESS_PLUGIN is on)',
  );
});

test('a warm environment does not serve an open route either when the last global rule is deleted', async () => {
  const { store, load } = createTableRig({}, { requireAccessPlugin: true });
  store.put(name, open);
  store.put(`${root}/global_rules/guard`, { plugins: { 'key-auth': {} } });
  const guarded = await load(undefined);
  store.remove(`${root}/global_rules/guard`);
  const bare = await load(guarded);

  expect([guarded, bare].map((table) => routeIdFor(table, '/a'))).toEqual(['a', 'NO_ROUTE']);
});
