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
const forwardAsWords = expect.stringContaining('a header name of its own');

test.each<[string, unknown, string, string, unknown]>([
  [
    'forward_as with a space',
    withAuthorization({ forward_as: 'a b' }),
    '/authorization/forward_as',
    '"a b"',
    'a header name, or ""',
  ],
  [
    'forward_as with a line break',
    withAuthorization({ forward_as: 'a\nb' }),
    '/authorization/forward_as',
    '"a\\nb"',
    'a header name, or ""',
  ],
  [
    'forward_as: host',
    withAuthorization({ forward_as: 'Host' }),
    '/authorization/forward_as',
    '"host"',
    forwardAsWords,
  ],
  [
    'forward_as: x-amz-date',
    withAuthorization({ forward_as: 'x-amz-date' }),
    '/authorization/forward_as',
    '"x-amz-date"',
    forwardAsWords,
  ],
  [
    'forward_as: connection',
    withAuthorization({ forward_as: 'Connection' }),
    '/authorization/forward_as',
    '"connection"',
    forwardAsWords,
  ],
  [
    'forward_as: content-length',
    withAuthorization({ forward_as: 'content-length' }),
    '/authorization/forward_as',
    '"content-length"',
    forwardAsWords,
  ],
  [
    'forward_as: x-api-key beside an apikey',
    withAuthorization({ forward_as: 'x-api-key', apikey: 'k' }),
    '/authorization/forward_as',
    '"x-api-key"',
    forwardAsWords,
  ],
  [
    'forward_as: authorization on a signed route',
    withAuthorization({ forward_as: 'authorization', iam: {} }),
    '/authorization/forward_as',
    '"authorization"',
    forwardAsWords,
  ],
])('%s is refused with pointer, found and expected', (_, config, pointer, found, expected) => {
  const error = thrownBy(() => prepare(config));
  expect(error).toBeInstanceOf(DocumentError);
  expect((error as DocumentError).issues[0]).toEqual({ pointer, found, expected });
});

test.each([
  'user-agent',
  'cache-control',
  'referer',
  'from',
  'pragma',
  'max-forwards',
  'sec-x',
  'proxy-x',
  '__proto__',
])(
  'forward_as: %s is refused on a signed route, because the signer never signs that name',
  (name) => {
    expect(() => prepare(withAuthorization({ forward_as: name, iam: {} }))).toThrow(DocumentError);
  },
);
