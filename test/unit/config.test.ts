import { ConfigError, readConfig } from '../../functions/proxy/config.ts';
import { thrownBy } from '../support/builders.ts';

const minimal = { AWS_REGION: 'eu-west-1', COUNTERSIGN_PARAMETER_PATH: '/countersign/prod' };
const read = (env: Readonly<Record<string, string>> = {}) => readConfig({ ...minimal, ...env });

test('region and parameter path are enough; the rest has defaults', () => {
  expect(read()).toMatchObject({
    parameterPath: '/countersign/prod',
    refreshMs: 10_000,
    allowedHosts: [],
    logLevel: 'info',
    debugHeaders: false,
    region: 'eu-west-1',
    stsEndpoint: undefined,
    hasContainerCredentials: false,
  });
});

test.each([
  ['COUNTERSIGN_PARAMETER_PATH', '/countersign/prod/', { parameterPath: '/countersign/prod' }],
  ['COUNTERSIGN_PARAMETER_PATH', '/a.b_c-d/1', { parameterPath: '/a.b_c-d/1' }],
  ['COUNTERSIGN_REFRESH_SECONDS', '0.5', { refreshMs: 500 }],
  ['COUNTERSIGN_REFRESH_SECONDS', '0', { refreshMs: 0 }],
  ['COUNTERSIGN_REFRESH_SECONDS', '86400', { refreshMs: 86_400_000 }],
  ['COUNTERSIGN_REFRESH_SECONDS', '', { refreshMs: 10_000 }],
  [
    'COUNTERSIGN_ALLOWED_HOSTS',
    'a.example.com:1',
    { allowedHosts: [{ hostname: 'a.example.com', isWildcard: false, port: 1 }] },
  ],
  ['COUNTERSIGN_LOG_LEVEL', 'DEBUG', { logLevel: 'debug' }],
  ['COUNTERSIGN_LOG_LEVEL', '', { logLevel: 'info' }],
  ['COUNTERSIGN_DEBUG_HEADERS', '1', { debugHeaders: true }],
  ['COUNTERSIGN_DEBUG_HEADERS', 'true', { debugHeaders: true }],
  ['COUNTERSIGN_DEBUG_HEADERS', '0', { debugHeaders: false }],
  ['COUNTERSIGN_DEBUG_HEADERS', '', { debugHeaders: false }],
  ['COUNTERSIGN_LIMIT_TABLE', 'limits.prod_1', { limitTable: 'limits.prod_1' }],
  ['COUNTERSIGN_LIMIT_TABLE', '', { limitTable: undefined }],
  [
    'COUNTERSIGN_LIMIT_TABLE',
    'arn:aws:dynamodb:eu-west-1:123456789012:table/limits',
    { limitTable: 'arn:aws:dynamodb:eu-west-1:123456789012:table/limits' },
  ],
  [
    'AWS_ENDPOINT_URL_DYNAMODB',
    'http://127.0.0.1:4002',
    { dynamoDbEndpoint: new URL('http://127.0.0.1:4002/') },
  ],
  [
    'AWS_REGION',
    'cn-north-1',
    { dynamoDbEndpoint: new URL('https://dynamodb.cn-north-1.amazonaws.com.cn/') },
  ],
  ['COUNTERSIGN_METRICS', 'routes', { metrics: 'routes' }],
  ['COUNTERSIGN_METRICS', 'Total', { metrics: 'total' }],
  ['COUNTERSIGN_METRICS', '', { metrics: 'off' }],
  ['AWS_ENDPOINT_URL', 'http://127.0.0.1:4000', { stsEndpoint: 'http://127.0.0.1:4000/' }],
  ['AWS_ENDPOINT_URL_STS', 'http://127.0.0.1:4001', { stsEndpoint: 'http://127.0.0.1:4001/' }],
  [
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    'http://169.254.170.23/v1',
    { hasContainerCredentials: true },
  ],
])('%s=%j is read', (name, value, expected) => {
  expect(read({ [name]: value })).toMatchObject(expected);
});

test.each([
  ['COUNTERSIGN_PARAMETER_PATH', '', 'nothing', 'a Parameter Store path such as /countersign/prod'],
  ['COUNTERSIGN_LIMIT_TABLE', 'a b', 'a b', 'the name or ARN of a DynamoDB table'],
  [
    'COUNTERSIGN_PARAMETER_PATH',
    'countersign',
    'countersign',
    'a Parameter Store path such as /countersign/prod',
  ],
  [
    'COUNTERSIGN_PARAMETER_PATH',
    '/a//b',
    '/a//b',
    'a Parameter Store path such as /countersign/prod',
  ],
  [
    'COUNTERSIGN_PARAMETER_PATH',
    '/a b',
    '/a b',
    'a Parameter Store path such as /countersign/prod',
  ],
  ['AWS_REGION', '', 'nothing', 'the region of this function, such as us-east-1'],
  ['COUNTERSIGN_REFRESH_SECONDS', '-1', '-1', 'a number of seconds from 0 to 86400'],
  ['COUNTERSIGN_REFRESH_SECONDS', '10s', '10s', 'a number of seconds from 0 to 86400'],
  ['COUNTERSIGN_REFRESH_SECONDS', '1e3', '1e3', 'a number of seconds from 0 to 86400'],
  ['COUNTERSIGN_REFRESH_SECONDS', ' 10', ' 10', 'a number of seconds from 0 to 86400'],
  ['COUNTERSIGN_REFRESH_SECONDS', '86401', '86401', 'a number of seconds from 0 to 86400'],
  ['COUNTERSIGN_REFRESH_SECONDS', 'NaN', 'NaN', 'a number of seconds from 0 to 86400'],
  [
    'COUNTERSIGN_ALLOWED_HOSTS',
    'ok.com,https://x',
    'https://x',
    'host[:port], comma-separated, `*.` allowed in front',
  ],
  ['COUNTERSIGN_LOG_LEVEL', 'verbose', 'verbose', 'debug, info, warn or error'],
  ['COUNTERSIGN_DEBUG_HEADERS', 'yes', 'yes', '1 or 0'],
  ['COUNTERSIGN_METRICS', '1', '1', 'off, total or routes'],
  ['AWS_ENDPOINT_URL_SSM', 'localhost:4000', 'localhost:4000', 'an http: or https: URL'],
  ['AWS_ENDPOINT_URL_SSM', 'ftp://x', 'ftp://x', 'an http: or https: URL'],
  ['AWS_ENDPOINT_URL', 'nonsense', 'nonsense', 'an http: or https: URL'],
])('%s=%j is refused, with what was found and what is expected', (name, value, found, expected) => {
  const error = thrownBy(() => read({ [name]: value }));
  expect(error).toBeInstanceOf(ConfigError);
  expect(error).toMatchObject({
    message: `environment variable ${name}: found ${found}, expected ${expected}`,
  });
});

test.each([
  [{}, 'https://ssm.eu-west-1.amazonaws.com/'],
  [{ AWS_REGION: 'cn-north-1' }, 'https://ssm.cn-north-1.amazonaws.com.cn/'],
  [{ AWS_REGION: 'us-gov-west-1' }, 'https://ssm.us-gov-west-1.amazonaws.com/'],
  [{ AWS_ENDPOINT_URL: 'http://127.0.0.1:4000' }, 'http://127.0.0.1:4000/'],
  [{ AWS_ENDPOINT_URL: 'http://a/', AWS_ENDPOINT_URL_SSM: 'https://b:1/x' }, 'https://b:1/x'],
])('with %j Parameter Store is at %s', (env, expected) => {
  expect(read(env).ssmEndpoint.href).toBe(expected);
});

test("the role's keys are read anew at each call, because Lambda may rotate them", () => {
  // Prepare
  const env: Record<string, string> = { ...minimal };
  const { readEnvironmentCredentials } = readConfig(env);

  // Act
  const before = readEnvironmentCredentials();
  Object.assign(env, { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'S' });
  const plain = readEnvironmentCredentials();
  Object.assign(env, { AWS_ACCESS_KEY_ID: 'B', AWS_SESSION_TOKEN: 'T' });
  const rotated = readEnvironmentCredentials();

  // Assess
  expect([before, plain, rotated]).toEqual([
    undefined,
    { accessKeyId: 'A', secretAccessKey: 'S' },
    { accessKeyId: 'B', secretAccessKey: 'S', sessionToken: 'T' },
  ]);
});

test('by default documents may refer to no other secrets, and only to variables with the prefix', () => {
  expect(read().rules).toEqual({
    root: '/countersign/prod',
    secretPaths: [],
    originSecret: undefined,
    envPrefix: 'COUNTERSIGN_VAR_',
  });
});

test('what documents may refer to is what the operator lists', () => {
  const { rules } = read({
    COUNTERSIGN_SECRET_PATHS: '/shared/partners/, /aws/reference/secretsmanager/db',
    COUNTERSIGN_ENV_PREFIX: 'STAGE_',
    COUNTERSIGN_ORIGIN_SECRET: '$secret://ssm/origin',
  });
  expect(rules).toEqual({
    root: '/countersign/prod',
    secretPaths: ['/shared/partners', '/aws/reference/secretsmanager/db'],
    originSecret: '/countersign/prod/secrets/origin',
    envPrefix: 'STAGE_',
  });
});

test('an $env reference does not reach what an object inherits', () => {
  expect(read().readVariable('constructor')).toBeUndefined();
  expect(read().readVariable('__proto__')).toBeUndefined();
});
