import { createMasking, mapStrings, maskHeader, maskUrl } from '../../cli/explain/masking.ts';
import { mask, maskSecrets } from '../../cli/terminal/mask.ts';

describe('maskHeader', () => {
  it.each([
    ['authorization', 'Bearer abc.def', `Bearer ${mask}`],
    ['x-original-authorization', 'basic dXNlcg==', `basic ${mask}`],
    ['authorization', 'opaque', mask],
    ['cookie', 'session=1', mask],
    ['x-api-key', 'k', mask],
    ['x-amz-security-token', 'token', mask],
    ['x-hub-signature-256', 'sha256=00', mask],
    ['x-forwarded-for', '192.0.2.1', '192.0.2.1'],
    ['content-type', 'text/plain', 'text/plain'],
  ])('%s: %s is shown as %s', (name, value, shown) => {
    expect(maskHeader(name, value)).toBe(shown);
  });

  it('shows scope and signed headers of a signature, and not the signature', () => {
    const scope = 'AWS4-HMAC-SHA256 Credential=AKID/20260102/r/s/aws4_request, SignedHeaders=host';

    expect(maskHeader('authorization', `${scope}, Signature=0123abcdef`)).toBe(
      `${scope}, Signature=${mask}`,
    );
  });
});

it.each([
  ['/a?x=1&api_key=s3cret&y=2', `/a?x=1&api_key=${mask}&y=2`],
  ['https://h/?TOKEN=s3cret', `https://h/?TOKEN=${mask}`],
  ['/a?x=1', '/a?x=1'],
  ['/key=1', '/key=1'],
])('maskUrl hides values by the names of parameters: %s', (text, shown) => {
  expect(maskUrl(text)).toBe(shown);
});

it('maskSecrets hides signing keys and API keys of routes, and shows what limits and caches count by', () => {
  const plugins = {
    csrf: { key: 's3cret', name: 'token' },
    'forward-auth': {
      extra_headers: { 'X-Api-Key': 's3cret', 'access-key': 's3cret' },
      cache: { ttl: 60, key: '$http_x_tenant' },
    },
    'limit-count': { count: 1, key: 'remote_addr', rules: [{ count: 1, key: '$uri' }] },
    'limit-req': { rate: 1, key: 'consumer_name' },
    'limit-conn': { conn: 1, key: 'remote_addr' },
    'api-breaker': { break_response_headers: [{ key: 'X-A', value: 'b' }] },
  };

  expect(maskSecrets({ plugins }, { isConsumer: false })).toEqual({
    plugins: {
      ...plugins,
      csrf: { key: mask, name: 'token' },
      'forward-auth': {
        extra_headers: { 'X-Api-Key': mask, 'access-key': mask },
        cache: { ttl: 60, key: '$http_x_tenant' },
      },
    },
  });
});

describe('createMasking', () => {
  it('hides values wherever they stand, the longer one whole', () => {
    const masking = createMasking(['secret', 'secret-longer']);

    expect(mapStrings({ a: ['x secret-longer y', 1], b: { c: 'secretsecret' } }, masking)).toEqual({
      a: [`x ${mask} y`, 1],
      b: { c: `${mask}${mask}` },
    });
  });

  it('does not mask values that are too short to differ from text', () => {
    expect(createMasking(['abc'])('abcdef')).toBe('abcdef');
  });
});
