import { createSigner } from '../../functions/proxy/sign/sign.ts';
import { executionKeys, headersOf, toUpstreamRequest } from '../support/builders.ts';

function signedNames(
  headers: readonly (readonly [string, string])[],
  { identityNames, carriedHeader }: { identityNames?: string[]; carriedHeader?: string } = {},
): readonly string[] {
  const sign = createSigner({
    region: 'eu-west-1',
    service: 'lambda',
    ...(carriedHeader === undefined ? {} : { carriedHeader }),
  });
  const request = toUpstreamRequest({
    headers: [['host', 'h'], ...headers],
    ...(identityNames === undefined ? {} : { identityNames }),
  });
  const [authorization = ''] = headersOf(sign(request, executionKeys, 0).headers, 'authorization');
  return /SignedHeaders=([^,]*)/.exec(authorization)?.[1]?.split(';') ?? [];
}

const always = ['host', 'x-amz-content-sha256', 'x-amz-date'];

test('headers that identify the client are signed, and the carried one, and no others', () => {
  const headers = [
    ['x-user', 'ann'],
    ['x-carried', 'Bearer'],
    ['x-other', '1'],
  ] as const;

  expect(signedNames(headers)).toEqual(always);
  expect(signedNames(headers, { identityNames: ['x-user'] })).toEqual([...always, 'x-user']);
  expect(signedNames(headers, { carriedHeader: 'x-carried' })).toEqual([...always, 'x-carried']);
});

test.each([
  ['text/plain', true],
  ['text/plain; x="\xe4"', false],
  ['a\tb', false],
])('the content type %j is signed: %s', (value, isSigned) => {
  expect(signedNames([['content-type', value]]).includes('content-type')).toBe(isSigned);
});
