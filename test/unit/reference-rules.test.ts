/** Which references may be followed: whoever writes a route may not read every secret with it. */
import { readConfig } from '../../functions/proxy/config.ts';
import {
  judgeSecret,
  judgeVariable,
  type ReferenceRules,
} from '../../functions/proxy/documents/reference-rules.ts';
import { thrownBy } from '../support/builders.ts';

const rules: ReferenceRules = {
  root: '/countersign/prod',
  secretPaths: ['/shared', '/aws/reference/secretsmanager/partner'],
  originSecret: '/aws/reference/secretsmanager/partner/origin',
  envPrefix: 'COUNTERSIGN_VAR_',
};
const nothingListed = { ...rules, secretPaths: [] };

test.each([
  ['key', '/countersign/prod/secrets/key'],
  ['a/b.c', '/countersign/prod/secrets/a/b.c'],
  ['..key', '/countersign/prod/secrets/..key'],
  ['/countersign/prod/secrets/key', '/countersign/prod/secrets/key'],
  ['/shared', '/shared'],
  ['/shared/x/y', '/shared/x/y'],
  ['/aws/reference/secretsmanager/partner', '/aws/reference/secretsmanager/partner'],
  [
    '/aws/reference/secretsmanager/partner/a+b=c@d',
    '/aws/reference/secretsmanager/partner/a+b=c@d',
  ],
])('%s is the parameter %s', (written, name) => {
  expect(judgeSecret(written, rules)).toEqual({ name });
});

test.each([
  '..',
  '../consumers/ann',
  'a/../../consumers/ann',
  './key',
  'a//b',
  'key/',
  '/',
  '//shared/x',
  '/shared//x',
  '/shared/x/',
  '/shared/../countersign/prod/consumers/ann',
  'key:3',
  'key:label',
  '/shared/x:1',
  'arn:aws:ssm:eu-west-1:123456789012:parameter/shared/x',
  '/arn:aws:ssm:eu-west-1:123456789012:parameter/shared/x',
  '/aws/reference/secretsmanager/partner:AWSPREVIOUS',
  '/shared/*',
  '/shared/x y',
  '/shared/é',
  'key\n',
  '',
])('%j is no name', (written) => {
  expect(judgeSecret(written, rules)).toEqual({
    expected: 'the name of a parameter: no version, label, ARN, `.`, `..` or empty part',
  });
});

test.each([
  '/countersign/prod',
  '/countersign/prod/secrets',
  '/countersign/prod/routes/orders',
  '/countersign/prod/consumers/ann',
  '/countersign/prod/consumers/ann/credentials/1',
  '/countersign/prod/services/s',
  '/countersign/prod/plugin_configs/p',
  '/countersign/prod/global_rules/g',
  '/countersign/prod/upstreams/u',
  '/countersign/prod/consumer_groups/c',
  '/Countersign/PROD/Consumers/ann',
  '/countersign/prod/SECRETS/key',
])('%s is a document and no secret, whatever is listed', (written) => {
  const listed = { ...rules, secretPaths: ['/shared', '/countersign'] };
  expect(judgeSecret(written, listed)).toEqual({
    expected:
      'a secret: of what is below /countersign/prod only /countersign/prod/secrets/ holds any',
  });
});

test.each<[string, ReferenceRules]>([
  ['/aws/reference/secretsmanager/partner/origin', rules],
  ['/aws/reference/secretsmanager/partner/ORIGIN', rules],
  ['origin', { ...rules, originSecret: '/countersign/prod/secrets/origin' }],
  [
    '/countersign/prod/secrets/origin',
    { ...rules, originSecret: '/countersign/prod/secrets/origin' },
  ],
  ['/shared/origin', { ...rules, originSecret: '//shared//origin/' }],
])('%s is the secret between the edge and the proxy, and is not to be had', (written, own) => {
  expect(judgeSecret(written, own)).toEqual({
    expected: 'another secret: this one is between the edge and the proxy',
  });
});

test.each([
  ['/other/key', rules, '/shared, /aws/reference/secretsmanager/partner'],
  ['/shared-not/key', rules, '/shared, /aws/reference/secretsmanager/partner'],
  ['/SHARED/key', rules, '/shared, /aws/reference/secretsmanager/partner'],
  [
    '/aws/reference/secretsmanager/partners',
    rules,
    '/shared, /aws/reference/secretsmanager/partner',
  ],
  ['/countersign/prod2/consumers/ann', rules, '/shared, /aws/reference/secretsmanager/partner'],
  ['/shared/key', nothingListed, 'nothing so far'],
])('%s is not listed, and the answer says what would list it', (written, own, listed) => {
  expect(judgeSecret(written, own)).toEqual({
    expected: `a name below /countersign/prod/secrets/, or what COUNTERSIGN_SECRET_PATHS (secretPaths) lists, which is ${listed}`,
  });
});

test.each([
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
])('no prefix makes $env://%s readable', (name) => {
  expect(judgeVariable(name, { ...rules, envPrefix: 'AWS_' })).toEqual({
    expected: 'a variable that is no key of the role',
  });
});

test.each(['PATH', 'COUNTERSIGN_ORIGIN_SECRET', 'countersign_var_x', 'X_COUNTERSIGN_VAR_', ''])(
  '$env://%s has not the prefix, and the answer says what would permit it',
  (name) => {
    expect(judgeVariable(name, rules)).toEqual({
      expected: 'a variable whose name begins with COUNTERSIGN_VAR_ (COUNTERSIGN_ENV_PREFIX)',
    });
  },
);

test('a variable with the prefix may be referred to', () => {
  expect(judgeVariable('COUNTERSIGN_VAR_STAGE', rules)).toEqual({ name: 'COUNTERSIGN_VAR_STAGE' });
});

const shape = 'absolute paths such as /shared/partners, without * and not / alone';
const documents = 'a path that has no documents in it: they are below /countersign/prod';
const managed = '/aws/reference/secretsmanager/<name>: not every secret of the account';

test.each([
  ['shared', shape],
  ['/', shape],
  ['//', shape],
  ['/shared/*', shape],
  ['/shared*', shape],
  ['/a//b', shape],
  ['/a/../b', shape],
  ['arn:aws:ssm:::parameter/x', shape],
  ['/countersign', documents],
  ['/countersign/prod', documents],
  ['/Countersign/Prod', documents],
  ['/countersign/prod/routes', documents],
  ['/countersign/prod/consumers/ann', documents],
  ['/aws', managed],
  ['/aws/reference', managed],
  ['/aws/reference/secretsmanager', managed],
  ['/aws/reference/secretsmanager/', managed],
])('COUNTERSIGN_SECRET_PATHS=%s is refused', (path, expected) => {
  const env = { AWS_REGION: 'eu-west-1', COUNTERSIGN_PARAMETER_PATH: '/countersign/prod' };
  const error = thrownBy(() => readConfig({ ...env, COUNTERSIGN_SECRET_PATHS: `/ok,${path}` }));
  expect(error).toMatchObject({
    message: `environment variable COUNTERSIGN_SECRET_PATHS: found ${path}, expected ${expected}`,
  });
});

test.each([
  ['', 'an empty text, which would permit every variable'],
  ['*', '*'],
  ['1X', '1X'],
  ['A-B', 'A-B'],
])('COUNTERSIGN_ENV_PREFIX=%j is refused', (prefix, found) => {
  const env = { AWS_REGION: 'eu-west-1', COUNTERSIGN_PARAMETER_PATH: '/countersign/prod' };
  const error = thrownBy(() => readConfig({ ...env, COUNTERSIGN_ENV_PREFIX: prefix }));
  expect(error).toMatchObject({
    message: `environment variable COUNTERSIGN_ENV_PREFIX: found ${found}, expected the beginning of names, such as COUNTERSIGN_VAR_`,
  });
});
