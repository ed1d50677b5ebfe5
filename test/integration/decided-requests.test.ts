/** What a condition or a limit reads is what the upstream reads, or the request is refused. */
import { gzipSync } from 'node:zlib';
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { type ClientRequest, send } from '../support/client.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

let upstream: Upstream;
let artefact: Artefact;

beforeAll(async () => {
  upstream = await startUpstream();
  const call = { 'aws-lambda': { function_uri: `${upstream.url}/` } };
  const guarded = (uri: string, vars: readonly unknown[]) => ({
    ...{ uri, vars, priority: 1 },
    plugins: { 'key-auth': {}, ...call },
  });
  const limit = { count: 1, time_window: 600, rejected_code: 429 };
  artefact = await startArtefact({
    routes: {
      open: { uri: '/*', plugins: call },
      query: guarded('/query', [['arg_admin', '==', '1']]),
      role: guarded('/role', [['arg_role', '~~', '^admin']]),
      form: guarded('/form', [['post_arg_action', '==', 'delete']]),
      type: guarded('/type', [['content_type', '~*', 'json']]),
      host: { ...guarded('/host', []), host: 'api.example' },
      parameter: {
        uri: '/parameter',
        plugins: { 'limit-count': { ...limit, key: 'arg_key' }, ...call },
      },
      cookie: {
        uri: '/cookie',
        plugins: { 'limit-count': { ...limit, key: 'cookie_key' }, ...call },
      },
      valid: {
        uri: '/valid',
        plugins: {
          'request-validation': { body_schema: { properties: { role: { enum: ['user'] } } } },
          ...call,
        },
      },
      wide: { uri: '/wide/*', vars: [['post_arg_a', '==', '1']], plugins: call },
      exact: { uri: '/wide/exact', plugins: call },
    },
  });
});

afterAll(() => Promise.all([artefact.close(), upstream.close()]));

const statusOf = async (target: string, request: Partial<ClientRequest> = {}) =>
  (await send(artefact.url, { ...request, target })).status;
const urlencoded = 'application/x-www-form-urlencoded';

describe('a route with a condition on a parameter', () => {
  it.each([
    ['/query?admin=1', 401],
    ['/query??admin=1', 400],
    ['/query?%3Fadmin=1', 200],
    ['/query?a=?admin=1', 200],
    ['/query?%u0061dmin=1', 400],
    ['/role?role=admins', 401],
    ['/role?role=%61dmin%FF', 400],
    ['/role?role=%61dmin%', 400],
    ['/role?role=100%', 200],
    ['/role?other=%FF', 200],
  ])('is not evaded: %s', async (target, status) => {
    expect(await statusOf(target)).toBe(status);
  });
});

describe('a route with a condition on the field of a form', () => {
  const field = 'action=delete';
  const part = 'content-disposition: form-data; name="action"\r\n\r\ndelete';
  it.each<[string, string | Buffer, Record<string, string>, number]>([
    ['as it is', field, { 'content-type': urlencoded }, 401],
    ['in UTF-8', field, { 'content-type': `${urlencoded}; Charset="UTF-8";` }, 401],
    ['not compressed', field, { 'content-type': urlencoded, 'content-encoding': 'identity' }, 401],
    [
      'compressed',
      gzipSync(field),
      { 'content-type': urlencoded, 'content-encoding': 'gzip' },
      400,
    ],
    [
      'in UTF-16',
      Buffer.from(field, 'utf16le'),
      { 'content-type': `${urlencoded};charset=utf-16le` },
      400,
    ],
    ['in EBCDIC', field, { 'content-type': `${urlencoded}; charset=ibm037` }, 400],
    ['of two types', field, { 'content-type': `${urlencoded}, text/plain` }, 400],
    ['of a type and a word', field, { 'content-type': `${urlencoded} x` }, 400],
    ['of no type', field, {}, 400],
    [
      'in parts',
      `--x\r\n${part}\r\n--x--\r\n`,
      { 'content-type': 'multipart/form-data; boundary=x' },
      400,
    ],
    ['of another spelling of its type', field, { content_type: urlencoded }, 400],
    ['behind a byte order mark', `\ufeff${field}`, { 'content-type': urlencoded }, 400],
    ['behind a question mark', `?${field}`, { 'content-type': urlencoded }, 400],
    ['that is none', '{"action":"delete"}', { 'content-type': 'application/json' }, 200],
    ['that is empty', '', {}, 200],
    ['with another field', 'action=read', { 'content-type': urlencoded }, 200],
  ])('is not evaded: a form %s', async (_, body, headers, status) => {
    const request = { method: 'POST', body, headers: Object.entries(headers) };
    expect(await statusOf('/form', request)).toBe(status);
  });
});

test('another spelling of content-type is refused where a condition reads it', async () => {
  const post = (name: string) =>
    statusOf('/type', { method: 'POST', body: '{}', headers: [[name, 'application/json']] });
  expect([await post('content-type'), await post('content_type')]).toEqual([401, 400]);
});

test.each(['api.example', 'API.example.', 'api.example:443', 'api.example:', 'api.example.:'])(
  'a route for a host takes its requests, however the host is written: %s',
  async (host) => {
    expect(await statusOf('/host', { headers: [['host', host]] })).toBe(401);
  },
);

test.each([
  ['/parameter?key=abc%FF', '/parameter?key=%61bc%FF'],
  ['/parameter?key=abc%', '/parameter?key=%61bc%'],
])('a value that cannot be decoded whole is not counted: %s', async (plain, spelled) => {
  expect([await statusOf(plain), await statusOf(spelled)]).not.toEqual([200, 200]);
  expect(await statusOf(spelled)).toBe(400);
});

test('a cookie whose value cannot be decoded whole is not counted', async () => {
  expect(await statusOf('/cookie', { headers: [['cookie', 'key=%61bc%FF']] })).toBe(400);
});

test.each<[string, string, Record<string, string>, number]>([
  ['as it is', '{"role":"user"}', { 'content-type': 'application/json; charset="UTF-8"' }, 200],
  ['without a type', '{"role":"user"}', {}, 200],
  // iconv-lite, with which Express decodes bodies, knows UTF-7.
  [
    'in UTF-7',
    '{"a":"+ACI-,+ACI-role+ACI-:+ACI-admin"}',
    { 'content-type': 'application/json; charset=utf-7' },
    400,
  ],
  ['in two charsets', '{}', { 'content-type': 'a/b; charset=utf-8; charset*=utf-7' }, 400],
  ['compressed', '{"role":"user"}', { 'content-encoding': 'br' }, 400],
  // Rack takes a body without a type for a form.
  ['that is a form as well', '{"a":"&role=admin&"}', {}, 400],
])('a body is validated as each reader reads it: JSON %s', async (_, body, headers, status) => {
  const request = { method: 'POST', body, headers: Object.entries(headers) };
  expect(await statusOf('/valid', request)).toBe(status);
});

test('a condition of a wider route refuses no request that another route takes', async () => {
  const headers = [['content-type', urlencoded]] as const;
  const request = { method: 'POST', body: `a=${'1'.repeat(70_000)}`, headers };
  const statuses = [
    await statusOf('/wide/exact', request),
    await statusOf('/wide/other', request),
    await statusOf('/wide/exact?x=1', { method: 'POST', body: 'a=1&a=2', headers }),
  ];
  expect(statuses).toEqual([200, 413, 200]);
});
