import { DocumentError } from '../../functions/proxy/documents/document-error.ts';
import { awsLambda } from '../../functions/proxy/plugins/serverless/aws-lambda.ts';
import { thrownBy, toServices } from '../support/builders.ts';
import { functionUri } from '../support/documents.ts';

const prepare = (config: unknown) =>
  awsLambda.prepare(config, toServices(), { pointer: '', written: config });
const withAuthorization = (authorization: unknown) => ({
  function_uri: functionUri,
  authorization,
});
const withIam = (iam: unknown) => withAuthorization({ iam });

const known = (names: string) => `no such field; known are ${names}`;
const iamNames =
  'aws_region, service, accesskey, secretkey, secret_key, session_token, role_arn, external_id, session_name';
test.each<[string, unknown, string, string, unknown]>([
  [
    'authorization that is a string',
    withAuthorization('x'),
    '/authorization',
    'a string',
    'an object',
  ],
  ['authorization that is null', withAuthorization(null), '/authorization', 'null', 'an object'],
  [
    'authorization that is a list',
    withAuthorization([]),
    '/authorization',
    'an empty array',
    'an object',
  ],
  [
    'an unknown authorization',
    withAuthorization({ key: 'x' }),
    '/authorization/key',
    'an unknown field',
    known('apikey, iam, forward_as'),
  ],
  [
    'an empty apikey',
    withAuthorization({ apikey: '' }),
    '/authorization/apikey',
    'a string',
    'a string that is not empty',
  ],
  [
    'an apikey with a line break',
    withAuthorization({ apikey: 'a\r\nb' }),
    '/authorization/apikey',
    'a string',
    'a string without control characters',
  ],
  [
    'an apikey with DEL',
    withAuthorization({ apikey: 'a\x7f' }),
    '/authorization/apikey',
    'a string',
    'a string without control characters',
  ],
  [
    'an apikey that is a number',
    withAuthorization({ apikey: 7 }),
    '/authorization/apikey',
    'a number',
    'a string',
  ],
  ['iam that is true', withIam(true), '/authorization/iam', 'true', 'an object'],
  ['iam that is null', withIam(null), '/authorization/iam', 'null', 'an object'],
  ['iam that is a list', withIam([]), '/authorization/iam', 'an empty array', 'an object'],
  [
    'an unknown iam field',
    withIam({ acceskey: 'x' }),
    '/authorization/iam/acceskey',
    'an unknown field',
    known(iamNames),
  ],
  [
    'a region with capitals',
    withIam({ aws_region: 'US-EAST-1' }),
    '/authorization/iam/aws_region',
    '"US-EAST-1"',
    'a region such as us-east-1',
  ],
  [
    'an empty region',
    withIam({ aws_region: '' }),
    '/authorization/iam/aws_region',
    '""',
    'a region such as us-east-1',
  ],
  [
    'a service with a slash',
    withIam({ service: 'a/b' }),
    '/authorization/iam/service',
    '"a/b"',
    'a service name such as lambda',
  ],
  [
    'accesskey alone',
    withIam({ accesskey: 'a' }),
    '/authorization/iam',
    'an object',
    'accesskey and secretkey together, or neither (the execution role signs then)',
  ],
  [
    'secretkey alone',
    withIam({ secretkey: 's' }),
    '/authorization/iam',
    'an object',
    'accesskey and secretkey together, or neither (the execution role signs then)',
  ],
  [
    'both spellings of the secret key',
    withIam({ accesskey: 'a', secretkey: 's', secret_key: 's' }),
    '/authorization/iam',
    'an object',
    'secretkey or secret_key, not both',
  ],
  [
    'a session token alone',
    withIam({ session_token: 't' }),
    '/authorization/iam',
    'an object',
    'accesskey and secretkey beside session_token',
  ],
  [
    'a role and static keys',
    withIam({ accesskey: 'a', secretkey: 's', role_arn: 'arn:aws:iam::123456789012:role/x' }),
    '/authorization/iam',
    'an object',
    'role_arn or static keys, not both',
  ],
  [
    'an external id alone',
    withIam({ external_id: 'ab' }),
    '/authorization/iam',
    'an object',
    'role_arn beside external_id and session_name',
  ],
  [
    'a session name alone',
    withIam({ session_name: 'ab' }),
    '/authorization/iam',
    'an object',
    'role_arn beside external_id and session_name',
  ],
  [
    'a service that the host is not for',
    withIam({ service: 'sts' }),
    '/function_uri',
    JSON.stringify(functionUri),
    'a host of the service sts, which authorization.iam names',
  ],
  [
    'a role that a policy would take for many',
    withIam({ role_arn: 'arn:aws:iam::123456789012:role/*' }),
    '/authorization/iam/role_arn',
    '"arn:aws:iam::123456789012:role/*"',
    'the ARN of a role',
  ],
  [
    'a role of no account',
    withIam({ role_arn: 'arn:aws:iam::1:role/x' }),
    '/authorization/iam/role_arn',
    '"arn:aws:iam::1:role/x"',
    'the ARN of a role',
  ],
  [
    'the ARN of a user',
    withIam({ role_arn: 'arn:aws:iam::123456789012:user/x' }),
    '/authorization/iam/role_arn',
    '"arn:aws:iam::123456789012:user/x"',
    'the ARN of a role',
  ],
  [
    'an external id of one character',
    withIam({ role_arn: 'arn:aws:iam::123456789012:role/x', external_id: 'a' }),
    '/authorization/iam/external_id',
    'a string',
    'at least 2 characters',
  ],
  [
    'a session name with a space',
    withIam({ role_arn: 'arn:aws:iam::123456789012:role/x', session_name: 'a b' }),
    '/authorization/iam/session_name',
    '"a b"',
    '2 to 64 letters, digits or +=,.@-_',
  ],
])('%s is refused with pointer, found and expected', (_, config, pointer, found, expected) => {
  const error = thrownBy(() => prepare(config));
  expect(error).toBeInstanceOf(DocumentError);
  expect((error as DocumentError).issues[0]).toEqual({ pointer, found, expected });
});
