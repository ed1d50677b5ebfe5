import { type DenialContext, findDenial } from '../../functions/proxy/upstream/denial.ts';
import { apiHost, functionUrlHost, toResponse, toTarget } from '../support/builders.ts';

const lambda = {
  target: toTarget(),
  scope: { region: 'eu-west-1', service: 'lambda' },
  method: 'GET',
  path: '/fn/x',
};
const api = {
  target: toTarget(`https://${apiHost}/prod`),
  scope: { region: 'us-east-1', service: 'execute-api' },
  method: 'POST',
  path: '/prod/users/7',
};
const refusal = (errorType: string, status = 403) =>
  toResponse({ status, headers: [['x-amzn-errortype', errorType]] });

test.each([
  ['InvalidSignatureException', 'UPSTREAM_SIGNATURE_REJECTED'],
  ['SignatureDoesNotMatch', 'UPSTREAM_SIGNATURE_REJECTED'],
  ['IncompleteSignatureException', 'UPSTREAM_SIGNATURE_REJECTED'],
  ['UnrecognizedClientException', 'UPSTREAM_KEY_UNKNOWN'],
  ['InvalidClientTokenId', 'UPSTREAM_KEY_UNKNOWN'],
  ['ExpiredTokenException', 'UPSTREAM_TOKEN_EXPIRED'],
  ['ExpiredToken', 'UPSTREAM_TOKEN_EXPIRED'],
  ['AccessDenied', 'UPSTREAM_ACCESS_DENIED'],
  ['AccessDeniedException', 'UPSTREAM_ACCESS_DENIED'],
  [
    'AccessDeniedException:http://internal.amazon.com/coral/com.amazon.coral.service/',
    'UPSTREAM_ACCESS_DENIED',
  ],
])('%s is the code %s', (errorType, code) => {
  expect(findDenial(refusal(errorType), lambda)).toMatchObject({
    code,
    errorType: errorType.split(':')[0],
  });
});

test.each([400, 401, 403])('a refusal may have the status %d', (status) => {
  expect(findDenial(refusal('AccessDenied', status), lambda)?.code).toBe('UPSTREAM_ACCESS_DENIED');
});

test.each([
  [[], Number.NaN],
  [[['date', 'Fri, 02 Jan 2026 03:04:05 GMT'] as const], Date.UTC(2026, 0, 2, 3, 4, 5)],
])('with the headers %j the time of the upstream is %d', (date, upstreamMs) => {
  const headers = [['x-amzn-errortype', 'AccessDenied'] as const, ...date];
  const response = toResponse({ status: 403, headers });

  expect(findDenial(response, lambda)?.upstreamMs).toBe(upstreamMs);
});

test.each([
  ["an application's own 403", toResponse({ status: 403 })],
  [
    "API Gateway's way of saying that a resource does not exist",
    refusal('MissingAuthenticationTokenException'),
  ],
  ['a throttled function', refusal('TooManyRequestsException', 429)],
  ['an error of the service', refusal('InternalFailure', 500)],
  ['a 200 that says it', refusal('AccessDeniedException', 200)],
  ['a 404 that says it', refusal('AccessDeniedException', 404)],
  ['a name that objects inherit', refusal('constructor')],
  ['an empty name', refusal('')],
])('%s is relayed untouched', (_, response) => {
  expect(findDenial(response, lambda)).toBeUndefined();
});

test('what a function URL lacks is named with both permissions', () => {
  const advice = findDenial(refusal('AccessDeniedException'), lambda)?.advice;
  expect(advice).toContain(functionUrlHost);
  expect(advice).toContain('lambda:InvokeFunctionUrl');
  expect(advice).toContain('lambda:InvokeFunction (condition lambda:InvokedViaFunctionUrl = true)');
});

test.each([
  ['us-east-1', 'arn:aws:execute-api:us-east-1:*:abc1234567/prod/POST/users/7'],
  ['us-gov-west-1', 'arn:aws-us-gov:execute-api:us-gov-west-1:*:abc1234567/prod/POST/users/7'],
  ['cn-north-1', 'arn:aws-cn:execute-api:cn-north-1:*:abc1234567/prod/POST/users/7'],
])('what an API in %s lacks is named with its ARN', (region, arn) => {
  const context = { ...api, scope: { region, service: 'execute-api' } };
  expect(findDenial(refusal('AccessDeniedException'), context)?.advice).toContain(
    `execute-api:Invoke on ${arn}`,
  );
});

test('a rejected signature is explained by the scope it was made for', () => {
  const advice = findDenial(refusal('InvalidSignatureException'), api)?.advice;
  expect(advice).toContain('region us-east-1 and service execute-api');
});

test.each<[string, string, DenialContext, string]>([
  [
    'an unknown key',
    'InvalidClientTokenId',
    lambda,
    `${functionUrlHost} does not know the access key: check the route's accesskey`,
  ],
  [
    'credentials that have expired',
    'ExpiredToken',
    lambda,
    `${functionUrlHost} says that the credentials have expired: static session tokens must be renewed`,
  ],
  [
    'an API behind a name of its own',
    'AccessDenied',
    { ...api, target: toTarget('https://api.example.com/', 'api.example.com') },
    'the role may not call api.example.com: allow execute-api:Invoke on the API behind it',
  ],
  [
    'a private API that is named with its VPC endpoint',
    'AccessDenied',
    { ...api, target: toTarget(`https://abc1234567-vpce-1.${apiHost.slice(11)}/prod`) },
    ':abc1234567/prod/POST/users/7',
  ],
  [
    'an API without a stage in the path',
    'AccessDenied',
    { ...api, path: '' },
    ':abc1234567//POST/',
  ],
  [
    'another service',
    'AccessDenied',
    { ...lambda, scope: { region: 'eu-west-1', service: 'appsync' } },
    `the role may not call ${functionUrlHost} (service appsync)`,
  ],
])('the advice for %s', (_, errorType, context, advice) => {
  expect(findDenial(refusal(errorType), context)?.advice).toContain(advice);
});
