/** An editor of routes who refers to what is none of theirs: nothing of it travels, and nothing of it is even read. */
import { type Artefact, root, startArtefact } from '../support/artefact.ts';
import { countersign } from '../support/cli.ts';
import { send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startPublisher } from '../support/publisher.ts';
import { sample } from '../support/sample.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const originValue = 'marked-origin-value-of-the-edge';
const origin = '/aws/reference/secretsmanager/shared/origin';
const env = {
  COUNTERSIGN_SECRET_PATHS: '/shared,/aws/reference/secretsmanager/shared',
  COUNTERSIGN_ORIGIN_SECRET: `$secret://ssm/${origin}`,
  COUNTERSIGN_VAR_STAGE: 'permitted-variable',
  MARKED_VARIABLE: 'marked-variable',
};
const annsKey = 'marked-key-of-ann';

let upstream: Upstream;
let artefact: Artefact;
const read: string[] = [];

/** A header for the editor's own collector. */
const stealing = (reference: string) => ({
  uri: '/steal',
  plugins: {
    'aws-lambda': { function_uri: upstream.url, authorization: { apikey: reference } },
  },
});

beforeAll(async () => {
  upstream = await startUpstream();
  artefact = await startArtefact({
    env,
    reloads: true,
    store: {
      secrets: { 'shared/origin': originValue, 'shared/other': 'permitted-managed' },
      intercept(operation, { Names: names }) {
        if (operation === 'GetParameters') read.push(...(names as string[]));
        return undefined;
      },
    },
    routes: {
      whole: { uri: '/whole', plugins: { 'aws-lambda': { function_uri: upstream.url } } },
      guarded: {
        uri: '/guarded',
        plugins: { 'key-auth': {}, 'aws-lambda': { function_uri: upstream.url } },
      },
    },
    consumers: {
      ann: { plugins: { 'key-auth': { key: annsKey } } },
      bob: { plugins: { 'key-auth': { key: '$secret://ssm/consumers/bob' } } },
    },
    secrets: { own: 'permitted-own', 'consumers/bob': 'marked-key-of-bob' },
  });
  const put = (Name: string, Value: string) =>
    artefact.store.call('PutParameter', { Name, Value, Type: 'SecureString' });
  put('/shared/key', 'permitted-shared');
  put('/other/key', 'marked-other');
});

afterAll(() => Promise.all([artefact.close(), upstream.close()]));

const ask = (target: string) =>
  send(artefact.url, { target, headers: [['x-origin-verify', originValue]] });

/** What the collector got of the last version of the route. */
async function follow(reference: string): Promise<readonly (string | undefined)[]> {
  const before = artefact.lines().length;
  artefact.putRoute('steal', stealing(reference));
  const marker = `marker-${before}`;
  artefact.putRoute('marker', { uri: `/${marker}`, plugins: stealing('x').plugins });
  await eventually(async () => (await ask(`/${marker}`)).status === 200);
  const sent = upstream.received.length;
  await ask('/steal');
  return upstream.received.slice(sent).map((request) => request.header('x-api-key'));
}

it.each([
  ['$secret://ssm/own', 'permitted-own'],
  [`$secret://ssm/${root}/secrets/own`, 'permitted-own'],
  ['$secret://ssm//shared/key', 'permitted-shared'],
  ['$secret://ssm//aws/reference/secretsmanager/shared/other', 'permitted-managed'],
  ['$env://COUNTERSIGN_VAR_STAGE', 'permitted-variable'],
])('%s is permitted, and followed', async (reference, value) => {
  expect(await follow(reference)).toEqual([value]);
});

const documents = `only ${root}/secrets/ holds any`;
const ofConsumers = 'only documents of consumers refer';
const shape = 'the name of a parameter: no version';
const refused = [
  [`$secret://ssm/${root}/consumers/ann`, documents],
  [`$secret://ssm/${root}/routes/whole`, documents],
  [`$secret://ssm/${root.toUpperCase()}/consumers/ann`, documents],
  ['$secret://ssm/consumers/bob', ofConsumers],
  [`$secret://ssm/${root}/secrets/consumers/bob`, ofConsumers],
  [`$secret://ssm//${root}/consumers/ann`, shape],
  [`$secret://ssm/${root}/consumers/ann/`, shape],
  [`$secret://ssm/${root}//consumers/ann`, shape],
  [`$secret://ssm/${root}/secrets/../consumers/ann`, shape],
  ['$secret://ssm/../consumers/ann', shape],
  [`$secret://ssm/${root}/consumers/ann:1`, shape],
  [`$secret://ssm/arn:aws:ssm:us-east-1:123456789012:parameter${root}/consumers/ann`, shape],
  [`$secret://ssm/${origin}`, 'between the edge and the proxy'],
  [`$secret://ssm/${origin}:AWSCURRENT`, shape],
  ['$secret://ssm//other/key', 'COUNTERSIGN_SECRET_PATHS (secretPaths) lists'],
  ['$secret://ssm//shared-not/key', 'COUNTERSIGN_SECRET_PATHS (secretPaths) lists'],
  ['$env://MARKED_VARIABLE', 'COUNTERSIGN_VAR_ (COUNTERSIGN_ENV_PREFIX)'],
  ['$env://AWS_SECRET_ACCESS_KEY', 'no key of the role'],
] as const;

it.each(sample(refused))('%s is refused, and the log says why', async (reference, expected) => {
  for (const value of await follow(reference)) expect(value).not.toMatch(/marked|ann/);

  const found = JSON.stringify(reference);
  const issues = artefact.lines().flatMap((line) => (line['issues'] ?? []) as object[]);
  expect(issues).toContainEqual(
    expect.objectContaining({ found, expected: expect.stringContaining(expected) }),
  );
});

it('a consumer has a key from the folder to which no route may refer', async () => {
  const headers = [
    ['x-origin-verify', originValue],
    ['apikey', 'marked-key-of-bob'],
  ] as const;
  expect((await send(artefact.url, { target: '/guarded', headers })).status).toBe(200);
});

it('only permitted secrets and the origin secret were read', () => {
  expect([...new Set(read)].sort()).toEqual(
    [origin, '/aws/reference/secretsmanager/shared/other', '/shared/key'].sort(),
  );
  expect(artefact.text()).not.toContain(annsKey);
  expect(artefact.text()).not.toContain('marked-');
});

it.each([
  [`$secret://ssm/${root}/consumers/ann`, documents],
  [`$secret://ssm/${origin}`, 'between the edge and the proxy'],
  ['$secret://ssm//other/key', 'COUNTERSIGN_SECRET_PATHS (secretPaths) lists'],
  ['$env://MARKED_VARIABLE', 'COUNTERSIGN_VAR_ (COUNTERSIGN_ENV_PREFIX)'],
])('the publisher refuses %s too, and reads nothing for it', async (reference, expected) => {
  const names: unknown[] = [];
  const intercept = (operation: string, input: Readonly<Record<string, unknown>>) => {
    if (operation === 'GetParameters') names.push(...[input['Names']].flat());
    return undefined;
  };
  const publisher = await startPublisher({ env, store: { intercept } });
  publisher.put('consumers/ann', { plugins: { 'key-auth': { key: annsKey } } }, 'SecureString');
  publisher.put('routes/steal', stealing(reference));

  await publisher.deliver('Create', 'routes/steal');

  expect(await publisher.only()).toMatchObject({
    event: 'document-refused',
    issues: [{ expected: expect.stringContaining(expected) }],
  });
  expect(new Set(names)).toEqual(new Set([origin, `${root}/routes/steal`]));
  await publisher.close();
});

it.each([
  [`$secret://ssm/${root}/consumers/ann`, documents],
  ['$secret://ssm/consumers/bob', ofConsumers],
  ['$secret://ssm//other/key', 'COUNTERSIGN_SECRET_PATHS (secretPaths) lists'],
  ['$env://MARKED_VARIABLE', 'COUNTERSIGN_VAR_ (COUNTERSIGN_ENV_PREFIX)'],
])('the CLI does not write %s', async (reference, expected) => {
  const stdin = JSON.stringify(stealing(reference));
  const put = ['routes', 'put', '-', '--id', 'cli', '--yes'];
  const { status, stderr } = await countersign(artefact.store.url, put, { stdin });

  expect([status, stderr]).toEqual([3, expect.stringContaining(expected)]);
});

it.each([
  [{ COUNTERSIGN_SECRET_PATHS: '/' }, 'COUNTERSIGN_SECRET_PATHS: found /'],
  [{ COUNTERSIGN_SECRET_PATHS: root }, 'a path that has no documents in it'],
  [{ COUNTERSIGN_ENV_PREFIX: '' }, 'COUNTERSIGN_ENV_PREFIX: found an empty text'],
])('with %j nothing is served, and the log says which variable', async (wrong, message) => {
  const misconfigured = await startArtefact({ env: wrong });

  const response = await send(misconfigured.url, { target: '/' });

  expect([response.status, response.header('countersign-error')]).toEqual([503, 'MISCONFIGURED']);
  expect(misconfigured.text()).toContain(message);
  await misconfigured.close();
});
