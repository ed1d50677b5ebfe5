import { findDenial } from '../../functions/proxy/upstream/denial.ts';
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
