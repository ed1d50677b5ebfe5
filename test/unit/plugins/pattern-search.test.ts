/** RE2JS is the second opinion: both compile with the same code, and search with different code. */
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { compilePatterns } from '../../../functions/proxy/documents/pattern.ts';
import { compileProgram } from '../../../functions/proxy/documents/pattern-program.ts';
import { createSearch } from '../../../functions/proxy/documents/pattern-search.ts';
import { sample, toRuns } from '../../support/sample.ts';

const toSearch = (expressions: readonly string[]) => createSearch(compileProgram(expressions, 0));

/** @returns how many steps the search takes: it says `costly` for each number below it */
function countSteps(expressions: readonly string[], texts: readonly string[]): number {
  const search = toSearch(expressions);
  let [low, high] = [0, 2 ** 24];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (search(texts, middle) === 'costly') low = middle + 1;
    else high = middle;
  }
  return low;
}

test.each([
  [['abc'], 'xxabcxx', 'found'],
  [['abc'], 'xxabxx', 'none'],
  [['^abc'], 'xabc', 'none'],
  [['abc$'], 'abcx', 'none'],
  [['^$'], '', 'found'],
  [['a*'], '', 'found'],
  [['(?m)^b$'], 'a\nb\nc', 'found'],
  [['\\bor\\b'], "' or 1", 'found'],
  [['\\bor\\b'], 'color', 'none'],
  [['\\Bor\\B'], 'colors', 'found'],
  [['a{3,5}b'], 'aab', 'none'],
  [['(?i)k'], '\u212a', 'found'],
  [['[^x]'], '\u{1f600}', 'found'],
  [['^.$'], '\u{1f600}', 'found'],
  [['\\pL'], 'ß', 'found'],
  [['\\pL'], '1', 'none'],
  [['ab', 'cd'], 'xcd', 'found'],
  [['ab', 'cd'], 'xad', 'none'],
] as const)('%j in %j: %s', (expressions, text, expected) => {
  expect(toSearch(expressions)([text], 1000)).toBe(expected);
});

test('texts are searched one by one, and nothing is found across two of them', () => {
  const search = toSearch(['ab']);

  expect([search(['xa', 'bx'], 100), search(['x', 'xab'], 100), search([], 0)]).toEqual([
    'none',
    'found',
    'none',
  ]);
});

test('a search that was too costly leaves nothing behind for the next one', () => {
  const search = toSearch(['a.*b']);

  expect([search([`a${'x'.repeat(100)}`], 10), search(['b'], 100)]).toEqual(['costly', 'none']);
});

test('the steps do not depend on the texts before', () => {
  const search = toSearch(['(?:a|b|c){1,20}d', '\\bx']);
  const texts = ['abc abc', 'ab\ncab', 'äbc'];
  const answers = () => texts.map((text) => search([text], 100));

  expect(answers()).toEqual(answers());
});

const pieces = [
  ...[
    'a',
    'b',
    'k',
    'é',
    '\u{1f600}',
    '.',
    '[ab]',
    '[^a]',
    '\\w',
    '\\W',
    '\\d',
    '\\s',
    '\\pL',
    '[[:upper:]]',
  ],
  ...['^', '$', '\\A', '\\z', '\\b', '\\B', '|', '(', '(?:', ')', '(?i)', '(?m)', '(?s)', '\\n'],
  ...['*', '+', '?', '*?', '{2}', '{0,3}', '{1,}'],
];
const letters = [
  'a',
  'b',
  'A',
  'k',
  'K',
  '\u212a',
  's',
  '\u017f',
  'é',
  '\u{1f600}',
  '\ud83d',
  '1',
  '_',
  ' ',
  '\n',
];

test('for any expressions and texts, it finds what RE2JS finds', () => {
  const someOf = (list: readonly string[], maxLength: number) =>
    fc.array(fc.constantFrom(...list), { maxLength }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(
      fc.array(someOf(pieces, 8), { minLength: 1, maxLength: 3 }),
      fc.array(someOf(letters, 10), { minLength: 1, maxLength: 4 }),
      (expressions, texts) => {
        const compiled = expressions.map(compileOrNot);
        fc.pre(compiled.every((expression) => expression !== undefined));
        const search = toSearch(expressions);
        for (const text of texts) {
          const isFound = compiled.some((expression) => expression?.test(text));
          expect([expressions, text, search([text], 1e9)]).toEqual([
            expressions,
            text,
            isFound ? 'found' : 'none',
          ]);
        }
      },
    ),
    { numRuns: toRuns(20_000, 1 / 100) },
  );
});

/** @returns undefined for what RE2 does not take */
function compileOrNot(expression: string): RE2JS | undefined {
  try {
    return RE2JS.compile(expression);
  } catch {
    return undefined;
  }
}

/** Rules of APISIX's documentation, and what lists against attacks commonly have. */
const lists: Readonly<Record<string, readonly string[]>> = {
  'APISIX uri-blocker': ['root.exe', 'root.m+'],
  'APISIX ua-restriction': ['my-bot2', '(Twitterspider)/(\\d+)\\.(\\d+)'],
  attacks: [
    '(?i)\\b(?:union|select|insert|update|delete|drop)\\b.{1,100}\\b(?:from|into|table|where)\\b',
    '(?i)<script[^>]*>',
    '(?i)on(?:error|load|click|mouse\\w+|focus|key\\w+)\\s*=',
    '(?i)[\'"]\\s*(?:or|and)\\s+[\\w\'"]{1,20}\\s*=',
    '(?:\\.\\./){2,}',
    '/etc/(?:passwd|shadow|group|hosts)',
    '\\$\\{jndi:(?:ldap|rmi|dns)',
    '(?i)\\.(?:php|asp|aspx|jsp|cgi|exe|bak|sql|old)(?:$|[/?])',
    ...Array.from({ length: 42 }, (_, index) => `(?i)attack${index}[a-z]{3,20}.{0,40}\\d`),
  ],
};
const ordinary =
  '/api/v1/items/8a7f-331?name=O%27Brien&q=hello+world&sort=-date&redirect=https://example.com/a/b.html&';

test.each(Object.keys(lists))(
  '%s: the longest ordinary path is searched in all readings',
  (name) => {
    const text = ordinary.repeat(90).slice(0, 8192);
    const search = compilePatterns(lists[name] ?? []);

    expect(search(Array.from({ length: 4 }, () => text))).toBe('none');
  },
);

/** Expressions and the part that makes the most of each. */
const hostile: readonly (readonly [expression: string, part: string])[] = [
  ["'.{1,100}(?:or|and)", "'a"],
  ["'.{1,200}(?:or|and)", "'"],
  ['(a|b)*c.{0,20}d', 'abc'],
  ['(?:a?b?){1,50}Q', 'ab'],
  ['(?:ab|cd|a|b|c|d){1,30}Q', 'abcd'],
  ['(?:(?:a*)*)*b', 'a'],
  ['(?:\\pL|\\pM|\\w){1,20}!', 'äb'],
  ['a.*b.*c.*d.*e', 'abcd'],
  [`(?:${Array.from({ length: 30 }, (_, index) => `.{${index % 9}}w${index}`).join('|')})`, 'w'],
];

test.each(sample(hostile))('%s: twice the text takes twice the steps', (expression, part) => {
  // Long enough that as many instructions are reached as can be.
  const text = part.repeat(400 / part.length);
  const [once, twice] = [text, text + text].map((each) => countSteps([expression], [each]));

  expect(Number(twice) / Number(once)).toBeLessThan(2.5);
});

test.each(sample(hostile))(
  '%s: a character takes no more steps than the program is large',
  (expression, part) => {
    const { size } = compileProgram([expression], 0);
    const text = part.repeat(300);

    // Each instruction waits once at most, leads to another, and is one of the two branches of a fork.
    expect(countSteps([expression], [text]) / text.length).toBeLessThan(11 * size);
  },
);

test.each(hostile)(
  '%s: a search ends soon after the last step that it may take',
  (expression, part) => {
    const { size } = compileProgram([expression], 0);
    const text = part.repeat(10_000);
    const search = toSearch([expression]);
    // The text is read by characters, so the last place that was read says how far a search went.
    let read = 0;
    const counted = {
      codePointAt: (at: number) => {
        read = at;
        return text.codePointAt(at);
      },
    } as unknown as string;

    expect(search([counted], size)).toBe('costly');
    expect(read).toBeLessThanOrEqual(size + 2);
  },
);

test.each([
  ["'.{1,100}(?:or|and)", "'a"],
  ["'.{1,1000}(?:or|and)", "'a"],
  ['(?:a?b?){1,500}Q', 'ab'],
])('%s: a text that a client writes for it is not searched to its end', (expression, part) => {
  expect(compilePatterns([expression])([part.repeat(4096)])).toBe('costly');
});
