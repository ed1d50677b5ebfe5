import { createMasking, mapStrings, maskHeader, maskUrl } from '../../cli/explain/masking.ts';
import { mask } from '../../cli/mask.ts';

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

describe('createMasking', () => {
  it('hides values wherever they stand, the longer one whole', () => {
    const masking = createMasking(['secret', 'secret-longer']);

    expect(mapStrings({ a: ['x secret-longer y', 1], b: { c: 'secretsecret' } }, masking)).toEqual({
      a: [`x ${mask} y`, 1],
      b: { c: `${mask}${mask}` },
    });
  });

  it('leaves alone what is too short to be told from text', () => {
    expect(createMasking(['abc'])('abcdef')).toBe('abcdef');
  });
});
