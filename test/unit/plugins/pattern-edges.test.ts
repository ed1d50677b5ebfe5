/** Where expressions end: at the last ASCII character, at a parenthesis too many, at the end of a quotation or a class. And what a search takes. */
import { compileProgram } from '../../../functions/proxy/documents/pattern-program.ts';
import { createSearch } from '../../../functions/proxy/documents/pattern-search.ts';
import { estimateProgramSize } from '../../../functions/proxy/documents/pattern-size.ts';

test.each([
  ['[a-\u0100]b', 'a\0', 'none'],
  ['[a-\u0100]b', '\u0100b', 'found'],
  ['[\u0001-\u0080]', '\u0080', 'found'],
  ['[\u0001-\u007f]', '\u0080', 'none'],
  ['(?i)k', '\u212a', 'found'],
  ['(a)(b)', 'ab', 'found'],
  ['[^x]b', 'a\0', 'none'],
  ['a\u0080', 'a\u0080', 'found'],
  ['x', '\u0001x', 'found'],
  ['\uffffa', '\uffffa', 'found'],
  ['(?m)a$', 'ab', 'none'],
  ['(?m)^b', 'ab', 'none'],
  ['\\bor', 'zor', 'none'],
  ['\\bor', '0or', 'none'],
  ['\\bor', '9or', 'none'],
  // Two that wait for the same character, of which the first leads to two more.
  ['x(?:a(?:p1|q2)|[ab]z)', 'xaz', 'found'],
  // Where a match may begin is worked out in the middle of another match.
  ['ab|\\bz', 'ab', 'found'],
  ['ab|\\bz', 'a1b', 'none'],
])('the search for %j in %j: %s', (expression, text, finding) => {
  expect(createSearch(compileProgram([expression], 0))([text], 1000)).toBe(finding);
});

test.each([
  ['abc', 'ababx', 15],
  ['a{3}', 'aaxaa', 19],
  ['abc', '\u00e9\u00e9', 2],
  ['a\0', '\u00e9', 1],
  ['[\u00e9-\u00fc]b', '\u00e9\u00e9', 28],
  ['a|b', 'cc', 2],
  ['(?:a|b)+c', 'abab', 29],
  ['\\pL1', '\u00e9a\u00e9', 32],
  ['a.*b', 'a\u00e9\u00e9', 45],
])('the search for %j in %j takes %d steps', (expression, text, steps) => {
  const search = createSearch(compileProgram([expression], 0));

  expect([search([text], steps - 1), search([text], steps)]).toEqual(['costly', 'none']);
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
