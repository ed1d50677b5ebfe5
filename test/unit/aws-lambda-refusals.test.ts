/** What a signed route does about an upstream that refuses its signature; and azure-functions, which signs nothing. */
import type { Exchange } from '../../functions/proxy/chain/exchange.ts';
import type { Plugin } from '../../functions/proxy/plugins/plugin.ts';
import { awsLambda } from '../../functions/proxy/plugins/serverless/aws-lambda.ts';
import { azureFunctions } from '../../functions/proxy/plugins/serverless/azure-functions.ts';
import { functionUrlHost, toExchange, toRequest, toServices } from '../support/builders.ts';
import { createFakePool, parseRequest } from '../support/fake-pool.ts';

const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5);
const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
const refusal = (type: string, skewMs = 0) =>
  `HTTP/1.1 403 No\r\nx-amzn-errortype: ${type}\r\ndate: ${new Date(nowMs + skewMs).toUTCString()}\r\ncontent-length: 0\r\n\r\n`;
const hourMs = 3_600_000;

/** Plays the answers in turn, one for each sending. */
function prepare(plugin: Plugin, config: object, answers: readonly string[]) {
  const left = [...answers];
  const pool = createFakePool(() => left.shift() ?? ok);
  const rejected: (string | undefined)[] = [];
  const services = toServices({ pool, nowMs, allowedHosts: 'own.example.com' });
  const execution = async (rejectedKeyId?: string) => {
    rejected.push(rejectedKeyId);
    const accessKeyId = rejectedKeyId === undefined ? 'OLD' : 'NEW';
    return { accessKeyId, secretAccessKey: 's' };
  };
  const credentials = { ...services.credentials, execution };
  const prepared = plugin.prepare(
    config,
    { ...services, credentials },
    { pointer: '', written: config },
  );
  const ask = async (exchange: Partial<Exchange> = {}) => {
    const visit = toExchange({ deadlineMs: nowMs + 60_000, ...exchange });
    const next = () => Promise.reject(new Error('an upstream calls nothing else'));
    return prepared
      .middleware(visit, next)
      .then(({ status }) => status)
      .catch((error: { code?: string }) => error.code);
  };
  const sent = () => pool.requests().map(parseRequest);
  const dates = () => sent().map((request) => request.header('x-amz-date')[0]);
  return { ask, sent, dates, rejected, services, prepared };
}

const signed = { function_uri: `https://${functionUrlHost}/`, authorization: { iam: {} } };
const wrongClock = (skewMs: number) => refusal('InvalidSignatureException', skewMs);

test('a clock that is wrong is put right, told once, and stays right', async () => {
  const { ask, dates, services } = prepare(awsLambda, signed, [wrongClock(hourMs), ok, ok]);

  expect([await ask(), await ask()]).toEqual([200, 200]);
  expect(dates()).toEqual(['20260102T030405Z', '20260102T040405Z', '20260102T040405Z']);
  expect(services.logged).toEqual([
    { message: expect.stringMatching(/clock differs.*follow now/), fields: undefined },
  ]);
});

test('an error that is about the call, and not about who signs it, is relayed', async () => {
  const answer = refusal('ValidationException').replace('403 No', '400 No');
  const { ask, sent } = prepare(awsLambda, signed, [answer]);

  expect(await ask()).toBe(400);
  expect(sent()).toHaveLength(1);
});

test('a clock that was not the reason is the own one again', async () => {
  const { ask, dates } = prepare(awsLambda, signed, [wrongClock(hourMs), wrongClock(hourMs), ok]);

  expect([await ask(), await ask()]).toEqual(['UPSTREAM_SIGNATURE_REJECTED', 200]);
  expect(dates()).toEqual(['20260102T030405Z', '20260102T040405Z', '20260102T030405Z']);
});

test('a signature that no clock explains is sent once', async () => {
  const { ask, sent, services } = prepare(awsLambda, signed, [wrongClock(0)]);

  expect(await ask()).toBe('UPSTREAM_SIGNATURE_REJECTED');
  expect(sent()).toHaveLength(1);
  expect(services.logged).toEqual([]);
});

test('credentials that have expired are renewed once, by the id of the rejected key', async () => {
  const expired = refusal('ExpiredTokenException', hourMs);
  const { ask, sent, rejected, dates, services } = prepare(awsLambda, signed, [expired, ok]);

  expect(await ask()).toBe(200);
  expect(rejected).toEqual([undefined, 'OLD']);
  expect(sent()[1]?.header('authorization')[0]).toContain('Credential=NEW/');
  expect(dates()).toEqual(['20260102T030405Z', '20260102T030405Z']);
  expect(services.logged).toEqual([]);
});

test('renewed credentials that have expired as well are the error', async () => {
  const expired = refusal('ExpiredTokenException');
  const { ask, sent } = prepare(awsLambda, signed, [expired, expired]);

  expect(await ask()).toBe('UPSTREAM_TOKEN_EXPIRED');
  expect(sent()).toHaveLength(2);
});

test('credentials that cannot be renewed are not sent again', async () => {
  const iam = { accesskey: 'STATIC', secretkey: 's' };
  const config = { ...signed, authorization: { iam } };
  const { ask, sent } = prepare(awsLambda, config, [refusal('ExpiredTokenException')]);

  expect(await ask()).toBe('UPSTREAM_TOKEN_EXPIRED');
  expect(sent()).toHaveLength(1);
});

test.each([
  ['AccessDeniedException', 'UPSTREAM_ACCESS_DENIED'],
  ['UnrecognizedClientException', 'UPSTREAM_KEY_UNKNOWN'],
])('%s is not sent again', async (type, code) => {
  const { ask, sent } = prepare(awsLambda, signed, [refusal(type, hourMs)]);

  expect(await ask()).toBe(code);
  expect(sent()).toHaveLength(1);
});

test.each([
  // The default is hidden on every route.
  [{}, []],
  [{ forward_as: 'X-Client' }, ['x-client']],
  [{ forward_as: '' }, []],
  [{ forward_as: 'authorization' }, []],
])(
  'under %j the headers %j of clients are hidden, since one carries their authorization',
  (...row) => {
    const [authorization, names] = row;
    const { prepared } = prepare(awsLambda, { ...signed, authorization }, []);

    expect(prepared.carrierHeaders).toEqual(names);
  },
);

test.each([
  [{ forward_as: 'x-api-key' }, true],
  [{ forward_as: 'x-api-key', apikey: 'k' }, false],
  [{ forward_as: '', iam: {} }, true],
  [{ forward_as: 'authorization', iam: {} }, false],
])('the authorization %j is valid: %s', (authorization, isValid) => {
  const attempt = () => prepare(awsLambda, { ...signed, authorization }, []);

  if (isValid) expect(attempt).not.toThrow();
  else expect(attempt).toThrow('forward_as');
});

test.each([
  [awsLambda, 'aws-lambda', -1899],
  [azureFunctions, 'azure-functions', -1900],
])('%# is an upstream, the innermost plugin', (plugin, name, priority) => {
  expect(plugin).toMatchObject({ name, priority, isUpstream: true });
});

describe('azure-functions', () => {
  const uri = { function_uri: 'https://own.example.com/api' };
  const keys = { 'x-functions-key': 'client', x_functions_clientid: 'client' };
  const headers = { ...keys, 'x-functions-keys': 'other', authorization: 'Bearer x' };

  test.each<[object, Record<string, string[]>]>([
    [{}, { 'x-functions-key': ['client'], 'x-functions-clientid': [] }],
    [{ apikey: 'own' }, { 'x-functions-key': ['own'], 'x-functions-clientid': [] }],
    [{ clientid: 'own' }, { 'x-functions-key': [], 'x-functions-clientid': ['own'] }],
    [
      { apikey: 'a', clientid: 'b' },
      { 'x-functions-key': ['a'], 'x-functions-clientid': ['b'] },
    ],
  ])('with %j the keys are %j', async (authorization, expected) => {
    const { ask, sent } = prepare(azureFunctions, { ...uri, authorization }, []);
    const status = await ask({ request: toRequest({ headers }) });
    const [first = parseRequest()] = sent();

    expect(status).toBe(200);
    for (const [name, values] of Object.entries(expected)) {
      expect([name, first.header(name)]).toEqual([name, values]);
    }
    const isOwn = Object.keys(authorization).length > 0;
    expect(first.header('x_functions_clientid')).toEqual(isOwn ? [] : ['client']);
    expect(first.header('x-functions-keys')).toEqual(['other']);
    expect(first.header('authorization')).toEqual(['Bearer x']);
  });
});
