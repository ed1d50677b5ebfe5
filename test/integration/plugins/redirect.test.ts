/** redirect through the built artefact. The examples of APISIX's page are accepted, and no client chooses the host. */
import { type Guarded, startGuarded } from '../../support/guarded.ts';

describe('redirect', () => {
  let guarded: Guarded;

  beforeAll(async () => {
    guarded = await startGuarded({
      fixed: { redirect: { uri: '/test/default.html', ret_code: 301 } },
      index: { redirect: { uri: '$uri/index.html', ret_code: 301 } },
      own: { redirect: { uri: 'https://$host$request_uri' } },
      whole: { redirect: { uri: '$request_uri', append_query_string: false } },
      data: { redirect: { uri: '/go/$arg_to' } },
      groups: { redirect: { regex_uri: ['^/groups/(.*)', '/$1'], append_query_string: true } },
      host: { redirect: { regex_uri: ['^/host/', 'https://new.example.com'] } },
      https: { redirect: { http_to_https: true } },
    });
  });

  afterAll(() => guarded.close());

  it.each([
    ['fixed', '', 301, '/test/default.html'],
    ['index', '', 301, '/index/index.html'],
    ['whole', '/a?b=c', 302, '/whole/a?b=c'],
    ['data', '?to=//evil.example', 302, '/go/%2F%2Fevil.example'],
    ['data', '?to=%0d%0aset-cookie:%20a=b', 302, '/go/%0D%0Aset-cookie%3A%20a%3Db'],
    ['groups', '/a/b?c=d', 302, '/a/b?c=d'],
    ['groups', '//evil.example/x', 302, '/evil.example/x'],
    ['groups', '/%5Cevil.example', 302, '/%5Cevil.example'],
    ['groups', '/\\evil.example', 302, '/%5Cevil.example'],
    ['host', '/a/b', 302, 'https://new.example.com/a/b'],
    ['host', '/.evil.example/x', 302, 'https://new.example.com/.evil.example/x'],
    ['host', '/@evil.example/x', 302, 'https://new.example.com/@evil.example/x'],
    ['host', '/:80@evil.example', 302, 'https://new.example.com/:80@evil.example'],
    ['host', '/', 302, 'https://new.example.com'],
  ])('on %s, %s is answered %s with %s', async (route, target, status, location) => {
    const response = await guarded.ask(route, { target });

    expect([response.status, response.header('location')]).toEqual([status, location]);
    expect(response.body).toHaveLength(0);
  });

  it('names the host that the client named', async () => {
    const response = await guarded.ask('own', {
      target: '/x',
      headers: [['host', 'shop.example']],
    });

    expect(response.header('location')).toMatch(/^https:\/\/[\w.-]+\/own\/x$/);
  });

  it.each([
    ['data', '?to=..', 400],
    ['data', '?to=a&to=b', 400],
    ['groups', '', 200],
    ['https', '/x', 200],
  ])('on %s, %s is answered %s', async (route, target, status) => {
    expect((await guarded.ask(route, { target })).status).toBe(status);
  });
});
