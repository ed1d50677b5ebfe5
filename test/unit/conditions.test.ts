import type { ProxyRequest } from '../../functions/proxy/http/message.ts';
import { createMatcher } from '../../functions/proxy/routes/create-matcher.ts';
import type { LoadState } from '../../functions/proxy/routes/load-state.ts';
import { readPlaces } from '../../functions/proxy/routes/read-places.ts';
import { codeThrownBy, toRequest } from '../support/builders.ts';
import { compile, documentOf, issuesOf } from '../support/documents.ts';

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

describe('a condition that is none', () => {
  it.each<[unknown, string, RegExp]>([
    ['arg_env', '/vars', /an array/i],
    [['arg_env', '==', 'beta'], '/vars', /a list of lists/],
    [[['arg_env', 'beta']], '/vars/0', /a comparison such as/],
    [[['arg_env', '=', 'beta']], '/vars/0/1', /one of ==, ~=/],
    [[['arg_env', 'not', '==', 'beta']], '/vars/0', /a comparison such as/],
    [[['arg_env', '!', 'is', 'beta']], '/vars/0/2', /one of ==/],
    [[['balancer_ip', '==', '1']], '/vars/0/0', /a variable: remote_addr/],
    [[[1, '==', '1']], '/vars/0/0', /a variable/],
    [[['consumer_name', '==', 'ann']], '/vars/0/0', /only after a route has been found/],
    [[['arg_age', '>', 'old']], '/vars/0/2', /a number/],
    [[['arg_age', '==', true]], '/vars/0/2', /a string, a number or null/],
    [[['arg_age', 'in', 'beta']], '/vars/0/2', /a list of strings/],
    [[['arg_age', 'in', [{}]]], '/vars/0/2/0', /a string, a number or null/],
    [[['arg_age', '~~', '(?=x)']], '/vars/0/2', /without look-around/],
    [[['remote_addr', 'ipmatch', '10.0.0.0/33']], '/vars/0/2', /an IPv4 or IPv6 address/],
    [[['remote_addr', 'ipmatch', ['::1', 'x']]], '/vars/0/2/1', /an IPv4 or IPv6 address/],
    [['OR', ['arg_a', '==', '1']], '/vars', /at least two conditions/],
    [[['arg_a', '==', '1'], []], '/vars/1', /a comparison such as/],
    [nest(12), `/vars${'/0'.repeat(11)}`, /at most 10 lists/],
    [Array(101).fill(['arg_a', '==', '1']), '/vars/100', /at most 100 comparisons/],
  ])('%j is named at %s', async (vars, pointer, expected) => {
    const [issue] = await issuesOf(documentOf({ vars }));
    expect(issue).toMatchObject({ pointer, expected: expect.stringMatching(expected) });
  });

  it.each([
    [{ remote_addr: '10.0.0.0/33' }, '/remote_addr'],
    [{ remote_addrs: ['10.0.0.1', 'x'] }, '/remote_addrs/1'],
    [{ remote_addr: '10.0.0.1', remote_addrs: ['10.0.0.2'] }, ''],
  ])('%j is named at %s', async (fields, pointer) => {
    expect(await issuesOf(documentOf(fields))).toMatchObject([{ pointer }]);
  });

  it('counts its regular expressions with those of the plugins', async () => {
    const vars = Array.from({ length: 25 }, () => ['arg_a', '~~', 'a{900}']);
    const issues = await issuesOf(documentOf({ vars }));
    expect(issues).toMatchObject([{ expected: expect.stringMatching(/in one document/) }]);
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

  it('search a text only so often, however many routes a path has', async () => {
    const routes = Array.from({ length: 400 }, (_, index) => ({
      ...documentOf({ id: `r${index}`, vars: [['http_x', '~~', `x${index}y{0,20}z`]] }),
    }));
    const { match } = createMatcher((await compile(routes)).routes);
    expect(codeThrownBy(() => match(request({ headers: { x: 'xy'.repeat(4000) } })))).toBe(
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

  it('are narrowed by its condition', () => {
    const matcher = createMatcher(placesOf({ vars: [['arg_env', '==', 'beta']] }));

    expect(matcher.match(request()).route.isAvailable).toBe(false);
    expect(codeThrownBy(() => matcher.match(request({ query: '' })))).toBe('NO_ROUTE');
  });

  it('are none where the condition cannot be read', () => {
    expect(placesOf({ vars: [['arg_env', '=', 'beta']] })).toEqual([]);
    expect(placesOf({ remote_addr: 'x' })).toEqual([]);
  });
});

function nest(depth: number): unknown {
  return depth === 0 ? ['arg_a', '==', '1'] : [nest(depth - 1)];
}
