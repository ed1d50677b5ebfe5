import fc from 'fast-check';
import { DocumentError } from '../../functions/proxy/documents/document-error.ts';
import { parseJson } from '../../functions/proxy/documents/json.ts';
import { findRepeatedKey } from '../../functions/proxy/documents/repeated-key.ts';
import { rejectionOf } from '../support/builders.ts';

test.each([
  ['{"a":1,"a":2}', '/a', 7],
  ['{"a":1,"b":{"a":1},"a":1}', '/a', 19],
  ['[{"a":1},{"b":[0,{"c":1,"c":1}]}]', '/1/b/1/c', 24],
  ['{"plugins":{},"\\u0070lugins":{}}', '/plugins', 14],
  ['{"\\"":1,"\\u0022":1}', '/"', 8],
  ['{"a\\\\":1,"a\\\\":1}', '/a\\', 9],
  ['{"__proto__":1,"__proto__":1}', '/__proto__', 15],
  ['{"":1,"":1}', '/', 6],
  ['{"a/b~":1,"a/b~":1}', '/a~1b~0', 10],
  ['{ "a" : "x,{" , "a" : 1 }', '/a', 16],
  ['{"\\ud800":1,"\\uD800":1}', '/\ud800', 12],
])('%s has a field twice, at %s', (text, pointer, offset) => {
  expect(findRepeatedKey(text)).toEqual({ pointer, offset });
});

test.each([
  '{"a":1,"A":1}',
  '{"a":{"a":{"a":1}}}',
  '{"a":"a","b":"a"}',
  '["a","a",{"a":1},{"a":1}]',
  '{"a":"\\",\\"a\\":1"}',
  '{"a":["a",{"b":1}],"b":1}',
  '"a"',
  '7',
  '{"a\\\\":1,"a":1}',
  '{"é":1,"e\\u0301":1}',
])('%s has none', (text) => {
  expect(findRepeatedKey(text)).toBeUndefined();
});

test('output of JSON.stringify has no repeated field, and a second one of any field is found', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }),
      fc.nat(),
      (value, pick) => {
        const text = JSON.stringify(value);
        expect(findRepeatedKey(text)).toBeUndefined();
        const names = Object.keys(value);
        const name = names[pick % names.length] ?? '';
        const again = `${text.slice(0, -1)},${JSON.stringify(name)}:0}`;
        expect(findRepeatedKey(again)?.offset).toBe(text.length);
      },
    ),
  );
});

test('the error says where the second one stands, and quotes no value', async () => {
  const text = '{\n  "uri": "/x",\n  "plugins": {"a": "MARKED"},\n  "plugins": {"a": "MARKED"}\n}';
  const error = await rejectionOf(parseJson(text));
  expect(error).toBeInstanceOf(DocumentError);
  expect((error as DocumentError).issues).toEqual([
    {
      pointer: '/plugins',
      found: 'a field that its object has already, at line 4, column 3',
      expected: 'each field once',
    },
  ]);
});
