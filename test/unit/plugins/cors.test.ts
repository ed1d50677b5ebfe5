import { cors } from '../../../functions/proxy/plugins/security/cors.ts';
import { headersOf, thrownBy } from '../../support/builders.ts';
import { preparePlugin, runPlugin } from '../../support/plugin-rig.ts';

const origin = 'https://a.example.com';

async function headers(
  config: unknown,
  request: Record<string, string> = { origin },
  own: [string, string][] = [],
) {
  const { response } = await runPlugin(cors, config, {
    request: { headers: request },
    response: { headers: own },
  });
  return Object.fromEntries(response?.headers ?? []);
}

test.each<[unknown, Record<string, string>, Record<string, string>]>([
  [
    {},
    { origin },
    {
      'access-control-allow-origin': '*',
      'access-control-allow-methods': '*',
      'access-control-allow-headers': '*',
      'access-control-max-age': '5',
    },
  ],
  [
    {
      allow_origins: '**',
      allow_methods: '**',
      allow_headers: '**',
      expose_headers: 'x-a',
      max_age: -1,
      allow_credential: true,
    },
    { origin, 'access-control-request-headers': 'x-b,x-c' },
    {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET,POST,PUT,DELETE,PATCH,HEAD,OPTIONS,CONNECT,TRACE',
      'access-control-allow-headers': 'x-b,x-c',
      'access-control-expose-headers': 'x-a',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '-1',
      vary: 'Origin',
    },
  ],
])('with %j a request with %j gets %j', async (config, request, expected) => {
  expect(await headers(config, request)).toEqual(expected);
});

test.each([
  ['*', origin, '*'],
  ['*', undefined, '*'],
  ['**', origin, origin],
  ['**', undefined, '*'],
  [`${origin}, https://b.example.com`, origin, origin],
  [`${origin}, https://b.example.com`, 'https://b.example.com', 'https://b.example.com'],
  [origin, 'https://c.example.com', undefined],
  [origin, `${origin}, ${origin}`, undefined],
  [origin, undefined, undefined],
  ['null', 'null', 'null'],
])('of %j the origin %j is told %j', async (allow_origins, given, expected) => {
  const request: Record<string, string> = given === undefined ? {} : { origin: given };

  expect((await headers({ allow_origins }, request))['access-control-allow-origin']).toBe(expected);
});

test.each([
  ['https://a.example.com', 'https://a.example.com'],
  ['https://a.example.com.attacker.net', undefined],
  ['http://x', undefined],
  [`https://${'a'.repeat(9000)}.example.com`, undefined],
])('by an expression, the origin %.40j is told %j', async (given, expected) => {
  const config = { allow_origins_by_regex: ['.*\\.example\\.com'] };
  const told = await headers(config, { origin: given });

  expect([told['access-control-allow-origin'], told['vary']]).toEqual([expected, 'Origin']);
});

test('with ** and no origin, credentials are not allowed', async () => {
  const config = {
    allow_origins: '**',
    allow_methods: 'GET',
    allow_headers: 'x',
    allow_credential: true,
  };

  expect(await headers(config, {})).not.toHaveProperty('access-control-allow-credentials');
});

test.each([
  ['x-a', 'x-a'],
  ['x a', undefined],
  ['x'.repeat(9000), undefined],
])('a list of headers that was asked for, %.20j, is sent back as %j', async (asked, expected) => {
  const request = { origin, 'access-control-request-headers': asked };

  expect((await headers({ allow_headers: '**' }, request))['access-control-allow-headers']).toBe(
    expected,
  );
});

test("the upstream's own headers are replaced", async () => {
  const own: [string, string][] = [
    ['access-control-allow-origin', 'https://evil'],
    ['access-control-max-age', '9'],
    ['access-control-expose-headers', 'x-own'],
    ['timing-allow-origin', 'https://own'],
    ['x-own', '1'],
  ];

  expect(await headers({ allow_origins: 'https://b' }, { origin }, own)).toEqual({
    'timing-allow-origin': 'https://own',
    'x-own': '1',
    vary: 'Origin',
  });
  expect(await headers({}, { origin }, own)).toMatchObject({
    'access-control-expose-headers': 'x-own',
    'access-control-max-age': '5',
  });
});

test.each<[unknown, string | undefined, string | undefined]>([
  [{}, undefined, undefined],
  [{ timing_allow_origins: '*' }, '*', undefined],
  [{ timing_allow_origins: origin }, origin, 'Origin'],
  [{ timing_allow_origins: 'https://b' }, undefined, 'Origin'],
  [{ timing_allow_origins_by_regex: ['.*example\\.com'] }, origin, 'Origin'],
])('with %j timings are for %j', async (config, timing, vary) => {
  const told = await headers(config, { origin }, []);

  expect([told['timing-allow-origin'], told['vary']]).toEqual([timing, vary]);
});

test("an upstream's own timing header goes where the document has one", async () => {
  const own: [string, string][] = [['timing-allow-origin', 'https://own']];

  expect(await headers({ timing_allow_origins: 'https://b' }, { origin }, own)).not.toHaveProperty(
    'timing-allow-origin',
  );
});

test('a preflight is answered here', async () => {
  const { passed, response } = await runPlugin(cors, {}, { request: { method: 'OPTIONS' } });

  expect(passed).toBeUndefined();
  expect(response).toMatchObject({ status: 200, body: Buffer.alloc(0) });
  expect(headersOf(response?.headers ?? [], 'access-control-allow-origin')).toEqual(['*']);
});

test.each([
  { allow_credential: true },
  { allow_credential: true, allow_origins: '**', allow_methods: '*', allow_headers: 'x' },
  { allow_credential: true, allow_origins: '**', allow_methods: 'GET', allow_headers: '*' },
  {
    allow_credential: true,
    allow_origins_by_regex: ['x'],
    allow_methods: '**',
    allow_headers: '**',
    expose_headers: '*',
  },
  {
    allow_credential: true,
    allow_origins_by_regex: ['x'],
    allow_methods: '**',
    allow_headers: '**',
    timing_allow_origins: '*',
  },
  { allow_origins: 'a.example.com' },
  { allow_origins: 'https://a/b' },
  { allow_methods: 'GET PUT' },
  { allow_origins_by_regex: ['a', 'a'] },
  { max_age: -2 },
])('the settings %j are refused', (config) => {
  expect(thrownBy(() => preparePlugin(cors, config))).toMatchObject({ name: 'DocumentError' });
});

test.each([
  {
    allow_credential: true,
    allow_origins_by_regex: ['x'],
    allow_methods: '**',
    allow_headers: '**',
  },
  { allow_methods: '' },
  { allow_methods: 'GET, PUT' },
])('the settings %j are taken', (config) => {
  expect(() => preparePlugin(cors, config)).not.toThrow();
});

test('credentials are allowed by allow_credential alone', async () => {
  const config = { allow_origins: origin, allow_methods: 'GET', allow_headers: 'x' };
  const name = 'access-control-allow-credentials';

  expect(await headers(config)).not.toHaveProperty(name);
  expect(await headers({ ...config, allow_credential: true })).toHaveProperty(name, 'true');
});

test('a timing header of the document takes no other header off', async () => {
  const own: [string, string][] = [['x-own', '1']];

  expect(await headers({ timing_allow_origins: origin }, { origin }, own)).toHaveProperty('x-own');
});

test.each(['no origin', 'https://a\tb', 'https://'])(
  '%j is no origin to send back',
  async (given) => {
    const told = await headers({ allow_origins: '**' }, { origin: given });

    expect(told['access-control-allow-origin']).toBe('*');
  },
);

test('credentials for all origins are refused beside lists that are written out', () => {
  const config = {
    allow_credential: true,
    allow_origins: '*',
    allow_methods: '**',
    allow_headers: '**',
  };

  expect(thrownBy(() => preparePlugin(cors, config))).toMatchObject({ name: 'DocumentError' });
});
