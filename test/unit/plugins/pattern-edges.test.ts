/** Where expressions end: at the last ASCII character, at a parenthesis too many, at the end of a quotation or a class. */
import { compilePatterns } from '../../../functions/proxy/documents/pattern.ts';
import { estimateProgramSize } from '../../../functions/proxy/documents/pattern-size.ts';

test.each([
  ['[a-\u0100]b', 'a\0', 'none'],
  ['[a-\u0100]b', '\u0100b', 'found'],
  ['[\u0001-\u0080]', '\u0080', 'found'],
  ['[\u0001-\u007f]', '\u0080', 'none'],
  ['(?i)k', '\u212a', 'found'],
  ['(a)(b)', 'ab', 'found'],
])('the search for %j in %j: %s', (expression, text, finding) => {
  expect(compilePatterns([expression])([text])).toBe(finding);
});

test.each([
  [')a', 3],
  ['a)bc)d', 7],
  ['a{3}{2}', 7],
  ['ab{3}*', 6],
  ['\\Qabc\\E', 4],
  ['\\Qabc\\Ed', 5],
  ['\\Qab', 3],
  ['x\\Qabc\\E+', 6],
  ['[^]a]b', 3],
  ['[a', 2],
  ['[^', 2],
  ['((a){2}){3}', 34],
  ['a**', 4],
])('%j has about %d instructions', (expression, size) => {
  expect(estimateProgramSize(expression)).toBe(size);
});

test.each([
  ['groups behind each other', '(a)'.repeat(1200), 4801],
  ['a thousand groups inside each other', `${'('.repeat(1000)}aaaaa${')'.repeat(1000)}`, 3006],
  ['more groups inside each other than RE2 takes', '('.repeat(5000), 7001],
])('%s are counted', (_, expression, size) => {
  expect(estimateProgramSize(expression)).toBe(size);
});
