/** proxy-rewrite through the built artefact, in front of an upstream that verifies signatures. */
import { type Artefact, startArtefact } from '../../support/artefact.ts';
import { type ClientRequest, send } from '../../support/client.ts';
import { createVerifier, startUpstream, type Upstream } from '../../support/upstream.ts';

const rewrites = {
  uri: { uri: '/anything?own=1', headers: { set: { 'X-Api-Version': 'v1' } } },
  regex: { regex_uri: ['^/regex/(.*)/(.*)', '/$1-$2'], headers: { add: { 'X-Id': '$1' } } },
  method: { uri: '/anything', method: 'POST' },
  value: { uri: '/t/$arg_t/data' },
  user: {
    headers: {
      set: { 'X-Forwarded-User': '$consumer_name', 'X-User': '$arg_user' },
      remove: ['User-Agent'],
    },
  },
  // Nobody lists this host.
  elsewhere: { host: 'evil.example' },
};

let upstream: Upstream;
let artefact: Artefact;

beforeAll(async () => {
  upstream = await startUpstream({ verifier: createVerifier() });
  const lambda = { function_uri: `${upstream.url}/base`, authorization: { iam: {} } };
  const routes = Object.entries(rewrites).map(([name, config]) => [
    name,
    {
      uris: [`/${name}`, `/${name}/*`],
      plugins: { 'key-auth': {}, 'proxy-rewrite': config, 'aws-lambda': lambda },
    },
  ]);
  artefact = await startArtefact({
    routes: Object.fromEntries(routes),
    consumers: { ann: { username: 'ann', plugins: { 'key-auth': { key: 'key-of-ann' } } } },
  });
});

afterAll(() => Promise.all([artefact.close(), upstream.close()]));

async function ask(target: string, { headers = [], ...request }: Partial<ClientRequest> = {}) {
  const all = [['apikey', 'key-of-ann'], ...headers] as const;
  const response = await send(artefact.url, { ...request, target, headers: all });
  return { response, received: upstream.received.at(-1) };
}

it.each([
  ['/uri/x', 'GET /base/anything?own=1'],
  ['/uri?a=1', 'GET /base/anything?own=1&a=1'],
  ['/regex/user/agent', 'GET /base/user-agent'],
  ['/regex/one', 'GET /base/one'],
  ['/method', 'POST /base/anything'],
  ['/value?t=a%2Fb', 'GET /base/t/a%2Fb/data?t=a%2Fb'],
])('%s arrives as %s, and its signature verifies', async (target, line) => {
  const { response, received } = await ask(target);

  expect(response.status).toBe(200);
  expect(`${received?.method} ${received?.target}`).toBe(line);
  expect(received?.verification).toMatchObject({ ok: true });
});

it.each(['/value?t=..', '/value?t=%252e%252e', '/value?t=a&t=b'])('%s is 400', async (target) => {
  const count = upstream.received.length;

  expect((await ask(target)).response.status).toBe(400);
  expect(upstream.received).toHaveLength(count);
});

it('sets, adds and removes headers; what applications believe is signed, and no client writes it', async () => {
  const first = await ask('/regex/user/agent', { headers: [['x_id', 'x']] });
  const second = await ask('/user?user=eve', {
    headers: [
      ['x-forwarded-user', 'root'],
      ['x_forwarded_user', 'root'],
      ['user-agent', 'curl'],
    ],
  });

  expect(first.received?.header('x-id')).toBe('user');
  expect(second.received?.header('x-forwarded-user')).toBe('ann');
  expect(second.received?.header('x_forwarded_user')).toBeUndefined();
  expect(second.received?.header('x-user')).toBe('eve');
  expect(second.received?.header('user-agent')).toBeUndefined();
  expect(second.received?.header('x-consumer-username')).toBe('ann');
  expect(second.received?.header('authorization')).toContain('x-forwarded-user');
});

it('a host that the operator does not list is 503, and the upstream gets nothing', async () => {
  const count = upstream.received.length;

  expect((await ask('/elsewhere')).response.status).toBe(503);
  expect(upstream.received).toHaveLength(count);
});
