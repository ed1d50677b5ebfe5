import type { ProxyRequest } from '../../functions/proxy/http/message.ts';
import { createMatcher } from '../../functions/proxy/routes/create-matcher.ts';
import type { LoadState } from '../../functions/proxy/routes/load-state.ts';
import { readPlaces } from '../../functions/proxy/routes/read-places.ts';
import { codeThrownBy, toRequest, toRoute } from '../support/builders.ts';
import { compile, documentOf } from '../support/documents.ts';

const request = (parts: Partial<ProxyRequest> = {}) =>
  toRequest({
    path: '/aws/x',
    query: 'env=beta&age=17&empty=&half=.5&hex=0x11&big=1e3',
    headers: { 'x-tier': 'gold', 'user-agent': 'Mozilla/5.0', cookie: 'lang=de; theme=dark' },
    ...parts,
  });

async function isTaken(fields: Record<string, unknown>, parts?: Partial<ProxyRequest>) {
  const { routes } = await compile(documentOf(fields));
  const matcher = createMatcher(routes);
  try {
    matcher.match(request(parts));
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'NO_ROUTE') return false;
    throw error;
  }
}

describe('a comparison of vars', () => {
  it.each<[unknown[], boolean]>([
    [['arg_env', '==', 'beta'], true],
    [['arg_env', '==', 'BETA'], false],
    [['arg_none', '==', 'beta'], false],
    [['arg_none', '==', null], true],
    [['arg_env', '==', null], false],
    [['arg_empty', '==', ''], true],
    [['arg_age', '==', 17], true],
    [['arg_age', '==', '17'], true],
    [['arg_env', '==', 17], false],
    [['arg_env', '~=', 'beta'], false],
    [['arg_none', '~=', 'beta'], true],
    [['arg_age', '~=', 18], true],
    [['arg_age', '>', 16], true],
    [['arg_age', '>', 17], false],
    [['arg_age', '>=', 17], true],
    [['arg_age', '<', 17], false],
    [['arg_age', '<', '18'], true],
    [['arg_age', '<=', 17], true],
    [['arg_half', '<', 1], true],
    [['arg_big', '==', 1000], true],
    [['arg_hex', '>', 0], false],
    [['arg_empty', '<', 1], false],
    [['arg_none', '<', 1], false],
    [['arg_env', '~~', '^be'], true],
    [['arg_env', '~~', '^BE'], false],
    [['arg_env', '~*', '^BE'], true],
    [['arg_none', '~~', '.'], false],
    [['arg_env', 'in', ['alpha', 'beta']], true],
    [['arg_env', 'IN', ['alpha']], false],
    [['arg_age', 'in', [16, 17]], true],
    [['arg_none', 'in', ['alpha']], false],
    [['arg_env', 'has', 'beta'], false],
    [['arg_env', '!', '==', 'beta'], false],
    [['arg_none', '!', '==', 'beta'], true],
    [['arg_env', '!', 'in', ['alpha']], true],
    [['arg_age', '!', '>', 16], false],
    [['http_x_tier', '==', 'gold'], true],
    [['http_user_agent', '~~', 'Mozilla'], true],
    [['cookie_theme', '==', 'dark'], true],
    [['request_method', '==', 'GET'], true],
    [['uri', '~~', '^/aws/x$'], true],
    [['host', '!', '==', ''], true],
    [['scheme', '==', 'https'], true],
    [['remote_addr', 'ipmatch', '203.0.113.0/24'], true],
    [['remote_addr', 'ipmatch', ['10.0.0.0/8', '203.0.113.7']], true],
    [['remote_addr', 'ipmatch', ['10.0.0.0/8']], false],
    [['arg_env', 'ipmatch', '0.0.0.0/0'], false],
  ])('%j holds: %s', async (comparison, holds) => {
    expect(await isTaken({ vars: [comparison] }, { clientIp: '203.0.113.7' })).toBe(holds);
  });

  it.each<[string, string, boolean]>([
    ['application/x-www-form-urlencoded', 'plan=pro+max&a=1', true],
    ['application/x-www-form-urlencoded; charset=utf-8', 'plan=pro%20max', true],
    ['application/json', 'plan=pro+max', false],
    ['application/x-www-form-urlencoded', 'plan=pro max', true],
  ])('reads a field of a form: %s', async (type, body, holds) => {
    const parts = { method: 'POST', headers: { 'content-type': type }, body: Buffer.from(body) };
    expect(await isTaken({ vars: [['post_arg_plan', '==', 'pro max']] }, parts)).toBe(holds);
  });
});

describe('lists of comparisons', () => {
  const yes = ['arg_env', '==', 'beta'];
  const no = ['arg_env', '==', 'alpha'];

  it.each<[unknown[], boolean]>([
    [[], true],
    [[yes, yes], true],
    [[yes, no], false],
    [['AND', yes, no], false],
    [['and', yes, yes], true],
    [['OR', yes, no], true],
    [['OR', no, no], false],
    [['!AND', yes, no], true],
    [['!AND', yes, yes], false],
    [['!OR', no, no], true],
    [['!OR', yes, no], false],
    [['OR', no, ['AND', yes, ['!OR', no, no]]], true],
    [[['OR', no, yes], yes], true],
    [[[[yes]], no], false],
  ])('%j holds: %s', async (vars, holds) => {
    expect(await isTaken({ vars })).toBe(holds);
  });
});

describe('routes with conditions', () => {
  const vars = [['arg_env', '==', 'beta']];
  const table = async (...documents: readonly Record<string, unknown>[]) => {
    const compiled = await Promise.all(
      documents.map((fields) => compile(documentOf({ ...fields }))),
    );
    return createMatcher(compiled.flatMap(({ routes }) => routes));
  };

  it('take their requests before a route of lower priority', async () => {
    const { match } = await table({ id: 'all' }, { id: 'beta', vars, priority: 1 });

    expect(match(request())).toMatchObject({ route: { id: 'beta' }, rest: 'x' });
    expect(match(request({ query: '' }))).toMatchObject({ route: { id: 'all' } });
  });

  it('take part by addresses, as one or as a list', async () => {
    const { match } = await table(
      { id: 'all' },
      { id: 'one', remote_addr: '198.51.100.1', priority: 1 },
      { id: 'list', remote_addrs: ['198.51.100.0/24', '2001:db8::/32'], priority: 1 },
    );
    const idOf = (clientIp: string) => match(request({ clientIp })).route.id;

    expect(['198.51.100.1', '198.51.100.2', '2001:db8::1', '192.0.2.1'].map(idOf)).toEqual([
      ...['one', 'list', 'list', 'all'],
    ]);
  });

  it('say nothing of methods where they do not hold', async () => {
    const { match } = await table({ id: 'beta', vars, methods: ['POST'] });

    expect(codeThrownBy(() => match(request({ query: '' })))).toBe('NO_ROUTE');
    expect(codeThrownBy(() => match(request()))).toBe('METHOD_NOT_ALLOWED');
  });

  it('conflict with a route that takes all their requests, and with one of the same condition', async () => {
    const other = [['arg_env', '==', 'alpha']];
    const { conflicts } = await table(
      { id: 'beta', vars },
      { id: 'beta2', vars },
      { id: 'alpha', vars: other },
      { id: 'all' },
      { id: 'late', vars: [['arg_env', '==', 'late']] },
    );

    expect(conflicts.map(([winner, loser]) => [winner.id, loser.id])).toEqual([
      ['beta', 'beta2'],
      ['all', 'late'],
    ]);
  });

  it('read a parameter that occurs twice as nobody should: the request is malformed', async () => {
    const { match } = await table({ id: 'beta', vars });
    expect(codeThrownBy(() => match(request({ query: 'env=beta&env=x' })))).toBe(
      'MALFORMED_REQUEST',
    );
  });

  it('do not believe a header that only plugins set', async () => {
    const { match } = await table({ id: 'x', vars: [['http_x_consumer_username', '==', 'admin']] });
    const headers = { 'x-consumer-username': 'admin' };
    expect(codeThrownBy(() => match(request({ headers })))).toBe('NO_ROUTE');
  });

  it.each([[{ x_admin: '1' }], [{ 'x-admin': '0', x_admin: '1' }], [{ 'x.admin': '1' }]])(
    'refuse %j, in which a header that decides has another spelling',
    async (headers) => {
      const { match } = await table({ vars: [['http_x_admin', '==', '1']] }, {});
      expect(codeThrownBy(() => match(request({ headers })))).toBe('MALFORMED_REQUEST');
      expect(match(request({ headers: { 'x-admin': '1' } })).route).toBeDefined();
      expect(match(request({ headers: { x_other: '1' } })).route).toBeDefined();
    },
  );

  it.each([
    ['a query of a megabyte', { query: 'a'.repeat(1_000_000) }],
    ['cookies of a megabyte', { headers: { cookie: 'a'.repeat(1_000_000) } }],
  ])('refuse %s', async (_, parts) => {
    const isCookie = 'headers' in parts;
    const { match } = await table({ vars: [[isCookie ? 'cookie_a' : 'arg_a', '==', '1']] });
    expect(codeThrownBy(() => match(request(parts)))).toBe('MALFORMED_REQUEST');
  });

  it('refuse a form of more than 64 KB that decides', async () => {
    const { match } = await table({ vars: [['post_arg_a', '==', '1']] });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = Buffer.alloc(65_537, 'a');
    expect(codeThrownBy(() => match(request({ method: 'POST', headers, body })))).toBe(
      'BODY_TOO_LARGE',
    );
  });

  it('are asked once for a request, however many paths and hosts their routes have', async () => {
    const uris = Array.from({ length: 64 }, (_, bits) =>
      [...bits.toString(2).padStart(6, '0')].map((bit) => (bit === '1' ? '/a' : '/:p')).join(''),
    );
    const holds = jest.fn(() => false);
    const createSubject = jest.fn(() => ({ read: () => undefined, spend: () => {} }));
    const compiledCondition = { createSubject, holds };
    const { match } = createMatcher([toRoute({ uris, condition: '{}', compiledCondition })]);

    expect(codeThrownBy(() => match(request({ path: '/a/a/a/a/a/a' })))).toBe('NO_ROUTE');
    expect([createSubject, holds].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  });

  it('refuse a request whose fields many conditions read from a large form', async () => {
    const vars = Array.from({ length: 60 }, (_, index) => [`post_arg_f${index}`, '==', null]);
    const { match } = await table({ vars });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const post = (size: number, type = headers) =>
      request({ method: 'POST', headers: type, body: Buffer.alloc(size, 'a=1&') });

    expect(match(post(400)).route).toBeDefined();
    expect(codeThrownBy(() => match(post(40_000)))).toBe('MALFORMED_REQUEST');
    expect(match(post(1_000_000, { 'content-type': 'application/json' })).route).toBeDefined();
  });

  it('search one text only so far', async () => {
    const { match } = await table({ vars: [['http_x', '~~', `${'x?'.repeat(60)}y`]] });
    const codeFor = (length: number) =>
      codeThrownBy(() => match(request({ headers: { x: 'x'.repeat(length) } })));

    expect([codeFor(1000), codeFor(12_000)]).toEqual(['NO_ROUTE', 'MALFORMED_REQUEST']);
  });

  it('search a text only so often, however many routes a path has', async () => {
    const routes = Array.from({ length: 400 }, (_, index) => ({
      ...documentOf({ id: `r${index}`, vars: [['http_x', '~~', `x${index}y{0,20}z`]] }),
    }));
    const { match } = createMatcher((await compile(routes)).routes);
    expect(codeThrownBy(() => match(request({ headers: { x: 'xy'.repeat(1500) } })))).toBe(
      'MALFORMED_REQUEST',
    );
    expect(codeThrownBy(() => match(request({ headers: { x: 'short' } })))).toBe('NO_ROUTE');
  });
});

describe('the places of a document whose older versions are not known', () => {
  const root = '/countersign/test';
  const placesOf = (fields: object) => {
    const value = JSON.stringify({ ...documentOf({ ...fields }), unknown: 1 });
    const parameter = { name: `${root}/routes/hello`, version: 2, value };
    return readPlaces(parameter, { root } as LoadState)?.routes ?? [];
  };

  it.each([
    [{ vars: [['arg_env', '==', 'beta']] }],
    [{ vars: [['arg_env', '=', 'beta']] }],
    [{ vars: {} }],
    [{ remote_addr: 'x' }],
  ])('are not narrowed by a condition, or a wider route would take over: %j', (fields) => {
    const matcher = createMatcher(placesOf(fields));

    expect(matcher.match(request()).route.isAvailable).toBe(false);
    expect(matcher.match(request({ query: '' })).route.isAvailable).toBe(false);
  });
});
