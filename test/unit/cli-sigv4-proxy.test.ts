/** aws-sigv4-proxy's flags → a route, and what is said of the rest. */
import { convertSigv4Proxy } from '../../cli/sigv4-proxy/convert.ts';
import { parseDurationMs } from '../../cli/sigv4-proxy/duration.ts';
import { splitWords } from '../../cli/sigv4-proxy/words.ts';

const api = 'abc123.execute-api.eu-west-1.amazonaws.com';
const options = { source: 'the flags', uri: undefined };

const none: Readonly<Record<string, unknown>> = {};

interface Settings {
  readonly function_uri: string;
  readonly authorization: Readonly<Record<string, unknown>>;
}

function convert(flags: string) {
  const { documents, dropped } = convertSigv4Proxy(
    [{ name: 'proxy', words: splitWords(flags) }],
    options,
  );
  const [first] = documents;
  const { document, remarks } = first ?? { document: none, remarks: [] };
  const plugins = (document['plugins'] ?? {}) as { readonly 'aws-lambda'?: Settings };
  return { document, remarks: remarks.join('\n'), dropped, settings: plugins['aws-lambda'] };
}

test('a host alone becomes a route that signs and drops the client’s Authorization', () => {
  const { document } = convert(`--host ${api}`);

  expect(document).toEqual({
    uri: '/*',
    plugins: {
      'aws-lambda': {
        function_uri: `https://${api}/`,
        authorization: { iam: {}, forward_as: '' },
        timeout: 30_000,
      },
    },
  });
});

test.each([
  ['--name execute-api --region eu-west-1', { iam: {} }],
  [
    '--name=execute-api --region=us-east-1',
    { iam: { service: 'execute-api', aws_region: 'us-east-1' } },
  ],
  [
    '--role-arn arn:aws:iam::111122223333:role/r',
    { iam: { role_arn: 'arn:aws:iam::111122223333:role/r' } },
  ],
  ['--custom-headers x-api-key=k3y', { apikey: '$secret://ssm/proxy-api-key' }],
])('%s sets authorization', (flags, expected) => {
  const { authorization } = convert(`--host ${api} ${flags}`).settings ?? {};

  expect(authorization).toEqual({ iam: {}, forward_as: '', ...expected });
});

test.each([
  ['--duplicate-headers Authorization', undefined],
  ['--duplicate-headers authorization -s Cookie', undefined],
  ['', ''],
  ['-s Authorization', ''],
  ['-s Authorization --duplicate-headers Authorization', ''],
  ['--strip-header x-amz-* --duplicate-headers Authorization', undefined],
])('with %j the client’s Authorization goes to %j', (flags, expected) => {
  const { authorization } = convert(`--host ${api} ${flags}`).settings ?? {};

  expect(authorization?.['forward_as']).toBe(expected);
});

test.each([
  ['--transport.idle-conn-timeout 90s', { keepalive_timeout: 90_000 }, /^(?!.*idle)/s],
  ['--transport.idle-conn-timeout 0', { keepalive_timeout: 900_000 }, /becomes 900000 ms/],
  ['--transport.idle-conn-timeout 10ms', { keepalive_timeout: 1000 }, /becomes 1000 ms/],
  ['--transport.idle-conn-timeout soon', {}, /soon is no duration/],
  ['--no-verify-ssl', {}, /certificates of AWS’s hosts are always verified/],
  ['--unsigned-payload', {}, /the body is part of each signature/],
  ['--no-unsigned-payload', {}, /^(?!.*payload)/s],
  ['--upstream-url-scheme http', {}, /called over https/],
  ['--name es', {}, /--name is left out: without the other one/],
  ['-v --port :8080', {}, /--port, --verbose: not needed/],
  ['--custom-headers x-amz-date=x', {}, /--custom-headers x-amz-date is left out/],
  ['--duplicate-headers X-Tenant', {}, /--duplicate-headers X-Tenant is left out/],
  [
    '--custom-headers x-tenant=a,x-api-key=b',
    {},
    /secrets set proxy-x-tenant[\s\S]*secrets set proxy-api-key/,
  ],
])('%s is carried over or named', (flags, settings, remark) => {
  const converted = convert(`--host ${api} ${flags}`);

  expect(converted.settings).toMatchObject(settings);
  expect(converted.settings?.function_uri).toBe(`https://${api}/`);
  expect(converted.remarks).toMatch(remark);
  expect(converted.document).not.toHaveProperty('status');
});

test('a host that is not AWS’s keeps its scheme and its unverified certificate', () => {
  const { settings } = convert(
    '--host 127.0.0.1:4443 --upstream-url-scheme http --no-verify-ssl --name es --region eu-west-1',
  );

  expect(settings).toMatchObject({
    function_uri: 'http://127.0.0.1:4443/',
    ssl_verify: false,
    authorization: { iam: { service: 'es', aws_region: 'eu-west-1' } },
  });
});

test('a host that is signed for and not called is called', () => {
  const { settings, remarks } = convert(`--host vpce-1.example:8443 --sign-host ${api}`);

  expect(settings?.function_uri).toBe(`https://${api}/`);
  expect(remarks).toContain(`requests go to ${api} itself and not to vpce-1.example:8443`);
  expect(convert('--host a.example --sign-host b.example').remarks).toMatch(/b\.example refuses/);
});

test.each([
  ['--strip-header x-aws-*', true],
  ['--strip-param debug', true],
  ['--rate-limit 10', true],
  ['-s Authorization', false],
  ['--strip-header x-amz-*', false],
  ['--strip-header X-Forwarded-User -s Proxy', false],
  ['--rate-limit 0', false],
])('%s would let more through: %s', (flags, isWider) => {
  const { document, remarks } = convert(`--host ${api} ${flags}`);

  expect(Object.keys(document['plugins'] ?? {})).toEqual([
    isWider ? 'ip-restriction' : 'aws-lambda',
  ]);
  expect(remarks.includes('it would let through more than it did')).toBe(isWider);
});

test('headers that were stripped or added are so by proxy-rewrite', () => {
  const flags = '--strip X-Internal-User -sX-Debug -s x-amz-date --custom-headers X-Tenant=a,via=b';
  const { document } = convert(`--host ${api} ${flags}`);

  expect(document['plugins']).toMatchObject({
    'proxy-rewrite': {
      headers: {
        set: { 'X-Tenant': '$secret://ssm/proxy-x-tenant' },
        remove: ['X-Internal-User', 'X-Debug'],
      },
    },
    'aws-lambda': { function_uri: `https://${api}/` },
  });
  expect(convert(`--host ${api}`).document['plugins']).not.toHaveProperty('proxy-rewrite');
});

test.each([
  ['', /without --host each client chooses the upstream/],
  ["--host '$(API_HOST)'", /the value of --host is a variable/],
  [`--host ${api} --role-arn '\${ROLE}'`, /the value of --role-arn is a variable/],
])('%j becomes no route, and the reason is named', (flags, reason) => {
  const { document, dropped } = convert(flags);

  expect(document).toEqual({});
  expect(dropped.join()).toMatch(reason);
});

test.each([
  ['--hots x', /no flag --hots/],
  ['--host', /--host has no value/],
  ['word', /a word between the flags/],
  ['-x', /no flag -x/],
])('%j is refused, as aws-sigv4-proxy does', (flags, message) => {
  expect(() => convert(flags)).toThrow(message);
});

test('no message quotes a value', () => {
  const secret = 'very-secret';
  const { remarks } = convert(`--host ${api} --custom-headers x-api-key=${secret},x=${secret}`);

  expect(remarks).not.toContain(secret);
  expect(() => convert(`--hots=${secret}`)).toThrow(/^(?!.*very-secret)/s);
  expect(() => convert(secret)).toThrow(/^(?!.*very-secret)/s);
});

test('several processes share one proxy by the beginning of the path', () => {
  const lines = ['a', 'b/c', 'b c'].map((name) => ({ name, words: ['--host', api] }));
  const { documents } = convertSigv4Proxy(lines, options);

  expect(documents.map(({ id, document }) => [id, document['uri']])).toEqual([
    ['a', '/a/*'],
    ['b-c', '/b-c/*'],
    ['b-c-2', '/b-c-2/*'],
  ]);
});

test.each([
  ['40s', 40_000],
  ['1m30s', 90_000],
  ['1.5h', 5_400_000],
  ['250ms', 250],
  ['0', 0],
  ['40', undefined],
  ['s', undefined],
  ['', undefined],
])('the duration %j is %s ms', (text, expected) => {
  expect(parseDurationMs(text)).toBe(expected);
});
