import fc from 'fast-check';
import { RE2JS, RE2Set } from 're2js';
import * as v from 'valibot';
import { patterns } from '../../../functions/proxy/documents/pattern.ts';
import { estimateProgramSize } from '../../../functions/proxy/documents/pattern-size.ts';
import { issuesOf } from '../../support/documents.ts';
import { toRuns } from '../../support/sample.ts';

test.each([
  ['abc', 4],
  ['a{1000}', 1001],
  ['(ab){10}', 51],
  ['(a{10}){10}', 131],
  ['a{2,}', 5],
  ['a{3,7}', 12],
  ['[a-z]{5}', 6],
  ['[]{9}]', 2],
  ['[\\]{9}]', 2],
  ['\\{9}', 4],
  ['a*b+c?', 7],
  ['a{,5}', 6],
  ['(', 4],
])('%j becomes at most %i instructions', (expression, size) => {
  expect(estimateProgramSize(expression)).toBe(size);
});

test.each(['a{1000}', '(ab|cd){20}x', '[a-f]{3,40}', 'root.exe'])(
  'the estimate for %j is not below what RE2 makes of it, but for a few fixed instructions',
  (expression) => {
    expect(estimateProgramSize(expression)).toBeGreaterThan(
      RE2JS.compile(expression).programSize() - 8,
    );
  },
);

// What a reader misreads that knows no quotations, named classes, ranges and flags as RE2 does.
test.each([
  '\\Q)\\Ea{1000}',
  '(?:\\Q)\\Eabcdef){100}',
  '(?:[[:alpha:])]abcdef){100}',
  '[[:^alpha:])]a{50}',
  // A repetition behind flags is one of what stands before them.
  '(?:abcdef)(?i){100}',
  // The bracket is the end of a range, and begins no named class.
  '[$-[:alpha:]abcdefghij{100}]',
])('nothing of %j is left out', (expression) => {
  expect(estimateProgramSize(expression)).toBeGreaterThan(
    RE2JS.compile(expression).programSize() - 8,
  );
});

test('the number of a code point repeats nothing', () => {
  expect(estimateProgramSize('\\x{2028}a')).toBe(3);
});

test.each([
  ['[\\pL]', 22],
  ['[^\\PL\\p{Greek}_]', 42],
  ['\\p{L}', 22],
  ['[\\pL]{100}', 121],
  ['[\\d[:alpha:]]', 4],
])('%j counts each table that RE2 has to read, once', (expression, size) => {
  expect(estimateProgramSize(expression)).toBe(size);
});

test.each([
  ['a class', '[\\p{L}a-z]+', true, 1],
  ['a quotation', '\\Qa+b\\E', true, 2],
  ['a thousand letters', `[${'\\pL'.repeat(1300)}]`, false, 0],
  ['hundreds of capitals', `[${'\\p{Lu}'.repeat(600)}]`, false, 0],
])('a check of %s parses no more often than it must', (_, expression, isValid, times) => {
  const parsing = jest.spyOn(RE2Set.prototype, 'add');

  const { success } = v.safeParse(patterns, [expression]);

  expect([success, parsing.mock.calls.length]).toEqual([isValid, times]);
  parsing.mockRestore();
});

test.each<[string, readonly string[]]>([
  [
    'hundreds of expressions',
    Array.from({ length: 400 }, (_, index) => `a{999}b{999}c{999}${index}`),
  ],
  ['some expressions', Array.from({ length: 11 }, (_, index) => `a{999}${index}`)],
  ['three expressions, of which one is too large', ['a', 'b', '(a{99}){99}']],
])('%s: what is too large together, or in part, is not parsed', (_, list) => {
  const parsing = jest.spyOn(RE2Set.prototype, 'add');

  const { success } = v.safeParse(patterns, list);

  expect([success, parsing.mock.calls.length]).toEqual([false, 0]);
  parsing.mockRestore();
});

test('each expression of a list that cannot be read is named by its place', async () => {
  const block_rules = ['a', '(?=b)', 'c', '(d'];
  const issues = await issuesOf({ uri: '/*', plugins: { 'uri-blocker': { block_rules } } });

  expect(issues.map(({ pointer }) => pointer)).toEqual([
    '/plugins/uri-blocker/block_rules/1',
    '/plugins/uri-blocker/block_rules/3',
  ]);
});

test('parentheses that nest as deep as an expression is long are read as well', () => {
  expect(estimateProgramSize('('.repeat(4096))).toBeGreaterThan(4096);
});

const pieces = [
  ...[
    '\\Q',
    '\\E',
    '(',
    '(?:',
    ')',
    '[',
    '[^',
    ']',
    '[:alpha:]',
    '[:^digit:]',
    '{3}',
    '{2,5}',
    '{0,9}',
    '{7,}',
  ],
  ...[
    'a',
    'b*',
    'c+?',
    'd?',
    '|',
    '^',
    '$',
    '.',
    '\\',
    '\\x{41}',
    '\\pL',
    '\\p{Greek}',
    '(?i)',
    '(?P<n>',
    '-',
    ':',
  ],
];

test('for any pattern that RE2 accepts, its program is at most twice as large as the estimate', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 14 }), (list) => {
      const expression = list.join('');
      const size = findProgramSize(expression);
      fc.pre(size !== undefined);
      // Repetitions of what is empty, such as `\\b*`, take an instruction more than those of a character.
      expect(2 * estimateProgramSize(expression) + 8).toBeGreaterThan(size ?? 0);
    }),
    { numRuns: toRuns(3000) },
  );
});

/** @returns undefined for what RE2 does not take */
function findProgramSize(expression: string): number | undefined {
  try {
    return RE2JS.compile(expression).programSize();
  } catch {
    return undefined;
  }
}

const heavy = 'a{1000}'.repeat(570);

test.each([
  ['uri-blocker', { block_rules: [heavy] }, '/plugins/uri-blocker/block_rules/0'],
  ['ua-restriction', { denylist: [heavy] }, '/plugins/ua-restriction/denylist/0'],
  ['cors', { allow_origins_by_regex: [heavy] }, '/plugins/cors/allow_origins_by_regex/0'],
  [
    'uri-blocker',
    { block_rules: Array.from({ length: 11 }, (_, index) => `a{999}${index}`) },
    '/plugins/uri-blocker/block_rules',
  ],
])(
  '%s refuses expressions whose programs are too large to compile in a moment',
  async (name, settings, pointer) => {
    const issues = await issuesOf({ uri: '/*', plugins: { [name]: settings } });

    expect(issues[0]).toMatchObject({
      pointer,
      expected: expect.stringMatching(/at most [\d]+ steps/),
    });
  },
);

test('the expressions of all routes of a document are counted together', async () => {
  const block_rules = Array.from({ length: 9 }, (_, index) => `a{999}${index}`);
  const route = (id: string) => ({
    id,
    uri: `/${id}/*`,
    plugins: { 'uri-blocker': { block_rules } },
  });

  const issues = await issuesOf([route('a'), route('b'), route('c')]);

  expect(issues).toEqual([
    {
      pointer: '/2/plugins/uri-blocker',
      found: '27027 with those before',
      expected: expect.stringMatching(/at most 20000 steps in one document/),
    },
  ]);
});
