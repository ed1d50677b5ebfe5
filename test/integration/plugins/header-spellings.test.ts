/** One header name in several spellings: readers such as CGI, PHP and lighttpd take them for one, so the proxy does as well. */
import { type GuardedRoutes, startGuardedRoutes } from '../../support/guarded-routes.ts';
import { startUpstream, type Upstream } from '../../support/upstream.ts';

let authorizer: Upstream;
let rig: GuardedRoutes;

beforeAll(async () => {
  authorizer = await startUpstream({
    answer: (_, response) => {
      response.setHeader('x-user', 'bob').end();
    },
  });
  const uri = `${authorizer.url}/check`;
  rig = await startGuardedRoutes({
    routes: {
      consumer: { 'key-auth': { hide_credentials: true } },
      user: { 'forward-auth': { uri, upstream_headers: ['X-User'] } },
      silent: { 'forward-auth': { uri, upstream_headers: ['X-Level'] } },
      tenant: { 'forward-auth': { uri, request_headers: ['X-Tenant'] } },
      variable: { 'forward-auth': { uri, extra_headers: { 'X-Told': 'of=$http_x_tenant' } } },
    },
    consumers: { bob: { 'key-auth': { key: 'bobs-key' } } },
  });
});

afterAll(() => Promise.all([rig.close(), authorizer.close()]));

/** Every character that RFC 9110 §5.6.2 lets a name have beside letters, digits and `-`. */
const signs = [..."!#$%&'*+.^_`|~"];

async function findForged(target: string, name: string): Promise<readonly string[]> {
  const forged = signs.flatMap((sign): [string, string][] => [
    [name.replaceAll('-', sign), 'forged'],
    [name.replace('-', sign), 'forged'],
  ]);
  const answer = await rig.ask(target, [['apikey', 'bobs-key'], ...forged]);
  expect(answer.status).toBe(200);
  return Object.entries(answer.arrived?.headers ?? {}).flatMap(([own, value]) =>
    value.includes('forged') ? [own] : [],
  );
}

it.each([
  ['/consumer', 'X-Consumer-Username'],
  ['/consumer', 'X-Credential-Identifier'],
  ['/consumer', 'X-Original-Authorization'],
  ['/consumer', 'X-Forwarded-For'],
  ['/consumer', 'X-Http-Method-Override'],
  ['/consumer', 'X-Amz-Security-Token'],
  ['/user', 'X-User'],
  ['/silent', 'X-Level'],
])("%s: no spelling of %s is the client's to say", async (target, name) => {
  expect(await findForged(target, name)).toEqual([]);
});

it.each(['/tenant', '/variable'])(
  '%s: the upstream gets no other spelling of a header that the authorizer was told',
  async (target) => {
    const alone = await findForged(target, 'X-Tenant');
    const { arrived } = await rig.ask(target, [
      ['x-tenant', 'blue'],
      ['x_tenant', 'forged'],
      ['x_other', 'kept'],
    ]);

    expect(alone).toEqual([]);
    expect(arrived?.headers).toMatchObject({ 'x-tenant': 'blue', x_other: 'kept' });
    expect(arrived?.headers).not.toHaveProperty('x_tenant');
  },
);

it('a Proxy header, which CGI makes the HTTP_PROXY of programs, does not reach the upstream', async () => {
  const { arrived } = await rig.ask('/consumer', [
    ['apikey', 'bobs-key'],
    ['Proxy', 'http://evil.example'],
  ]);

  expect(arrived?.headers).not.toHaveProperty('proxy');
});
