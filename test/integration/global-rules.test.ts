/** Global rules in the built functions, in both ways of reading the table. */
import { awaitAnswer, type Headers, startBothModes } from '../support/both-modes.ts';
import { send } from '../support/client.ts';
import { useSnapshotRig } from '../support/publication.ts';
import { sample, wholeTest } from '../support/sample.ts';
import type { Proxy as ProxyFunction, SnapshotRig } from '../support/snapshot-rig.ts';

const { startSnapshotRig, route } = useSnapshotRig({
  answer: ({ header }, response) => {
    response.end(`${header('x-api-key')} ${header('x-consumer-username')}`);
  },
});

let rig: SnapshotRig;
let proxies: readonly ProxyFunction[];
const calling = (apikey: string) => route('/', { authorization: { apikey } }).plugins;
const toHello = (fields = {}, plugins = {}) => ({
  ...{ uri: '/hello', methods: ['GET'] },
  plugins: { ...calling('one'), ...plugins },
  ...fields,
});
const guard = { plugins: { 'key-auth': {} } };
const nobody = { plugins: { 'ip-restriction': { whitelist: ['192.0.2.1'] } } };

/** Waits until the proxies answer with a status or a text. */
const until = (target: string, answer: number | string, headers: Headers = []) =>
  awaitAnswer(proxies, { target, answer, headers });

/** The same for fresh environments as well. */
async function untilAnywhere(target: string, answer: number | string, headers: Headers = []) {
  await until(target, answer, headers);
  await awaitAnswer(await startBothModes(rig), { target, answer, headers });
}

beforeEach(async () => {
  rig = await startSnapshotRig();
  await rig.edit('routes/hello', toHello());
});

test('a global rule guards every route, and requests without a route', async () => {
  proxies = await startBothModes(rig);
  await until('/hello', 'one undefined');
  await until('/other', 404);

  await rig.edit('global_rules/guard', guard);
  await rig.edit('consumers/ann', { plugins: { 'key-auth': { key: 'k' } } });
  await until('/hello', 401);
  await until('/other', 401);
  await untilAnywhere('/hello', 'one ann', [['apikey', 'k']]);
  await until('/other', 404, [['apikey', 'k']]);
  for (const proxy of proxies) {
    const posted = await send(proxy.url, {
      method: 'POST',
      target: '/hello',
      headers: [['apikey', 'k']],
    });
    expect([posted.status, posted.header('allow')]).toEqual([405, 'GET']);
  }

  await rig.erase('global_rules/guard');
  await untilAnywhere('/hello', 'one undefined');
});

test('a plugin that a rule and a route name runs in both', async () => {
  await rig.edit('global_rules/guard', nobody);
  await rig.edit(
    'routes/hello',
    toHello({}, { 'ip-restriction': { whitelist: ['127.0.0.0/8', '::1'] } }),
  );
  proxies = await startBothModes(rig);
  await until('/hello', 403);
});

test.each(
  sample<readonly [what: string, toDocument: () => unknown]>([
    ['is malformed', () => ({ ...guard, wrong: 1 })],
    ['is no JSON', () => '{'],
    ['lacks a secret', () => ({ plugins: { csrf: { key: '$secret://ssm/no' } } })],
    ['calls an upstream', () => ({ plugins: calling('two') })],
  ]),
)('while a first global rule %s, every request is 503, warm and fresh', async (_, toDocument) => {
  proxies = await startBothModes(rig);
  await rig.edit('global_rules/guard', toDocument());
  await untilAnywhere('/hello', 503);
  await until('/other', 503);

  await rig.edit('global_rules/guard', { plugins: {} });
  await untilAnywhere('/hello', 'one undefined');
});

test('a malformed rule keeps its last valid version, unless the newest one asks for more guards', async () => {
  await rig.edit('global_rules/guard', nobody);
  proxies = await startBothModes(rig);
  await rig.edit('global_rules/guard', { ...nobody, wrong: 1 });
  await untilAnywhere('/hello', 403);

  await rig.edit('global_rules/guard', {
    plugins: { ...nobody.plugins, 'key-auth': {} },
    wrong: 1,
  });
  await untilAnywhere('/hello', 503);
});

wholeTest(
  'a rule that waits for a variable is in force where the variable is, and refuses everything elsewhere',
  async () => {
    await rig.edit('global_rules/mark', {
      plugins: { csrf: { key: '$env://COUNTERSIGN_VAR_KEY' } },
    });
    proxies = await startBothModes(rig, { COUNTERSIGN_VAR_KEY: 'k' });
    await until('/hello', 'one undefined');
    proxies = await startBothModes(rig);
    await until('/hello', 503);
  },
);

test('a rule that closes the routes makes them closed in the reports, and its deletion opens them', async () => {
  await rig.edit('global_rules/guard', guard);
  rig.messages.length = 0;
  await rig.edit('routes/hello', toHello({ desc: 'edited' }));
  expect(rig.messages).toEqual([]);

  await rig.erase('global_rules/guard');
  const text = rig.messages.map(({ Message }) => Message).join('\n');
  expect(text).toContain('The route hello is open');
});

wholeTest(
  'where routes have to be guarded, a rule guards them, and without it they are 503',
  async () => {
    const strict = { COUNTERSIGN_REQUIRE_ACCESS_PLUGIN: '1' };
    const own = await startSnapshotRig({ env: strict, proxyEnv: strict });
    rig = own;
    await own.edit('global_rules/guard', guard);
    await own.edit('consumers/ann', { plugins: { 'key-auth': { key: 'k' } } });
    await own.edit('routes/hello', toHello());
    proxies = await startBothModes(rig);
    await untilAnywhere('/hello', 'one ann', [['apikey', 'k']]);

    await own.edit('global_rules/guard', { plugins: {} });
    await untilAnywhere('/hello', 503, [['apikey', 'k']]);
    await own.edit('global_rules/guard', guard);
    await untilAnywhere('/hello', 'one ann', [['apikey', 'k']]);
  },
);

wholeTest('a rule that cannot be decrypted refuses every request', async () => {
  proxies = await startBothModes(rig);
  rig.storeFaults.unusableKeys.add('alias/aws/ssm');
  rig.put('global_rules/guard', guard, 'SecureString');
  await rig.deliver('Create', 'global_rules/guard');

  await untilAnywhere('/hello', 503);
});
