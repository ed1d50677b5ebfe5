/** Unique secrets that tests can find in any text, and documents that contain them in wrong places. */

const mark = (kind: string) => `MARKED-${kind}-SECRET`;

/** One secret for each place that secrets come from. */
export const marked = {
  roleSecretKey: mark('ROLE-SECRET-KEY'),
  roleSessionToken: mark('ROLE-SESSION-TOKEN'),
  staticSecretKey: mark('STATIC-SECRET-KEY'),
  staticSessionToken: mark('STATIC-SESSION-TOKEN'),
  apiKey: mark('API-KEY'),
  clientAuthorization: mark('CLIENT-AUTHORIZATION'),
  clientApiKey: mark('CLIENT-API-KEY'),
  cookie: mark('COOKIE'),
  query: mark('QUERY'),
  body: mark('BODY'),
  upstreamCookie: mark('UPSTREAM-COOKIE'),
  document: mark('DOCUMENT'),
  unusable: `${mark('UNUSABLE')} with blanks`,
} as const;

export type SecretKind = keyof typeof marked;

/** @returns the kinds of secrets in a text, in plain text, percent-encoded or in base64 */
export function findMarked(text: string): SecretKind[] {
  const kinds = Object.keys(marked) as SecretKind[];
  return kinds.filter((kind) =>
    spellings(marked[kind]).some((spelling) => text.includes(spelling)),
  );
}

function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  // Base64 encodes a string in three ways, depending on its offset; the inner parts do not depend on its neighbours.
  const encoded = [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .slice(4, -4),
  );
  return [secret, encodeURIComponent(secret), ...encoded];
}

const withPlugin = (config: unknown) =>
  JSON.stringify({ uri: '/x', plugins: { 'aws-lambda': config } });
const uri = 'http://127.0.0.1:9/';
const { document } = marked;

/** Texts of route parameters that are refused. Log lines about them must not contain `document`. */
export const invalidDocuments: readonly (readonly [what: string, text: string])[] = [
  ['a bare secret', document],
  ['a quoted secret', JSON.stringify(document)],
  ['a list of a secret', JSON.stringify([document])],
  [
    'JSON with a stray comma',
    `{"uri":"/x","plugins":{"aws-lambda":{"authorization":{"apikey":"${document}",}}}}`,
  ],
  [
    'JSON that breaks off in a secret',
    `{"uri":"/x","plugins":{"aws-lambda":{"authorization":{"apikey":"${document}`,
  ],
  ['JSON in single quotes', `{'apikey':'${document}'}`],
  ['a document encoded twice', JSON.stringify(JSON.stringify({ apikey: document, uri: '/x' }))],
  ['a plugin encoded twice', withPlugin(JSON.stringify({ authorization: { apikey: document } }))],
  [
    'plugins encoded twice',
    JSON.stringify({ uri: '/x', plugins: `{"aws-lambda":{"apikey":"${document}"}}` }),
  ],
  [
    'an authorization encoded twice',
    withPlugin({ function_uri: uri, authorization: `{"apikey":"${document}"}` }),
  ],
  [
    'an authorization that is a header',
    withPlugin({ function_uri: uri, authorization: `Bearer ${document}` }),
  ],
  ['an unknown field beside the others', withPlugin({ function_uri: uri, api_key: document })],
  [
    'an unknown field in authorization',
    withPlugin({ function_uri: uri, authorization: { key: document } }),
  ],
  ['an unknown plugin', JSON.stringify({ uri: '/x', plugins: { 'key-auth': { key: document } } })],
  [
    'a key that is a list',
    withPlugin({ function_uri: uri, authorization: { apikey: [document] } }),
  ],
  [
    'a key that is an object',
    withPlugin({ function_uri: uri, authorization: { apikey: { value: document } } }),
  ],
  [
    'a key with a control character',
    withPlugin({ function_uri: uri, authorization: { apikey: `${document}\n` } }),
  ],
  [
    'a secret key alone',
    withPlugin({ function_uri: uri, authorization: { iam: { secretkey: document } } }),
  ],
  [
    'both spellings of a secret key',
    withPlugin({
      function_uri: uri,
      authorization: { iam: { accesskey: 'A', secretkey: document, secret_key: document } },
    }),
  ],
  [
    'a session token alone',
    withPlugin({ function_uri: uri, authorization: { iam: { session_token: document } } }),
  ],
  ['a URL with a password', withPlugin({ function_uri: `https://user:${document}@evil.example/` })],
  [
    'a URL with a password that holds a slash',
    withPlugin({ function_uri: `https://user:a/${document}@evil.example/` }),
  ],
  [
    'a URL with a password and no scheme',
    withPlugin({ function_uri: `user:${document}@evil.example` }),
  ],
  [
    'a URL with a key in its query',
    withPlugin({ function_uri: `https://evil.example/?key=${document}` }),
  ],
  [
    'a URL with a key in its fragment',
    withPlugin({ function_uri: `https://evil.example/#key=${document}` }),
  ],
  [
    'a reference that does not resolve, beside a secret',
    withPlugin({
      function_uri: uri,
      authorization: { apikey: '$secret://ssm/none', iam: { secretkey: document } },
    }),
  ],
  [
    'a secret where a region belongs',
    withPlugin({
      function_uri: uri,
      authorization: { iam: { aws_region: '$secret://ssm/unusable' } },
    }),
  ],
  ['a secret where a URL belongs', withPlugin({ function_uri: '$secret://ssm/unusable' })],
  [
    'a secret where a number belongs',
    withPlugin({ function_uri: uri, timeout: '$secret://ssm/unusable' }),
  ],
  [
    'a secret where a header name belongs',
    withPlugin({ function_uri: uri, authorization: { forward_as: '$secret://ssm/unusable' } }),
  ],
  [
    'the role itself',
    withPlugin({ function_uri: uri, authorization: { apikey: '$env://AWS_SECRET_ACCESS_KEY' } }),
  ],
];
