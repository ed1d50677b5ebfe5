import fc from 'fast-check';
import {
  readParameter,
  withMaskedParameter,
  withoutParameter,
} from '../../functions/proxy/http/query.ts';

test.each([
  ['a=1', ['1']],
  ['a', ['']],
  ['a=', ['']],
  ['b=2&a=1', ['1']],
  ['a=1&a=2&a=3', ['1', '2']],
  ['%61=1', ['1']],
  ['a=%41%c3%a9', ['Aé']],
  ['a=%FF', ['%FF']],
  ['a=100%', ['100%']],
  ['a=x=y', ['x=y']],
  ['A=1', []],
  ['aa=1&%61a=2&a%61', []],
  ['%6=1&%=2&%6g=3', []],
  ['', []],
  ['&&&', []],
  ['&&a=1&&', ['1']],
])('the values of a in %j are %j', (query, values) => {
  expect(readParameter(query, 'a')).toEqual(values);
});

test.each([
  ['a=1&b=2', 'b=2'],
  ['b=2&a=1', 'b=2'],
  ['b=%2f&a=1&c=+', 'b=%2f&c=+'],
  ['a=1&a=2', ''],
  ['%61=1&b', 'b'],
  ['b&&a&c', 'b&&c'],
  ['b=2', 'b=2'],
  ['', ''],
])('%j without a is %j', (query, rest) => {
  expect(withoutParameter(query, 'a')).toBe(rest);
});

const part = fc.stringMatching(/^[a%61=x]{0,6}$/);

test('the same parameters are read, removed and masked, as by a reader that splits and decodes all', () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
      const query = parts.join('&');
      const split = query.split('&');
      const isA = (text: string) => decodeName(text.split('=', 1)[0] ?? '') === 'a';
      expect(readParameter(query, 'a')).toHaveLength(Math.min(2, split.filter(isA).length));
      expect(withoutParameter(query, 'a')).toBe(split.filter((text) => !isA(text)).join('&'));
      const masked = split.map((text) => (isA(text) ? text.replace(/=.*/, '=***') : text));
      expect(withMaskedParameter(query, 'a', '***')).toBe(masked.join('&'));
    }),
  );
});

function decodeName(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
