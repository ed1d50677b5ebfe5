import { proxyRewrite } from '../../../functions/proxy/plugins/transformation/proxy-rewrite.ts';
import { thrownBy, toServices } from '../../support/builders.ts';
import { preparePlugin, runPlugin, verdictOf } from '../../support/plugin-rig.ts';

type Parts = NonNullable<Parameters<typeof runPlugin>[2]>;

async function rewrite(config: unknown, parts: Parts = {}) {
  const { passed } = await runPlugin(proxyRewrite, config, parts);
  return passed;
}

describe('path and query for the upstream', () => {
  test.each<[object, object, string, string]>([
    [{ uri: '/anything' }, { path: '/x', query: 'a=1' }, '/anything', 'a=1'],
    [
      { uri: '/get?arg1=apisix&arg2=plugin' },
      { query: 'a=1' },
      '/get',
      'arg1=apisix&arg2=plugin&a=1',
    ],
    [{ uri: '/api$uri' }, { path: '/a%2Fb//c' }, '/api/a%2Fb//c', ''],
    [{ uri: '/$arg_new' }, { query: 'new=a/b%3Fc' }, '/a%2Fb%3Fc', 'new=a/b%3Fc'],
    [{ uri: '/a?b=c+d' }, {}, '/a', 'b=c%20d'],
    [{ uri: '/a#b' }, {}, '/a%23b', ''],
    [{ uri: '/t/$remote_addr' }, {}, '/t/192.0.2.7', ''],
    [
      { regex_uri: ['^/test/(.*)/(.*)', '/$1-$2'] },
      { path: '/test/user/agent' },
      '/user-agent',
      '',
    ],
    [{ regex_uri: ['^/a/(.*)', '/1/$1', '^/b/(.*)', '/2/$1'] }, { path: '/b/x' }, '/2/x', ''],
    [
      { regex_uri: ['^/b/(.*)', '/$1?id=$arg_i'] },
      { path: '/b/x', query: 'i=%26' },
      '/x',
      'id=%26&i=%26',
    ],
    [{ uri: '/one', regex_uri: ['^/', '/two'] }, { path: '/b' }, '/one', ''],
    [{ regex_uri: ['/control/(.*)/', '/$1/'] }, { path: '/control/a/b' }, '/a/b', ''],
  ])('%j for %j: %s ? %s', async (config, request, path, query) => {
    expect((await rewrite(config, { request }))?.outbound).toEqual({ path, query });
  });

  it('stay as they are where no expression is found', async () => {
    const passed = await rewrite({ regex_uri: ['^/a/(.*)', '/$1'] }, { request: { path: '/b' } });

    expect(passed?.outbound).toEqual({});
  });

  it("variables go on to read the client's path", async () => {
    const passed = await rewrite({ uri: '/anything' }, { request: { path: '/x', query: 'a=1' } });

    expect(passed?.request).toMatchObject({ path: '/x', query: 'a=1' });
  });

  test.each([
    [{ uri: '/t/$arg_t/data' }, { query: 't=..' }],
    [{ uri: '/t/$arg_t/data' }, { query: 't=%252e%252e' }],
    [{ uri: '/t/$arg_t' }, { query: 't=..%2Fadmin' }],
    [{ uri: '/t/$arg_t' }, { query: 't=..%3Bx' }],
    [{ regex_uri: ['^/a/(.)(.)$', '/$1$2'] }, { path: '/a/.%2e' }],
    [{ regex_uri: ['x', ''] }, { path: '/.x./a' }],
  ])('%j refuses %j, which would leave the base path', async (config, request) => {
    expect(await verdictOf(proxyRewrite, config, { request })).toBe('UNSAFE_PATH');
  });
});

test.each([
  [{ uri: '/t/$arg_t' }, '/'.repeat(349_527)],
  [{ uri: '/t?u=$arg_t' }, '/'.repeat(349_527)],
  [{ uri: '/t?u=$arg_t$arg_t' }, 'x'.repeat(524_288)],
])('%j makes no path and query of more than 1 MiB', async (config, value) => {
  const verdict = (length: number) =>
    verdictOf(proxyRewrite, config, { request: { query: `t=${value.slice(0, length)}` } });

  expect(await verdict(value.length)).toBe('MALFORMED_REQUEST');
  expect(await verdict(value.length / 2)).toBe('passed');
});

describe('method and host', () => {
  it('the method is replaced', async () => {
    expect((await rewrite({ method: 'POST' }))?.request.method).toBe('POST');
    expect((await rewrite({ uri: '/x' }))?.request.method).toBe('GET');
  });

  test.each(['PATCH', 'MKCOL', 'COPY', 'MOVE', 'PROPFIND', 'LOCK', 'UNLOCK'])(
    'the method may be %s',
    async (method) => {
      expect((await rewrite({ method }))?.request.method).toBe(method);
    },
  );

  const prepareWith = (host: string, allowedHosts: string) =>
    proxyRewrite.prepare({ host }, toServices({ allowedHosts }), {
      pointer: '/plugins/it',
      written: { host },
    });

  test.each([
    ['API.example.com', 'api.example.com', true],
    ['api.example.com:8443', '*.example.com', true],
    ['abc1234567.execute-api.us-east-1.amazonaws.com', '', true],
    ['api.example.com', '', false],
    ['api.example.com', 'other.example.com', false],
    ['abc1234567.execute-api.us-east-1.amazonaws.com:444', '', false],
  ])('%s, where the operator lists "%s", is allowed: %s', (host, allowed, expected) => {
    let isAllowed = true;
    try {
      prepareWith(host, allowed);
    } catch (error) {
      isAllowed = false;
      // The document waits for the operator: it is no malformed one.
      expect(error).toMatchObject({ isUnfulfilled: true });
    }
    expect(isAllowed).toBe(expected);
  });

  test.each(['a/b', 'user@example.com', 'a b', '$arg_h', 'example.com:99999', '0x7f.1'])(
    'the host %s is malformed',
    (host) => {
      expect(thrownBy(() => prepareWith(host, '*.example.com'))).toMatchObject({
        isUnfulfilled: false,
      });
    },
  );
});

describe('headers', () => {
  test.each<[object, Record<string, string>, Record<string, string>]>([
    [{ set: { 'X-Api-Version': 'v1' } }, { 'x-api-version': 'v2' }, { 'x-api-version': 'v1' }],
    [{ 'X-Api-Version': 1 }, { x_api_version: 'v2' }, { 'x-api-version': '1' }],
    [{ add: { 'X-Api-Version': 'v1' } }, { 'x-api-version': 'v2' }, { 'x-api-version': 'v2, v1' }],
    [{ add: { 'X-A': '$arg_none' } }, {}, {}],
    [{ remove: ['User-Agent'] }, { 'user-agent': 'curl', user_agent: 'x', a: 'b' }, { a: 'b' }],
    [{ set: { 'X-Empty': '' } }, { 'x-empty': 'x' }, {}],
    [
      { set: { Authorization: 'Basic eA==' } },
      { authorization: 'Bearer x' },
      { authorization: 'Basic eA==' },
    ],
    [
      { add: { 'X-A': '1' }, set: { 'X-B': '2' }, remove: ['X-C'] },
      { 'x-c': '3' },
      { 'x-a': '1', 'x-b': '2' },
    ],
    [{ set: { 'X-Name': 'a $arg_n b' } }, {}, { 'x-name': 'a x  y b' }],
  ])('%j of %j makes %j', async (headers, received, expected) => {
    const passed = await rewrite(
      { headers },
      { request: { headers: received, query: 'n=x%0D%0Ay' } },
    );

    expect({ ...passed?.request.headers }).toEqual(expected);
  });

  it('read the groups of the expression that was found', async () => {
    const config = {
      regex_uri: ['^/test/(.*)/(.*)', '/$1'],
      headers: { set: { 'X-Id': '$1-$2' } },
    };
    const passed = await rewrite(config, { request: { path: '/test/a/b' } });

    expect(passed?.request.headers['x-id']).toBe('a-b');
  });

  it('read any group of the largest expression, and nothing where none was found', async () => {
    const config = {
      regex_uri: ['^/(a)/(b)', '/$1', '^/(c)', '/$1'],
      headers: { set: { 'X-Id': '1$2' } },
    };
    const values = await Promise.all(
      ['/a/b', '/c', '/d'].map(async (path) => {
        const passed = await rewrite(config, { request: { path } });
        return passed?.request.headers['x-id'];
      }),
    );

    expect(values).toEqual(['1b', '1', '1']);
  });

  it('that applications believe are set under the names that no client reaches', async () => {
    const config = { headers: { set: { 'X-Real-IP': '$remote_addr', 'X-Forwarded-User': 'svc' } } };
    const passed = await rewrite(config, { request: { headers: { 'x-real-ip': '1.2.3.4' } } });

    expect([...(passed?.identity ?? [])]).toEqual([
      ['x-real-ip', '192.0.2.7'],
      ['x-forwarded-user', 'svc'],
    ]);
    expect(preparePlugin(proxyRewrite, config).identityHeaders).toEqual([
      'x-real-ip',
      'x-forwarded-user',
    ]);
  });

  it('that an access plugin has said stay', async () => {
    const exchange = { identity: new Map([['x-forwarded-user', 'ann']]) };
    const passed = await rewrite(
      { headers: { set: { 'X-Forwarded-User': 'root' } } },
      { exchange },
    );

    expect(passed?.identity.get('x-forwarded-user')).toBe('ann');
  });

  test.each([
    ['Host', 'x'],
    ['Content-Length', '1'],
    ['Connection', 'x'],
    ['Transfer-Encoding', 'chunked'],
    ['X-Amz-Invocation-Type', 'Event'],
    ['X-Amzn-Oidc-Data', 'x'],
    ['x_amz_date', 'x'],
    ['X-Forwarded-For', '$remote_addr'],
    ['X-Consumer-Username', 'root'],
    ['x_consumer_username', 'root'],
    ['X-Credential-Identifier', 'x'],
    ['X-Original-Authorization', 'x'],
    ['Proxy', 'x'],
    ['X-Forwarded-User', '$arg_user'],
    ['X-Real-IP', '$http_x_ip'],
    ['X-Original-URL', '$uri'],
    ['a b', 'x'],
    ['X-Ok', '$no_such'],
    ['X-Ok', '$1'],
  ])('%s: %s is refused', (name, value) => {
    const error = thrownBy(() =>
      preparePlugin(proxyRewrite, { headers: { set: { [name]: value } } }),
    );

    expect(String(error)).toContain(`at /plugins/it/headers/set/${name}: `);
  });

  test.each([
    [{ add: { 'X-Forwarded-User': 'x' } }, 'add/X-Forwarded-User'],
    [{ remove: ['X-A', 'X-Consumer-Username'] }, 'remove/1'],
    [{ set: { 'X-A': '1' }, remove: ['x_a'] }, 'set/X-A'],
    [{ 'X-A': '1', Host: 'x' }, 'Host'],
  ])('%j is refused, at %s', (headers, at) => {
    const error = thrownBy(() => preparePlugin(proxyRewrite, { headers }));

    // A value of a header may be a secret.
    expect(String(error)).toContain(`at /plugins/it/headers/${at}: found a string, `);
  });
});

test.each([
  [{}, 'at least one of'],
  [{ uri: 'x' }, 'a path that begins with /'],
  [{ uri: '/a/../b' }, 'a safe path'],
  [{ uri: '$arg_u' }, 'a path that begins with /'],
  [{ uri: '//evil.example/$arg_u' }, undefined],
  [{ uri: '/$1' }, 'at /plugins/it/uri: '],
  [{ headers: { set: { A: '$1' } } }, 'no variable 1'],
  [{ host: 'a/b' }, 'at /plugins/it/host: '],
  [{ regex_uri: ['a', '', '(', ''] }, 'at /plugins/it/regex_uri/2: '],
  [{ regex_uri: ['a', '', 'b', '$9'] }, 'at /plugins/it/regex_uri/3: '],
  [{ regex_uri: ['^/a'] }, 'pairs'],
  [{ regex_uri: ['^/a', '/b', '^/c'] }, 'pairs'],
  [{ regex_uri: ['^/a', 'https://example.com/'] }, 'a path that begins with /'],
  [{ method: 'CONNECT' }, 'one of GET, '],
  [{ uri: '/a', use_real_request_uri_unsafe: true }, 'nothing goes around the check'],
  [{ uri: '/a', scheme: 'https' }, 'the scheme is that of function_uri'],
])('%j: %s', (config, words) => {
  if (words === undefined) preparePlugin(proxyRewrite, config);
  else expect(String(thrownBy(() => preparePlugin(proxyRewrite, config)))).toContain(words);
});
