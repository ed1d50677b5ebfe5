import { type AskedCall, toCall, toCallScope } from '../../cli/invoke/request.ts';
import { adviseOnScope } from '../../cli/invoke/scope-advice.ts';
import { CliError } from '../../cli/terminal/cli-error.ts';
import { apiHost, functionUrlHost, thrownBy } from '../support/builders.ts';

const asked: AskedCall = {
  method: 'GET',
  url: `https://${functionUrlHost}/`,
  headers: [],
  body: Buffer.alloc(0),
  service: undefined,
  region: undefined,
};

describe('service and region', () => {
  it.each([
    [`https://${functionUrlHost}/`, {}, 'lambda', 'eu-west-1'],
    [`https://${apiHost}/prod`, {}, 'execute-api', 'us-east-1'],
    ['https://x.appsync-api.eu-west-1.amazonaws.com/', {}, 'appsync', 'eu-west-1'],
    ['http://127.0.0.1:3002/', {}, 'execute-api', 'ap-south-1'],
    ['http://127.0.0.1:3002/', { service: 'lambda', region: 'eu-west-3' }, 'lambda', 'eu-west-3'],
    [`https://${apiHost}/prod`, { service: 'other' }, 'other', 'us-east-1'],
    ['https://api.example.com/', { service: 's', region: 'r' }, 's', 'r'],
  ])('%s with %j signs for %s in %s', (url, options, service, region) => {
    const { target } = toCall({ ...asked, url, ...options });

    expect(toCallScope({ ...asked, ...options }, target, 'ap-south-1')).toEqual({
      service,
      region,
    });
  });
});

describe('advice after a refused signature', () => {
  const refused = 'InvalidSignatureException:http://internal.amazon.com/';

  it.each([
    [`https://${functionUrlHost}/`, 'execute-api', 'eu-west-1', 'try --service lambda.'],
    [`https://${functionUrlHost}/`, 'lambda', 'us-east-1', 'try --region eu-west-1.'],
    ['http://127.0.0.1/', 'execute-api', 'eu-west-1', 'try --service lambda.'],
    ['http://127.0.0.1/', 'lambda', 'eu-west-1', 'try --service execute-api.'],
  ])('for %s signed for %s in %s is to %s', (url, service, region, advice) => {
    const { target } = toCall({ ...asked, url });

    expect(adviseOnScope(refused, target, { service, region })).toContain(advice);
  });

  it('is not given where service and region are the host’s, or the refusal is another one', () => {
    const { target } = toCall(asked);
    const scope = { service: 'lambda', region: 'eu-west-1' };

    expect(adviseOnScope(refused, target, scope)).toBeUndefined();
    expect(
      adviseOnScope('AccessDeniedException', target, { ...scope, service: 'other' }),
    ).toBeUndefined();
  });
});

describe('what is sent', () => {
  it('is path and query as typed, but for what cannot stand on a request line', () => {
    const { request } = toCall({ ...asked, url: `${asked.url}a%2Fb/é?b=2&a=x+y&c=%FF` });

    expect([request.path, request.query]).toEqual(['/a%2Fb/%C3%A9', 'b=2&a=x%20y&c=%FF']);
  });

  it.each([
    ['GET', '', undefined],
    ['POST', '', '0'],
    ['get', 'abc', '3'],
  ])('%s with the body %j says the length %s', (method, body, length) => {
    const { request } = toCall({ ...asked, method, body: Buffer.from(body) });

    expect(request.method).toBe(method.toUpperCase());
    expect(Object.fromEntries(request.headers)['content-length']).toBe(length);
  });
});

describe('refused is', () => {
  it.each<[string, Partial<AskedCall>, string]>([
    [
      'a host that is no endpoint of AWS',
      { url: 'https://example.com/' },
      'example.com is not a known AWS',
    ],
    [
      'it with half a scope',
      { url: 'https://example.com/', service: 'x' },
      'example.com is not a known AWS',
    ],
    [
      'a host that looks like one',
      { url: 'https://x.lambda-url.eu-west-1.on.aws.example.com/' },
      'is not a known AWS endpoint',
    ],
    ['clear text to AWS', { url: `http://${functionUrlHost}/` }, 'http: is for loopback'],
    ['another scheme', { url: 'ftp://127.0.0.1/' }, 'expected an absolute URL'],
    ['a path', { url: '/hello' }, 'expected an absolute URL'],
    ['dot segments', { url: `https://${functionUrlHost}/a/%2e%2e/b` }, 'a safe path'],
    ['a password in the URL', { url: `https://a:b@${functionUrlHost}/` }, 'without user name'],
    ['a method that is none', { method: 'GET /' }, 'expected an HTTP method'],
    [
      'a signature of its own',
      { headers: [['authorization', 'x']] },
      'countersign sets authorization itself',
    ],
    ['a host of its own', { headers: [['host', 'x']] }, 'countersign sets host itself'],
    [
      'a hop-by-hop header',
      { headers: [['connection', 'x']] },
      'countersign sets connection itself',
    ],
  ])('%s', (_, parts, message) => {
    const error = thrownBy(() => toCall({ ...asked, ...parts }));

    expect(error).toBeInstanceOf(CliError);
    expect((error as CliError).code).toBe('USAGE');
    expect((error as CliError).message).toContain(message);
  });

  it('never quoted with its password', () => {
    const url = `https://a:s3cret@${functionUrlHost}/`;

    expect(String(thrownBy(() => toCall({ ...asked, url })))).not.toContain('s3cret');
  });
});
