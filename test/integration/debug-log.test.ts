/** The log at its most talkative: what the proxy knows to be a credential is in none of its lines. */
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { send } from '../support/client.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

let upstream: Upstream;
let artefact: Artefact;

beforeAll(async () => {
  upstream = await startUpstream();
  const call = { 'aws-lambda': { function_uri: `${upstream.url}/` } };
  const route = (uri: string, plugins: object) => ({ uri, plugins: { ...plugins, ...call } });
  artefact = await startArtefact({
    consumers: { ann: { plugins: { 'key-auth': { key: 'marked' } } } },
    routes: {
      keyed: route('/keyed', { 'key-auth': { query: 'my pass=é' } }),
      ticket: route('/ticket', { 'jwt-auth': { query: 'ticket' } }),
      open: route('/open', {}),
    },
    env: { COUNTERSIGN_LOG_LEVEL: 'debug' },
  });
});

afterAll(() => Promise.all([artefact.close(), upstream.close()]));

it.each([
  ['a name of the route, escaped', '/keyed', 'my%20pass=%C3%A9=marked&page=2', 200],
  ['the same in other escapes', '/keyed', '%6dy+pass%3d%c3%a9=marked&page=2', 200],
  ['a token', '/ticket', 'page=2&ticket=marked', 401],
  ["another route's name", '/open', 'ticket=marked&page=2', 200],
  ['no route', '/nowhere', 'ticket=marked&page=2', 404],
  ['no route, escaped', '/nowhere2', 'page=2&my%20pass%3D%C3%A9=marked', 404],
])('%s: the value is masked, and others are not', async (_, path, query, status) => {
  const headers = [
    ['authorization', 'Bearer marked'],
    ['cookie', 'session=marked; jwt=marked'],
    ['apikey', 'marked'],
  ] as const;
  const shown = path === '/keyed' ? [] : headers;
  const response = await send(artefact.url, { target: `${path}?${query}`, headers: shown });

  expect(response.status).toBe(status);
  const line = await artefact.logged({
    type: 'access',
    requestId: response.header('x-amzn-requestid') ?? '',
    path,
  });
  expect(line['query']).toContain('page=2');
  expect(JSON.stringify(line)).not.toContain('marked');
});

it('no other line has any of them', () => {
  expect(artefact.text()).not.toContain('marked');
});
