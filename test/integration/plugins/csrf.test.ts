/** csrf through the built artefact, and the token of Apache APISIX's own tests (t/plugin/csrf.t). */
import { createHash } from 'node:crypto';
import { type GuardedRoutes, startGuardedRoutes } from '../../support/guarded-routes.ts';

type Headers = [name: string, value: string][];

const name = 'apisix-csrf-token';
const nowSeconds = () => Math.floor(Date.now() / 1000);
const tokenOfApisix =
  'eyJyYW5kb20iOjAuNDI5ODYzMTk3MTYxMzksInNpZ24iOiI0ODRlMDY4NTkxMWQ5NmJhMDc5YzQ1ZGI0OTE2NmZkYjQ0ODhjODVkNWQ0NmE1Y2FhM2UwMmFhZDliNjE5OTQ2IiwiZXhwaXJlcyI6MjY0MzExOTYyNH0=';
const refusedByApisix =
  'eyJyYW5kb20iOjAuMTYwOTgzMDYwMTg0NDksInNpZ24iOiI2YTEyYmViYTI4MzAyNDg4MDRmNGU0N2VkZDY5MWFmNjg5N2IyNzQ4YTY1YWMwMDJiMGFjMzFlN2NlMDdlZTViIiwiZXhwaXJlcyI6MTc0MzExOTkxMX0=';

let rig: GuardedRoutes;

beforeAll(async () => {
  rig = await startGuardedRoutes({
    routes: {
      plain: { csrf: { key: '$secret://ssm/csrf' } },
      other: { csrf: { key: 'another key', name: 'X-CSRF', expires: 60 } },
      endless: { csrf: { key: 'userkey', expires: 0 } },
      guarded: { csrf: { key: 'k' }, 'key-auth': {} },
    },
    secrets: { csrf: 'userkey' },
  });
});

afterAll(() => rig.close());

function toToken(fields: object): string {
  return Buffer.from(JSON.stringify(fields)).toString('base64');
}

/** As APISIX makes them. */
function mintToken({ key = 'userkey', seconds = nowSeconds(), random = 0.13501949722156 } = {}) {
  const text = `{expires:${seconds},random:${random},key:${key}}`;
  const sign = createHash('sha256').update(text).digest('hex');
  return toToken({ sign, random, expires: seconds });
}

const both = (token: string, own = name): Headers => [
  [own, token],
  ['Cookie', `a=b; ${own}=${token}`],
];
const post = (target: string, headers: Headers = [], method = 'POST') =>
  rig.ask({ method, target, headers, body: 'x' });

async function fetchToken(target: string): Promise<{ cookie: string; token: string }> {
  const cookie = (await rig.ask(target)).header('set-cookie') ?? '';
  return { cookie, token: /^[^=]+=([^;]*)/.exec(cookie)?.[1] ?? '' };
}

it.each(['GET', 'HEAD', 'OPTIONS'])('%s passes, and is given a token', async (method) => {
  const answer = await rig.ask({ method, target: '/plain' });

  expect(answer.status).toBe(200);
  expect(answer.header('set-cookie')).toMatch(
    /^apisix-csrf-token=[A-Za-z0-9+/]+=*;path=\/;SameSite=Lax;Secure;Expires=\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/,
  );
});

it.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
  '%s passes with the token that was given, in cookie and header',
  async (method) => {
    const { token } = await fetchToken('/plain');

    expect((await post('/plain', both(token), method)).status).toBe(200);
    expect((await post('/plain', [], method)).status).toBe(401);
  },
);

it('makes the tokens that APISIX would take: a number of 14 digits, the time, and a digest over both', async () => {
  const { token } = await fetchToken('/plain');
  const text = Buffer.from(token, 'base64').toString();
  const { random, expires, sign } = JSON.parse(text) as Record<string, unknown>;

  expect(text).toContain(`"random":${random},`);
  expect(String(random)).toMatch(/^0\.[1-9]\d{12}[1-9]$/);
  expect(Number(expires)).toBeGreaterThan(nowSeconds() - 60);
  const signed = `{expires:${expires},random:${random},key:userkey}`;
  expect(sign).toBe(createHash('sha256').update(signed).digest('hex'));
});

it('takes the tokens that APISIX makes', async () => {
  expect((await post('/endless', both(tokenOfApisix))).status).toBe(200);
  expect((await post('/endless', both(refusedByApisix))).status).toBe(401);
  expect((await post('/plain', both(mintToken()))).status).toBe(200);
  // Lua writes small numbers otherwise than JavaScript: the text counts.
  const seconds = nowSeconds();
  const sign = createHash('sha256')
    .update(`{expires:${seconds},random:9.1234567890123e-05,key:userkey}`)
    .digest('hex');
  const small = `{"random":9.1234567890123e-05,"sign":"${sign}","expires":${seconds}}`;
  expect((await post('/plain', both(Buffer.from(small).toString('base64')))).status).toBe(200);
});

const missingHeader = 'no csrf token in headers';
const missingCookie = 'no csrf cookie';
const mismatch = 'csrf token mismatch';
const unsigned = 'Failed to verify the csrf token signature';

it.each<[string, () => Headers, string]>([
  ['nothing', () => [], missingHeader],
  ['only the cookie', () => [['Cookie', `${name}=${mintToken()}`]], missingHeader],
  [
    'an empty header',
    () => [
      [name, ''],
      ['Cookie', `${name}=`],
    ],
    missingHeader,
  ],
  ['only the header', () => [[name, mintToken()]], missingCookie],
  [
    'a cookie of another name',
    () => [
      [name, 'x'],
      ['Cookie', `x${name}=x; ${name}x=x`],
    ],
    missingCookie,
  ],
  [
    'different ones',
    () => [
      [name, mintToken()],
      ['Cookie', `${name}=${mintToken({ random: 0.5 })}`],
    ],
    mismatch,
  ],
  [
    'two cookies',
    () => [
      [name, mintToken()],
      ['Cookie', `${name}=${mintToken()}; ${name}=x`],
    ],
    mismatch,
  ],
  [
    'two equal cookies',
    () => [
      [name, mintToken()],
      ['Cookie', `${name}=${mintToken()}; ${name}=${mintToken()}`],
    ],
    mismatch,
  ],
  ['two headers', () => [...both(mintToken()), [name, mintToken()]], mismatch],
  ['a token of another key', () => both(mintToken({ key: 'x' })), unsigned],
  ['a token that is too old', () => both(mintToken({ seconds: nowSeconds() - 7300 })), unsigned],
  ['the same text, made up', () => both('testtoken'), unsigned],
  ['no fields', () => both(toToken({})), unsigned],
  ['fields of other types', () => both(toToken({ random: '1', expires: '2', sign: 3 })), unsigned],
  ['no JSON', () => both(Buffer.from('{').toString('base64')), unsigned],
  ['base64 without its padding', () => both(mintToken().replace(/=*$/, '')), unsigned],
  ['a long text', () => both('A'.repeat(9000)), unsigned],
])('a POST with %s is refused, and given a token', async (_, headers, detail) => {
  const answer = await post('/plain', headers());

  expect([answer.status, answer.detail]).toEqual([401, detail]);
  expect(answer.header('set-cookie')).toContain(`${name}=`);
  expect(answer.arrived).toBeUndefined();
});

it('goes by the name and the time of its document', async () => {
  const { cookie, token } = await fetchToken('/other');

  expect(cookie).toMatch(/^X-CSRF=/);
  expect((await post('/other', both(token, 'X-CSRF'))).status).toBe(200);
  expect((await post('/other', both(token, 'x-csrf'))).status).toBe(401);
  const old = mintToken({ key: 'another key', seconds: nowSeconds() - 120 });
  expect((await post('/other', both(old, 'X-CSRF'))).status).toBe(401);
  expect((await fetchToken('/endless')).cookie).toMatch(/;SameSite=Lax;Secure$/);
});

it('gives its token beside the errors of other plugins', async () => {
  const refused = await rig.ask('/guarded');

  expect([refused.status, refused.detail]).toEqual([401, 'Missing API key in request']);
  expect(refused.header('www-authenticate')).toBe('apikey realm="key"');
  expect(refused.header('set-cookie')).toContain(`${name}=`);
});

it('runs before the plugins that authenticate', async () => {
  expect((await post('/guarded')).detail).toBe(missingHeader);
});

it('is not an access plugin, so a route without another one is open', async () => {
  const line = await rig.artefact.logged({ event: 'table' });

  expect(line['open']).toEqual(['endless', 'other', 'plain']);
});
