import { App, Stack } from 'aws-cdk-lib';
import { toInvokeStatements } from '../../lib/proxy/invoke-statements.ts';

const account = '111122223333';
const stack = new Stack(new App(), 'Host', { env: { account, region: 'eu-west-1' } });
const read = (url: string) => toInvokeStatements(stack, url);
const api = 'https://abc1234567.execute-api.eu-west-1.amazonaws.com';
const arn = `arn:aws:execute-api:eu-west-1:${account}:abc1234567`;

/** What a URL may mean: its first segment is a stage, or part of the path under `$default`. */
test.each<[string, string[]]>([
  [`${api}/prod/users`, [`${arn}/prod/*/users`, `${arn}/$default/*/prod/users`]],
  [`${api}/prod/users/`, [`${arn}/prod/*/users/*`, `${arn}/$default/*/prod/users/*`]],
  [`${api}/prod/users/*`, [`${arn}/prod/*/users/*`, `${arn}/$default/*/prod/users/*`]],
  [`${api}/prod/`, [`${arn}/prod/*/*`, `${arn}/$default/*/prod/*`]],
  [`${api}/prod`, [`${arn}/prod/*`, `${arn}/$default/*/prod`]],
  [`${api}/`, [`${arn}/*`]],
  [api, [`${arn}/*`]],
  [
    'https://abc1234567-vpce-0a1b.execute-api.eu-west-1.amazonaws.com/prod/',
    [`${arn}/prod/*/*`, `${arn}/$default/*/prod/*`],
  ],
  [
    'https://abc1234567.execute-api.cn-north-1.amazonaws.com.cn/',
    [`arn:aws-cn:execute-api:cn-north-1:${account}:abc1234567/*`],
  ],
  [
    'https://*.execute-api.eu-west-1.amazonaws.com/',
    [`arn:aws:execute-api:eu-west-1:${account}:*/*`],
  ],
])('%s stands for the API resources that it may mean, and no others', (url, resourceArns) => {
  expect(read(url)).toEqual([{ actions: ['execute-api:Invoke'], resourceArns }]);
});

test('a wildcard for function URLs is two statements on the functions of the account in one Region', () => {
  const resourceArns = [`arn:aws:lambda:us-west-2:${account}:function:*`];
  expect(read('https://*.lambda-url.us-west-2.on.aws/')).toEqual([
    {
      actions: ['lambda:InvokeFunctionUrl'],
      resourceArns,
      conditions: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
    },
    {
      actions: ['lambda:InvokeFunction'],
      resourceArns,
      conditions: { Bool: { 'lambda:InvokedViaFunctionUrl': true } },
    },
  ]);
});

test.each([
  ['https://abc.lambda-url.eu-west-1.on.aws/', "give the function's ARN, or https://*.lambda-url"],
  ['https://*.lambda-url.eu-west-1.on.aws/orders', "give the function's ARN"],
  ['https://api.example.com/', 'give the ARN instead'],
  ['https://x.*.execute-api.eu-west-1.amazonaws.com/', 'give the ARN instead'],
  ['https://*.amazonaws.com/', 'give the ARN instead'],
  ['http://abc1234567.execute-api.eu-west-1.amazonaws.com/', 'is no plain URL'],
  [`${api}:8443/`, 'is no plain URL'],
  [`${api}/prod?x=1`, 'is no plain URL'],
  [`${api}/prod/#a`, 'is no plain URL'],
  [`${api}/prod/../admin`, 'is no plain URL'],
  [`${api}/prod/%2e%2e/admin`, 'is no plain URL'],
  ['https://user@abc1234567.execute-api.eu-west-1.amazonaws.com/', 'is no plain URL'],
  ['https://', 'is no plain URL'],
])('%s is refused with what to give instead', (url, message) => {
  expect(() => read(url)).toThrow(message);
  expect(() => read(url)).toThrow(JSON.stringify(url));
});
