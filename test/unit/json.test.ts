import { DocumentError } from '../../functions/proxy/documents/document-error.ts';
import { parseJson } from '../../functions/proxy/documents/json.ts';
import { rejectionOf } from '../support/builders.ts';

test.each(['{"a":[1,null]}', '[]', 'null', '"text"', ' 7 '])('%s is JSON', async (text) => {
  expect(await parseJson(text)).toEqual(JSON.parse(text));
});

test.each([
  ['', 'an empty value'],
  [' \n', 'an empty value'],
  ['{"a":1,}', 'line 1, column 8'],
  ['{\n  "a": 1\n  "b": 2\n}', 'line 3, column 3'],
  ['{"a": MARKED-SECRET}', 'line 1, column 7'],
  ['{"a": "MARKED-SECRET', 'line 1, column 7'],
  ['{"a": 1} MARKED-SECRET', 'line 1, column 10'],
  ['// MARKED-SECRET\n{}', 'line 1, column 1'],
  ["{'a': 'MARKED-SECRET'}", 'line 1, column 2'],
  ['\ufeff{}', 'line 1, column 1'],
])('%j is none: the message says where, and quotes nothing of it', async (text, place) => {
  const error = await rejectionOf(parseJson(text));
  expect(error).toBeInstanceOf(DocumentError);
  expect((error as DocumentError).issues[0]?.found).toContain(place);
  expect(String(error)).not.toContain('MARKED');
});
