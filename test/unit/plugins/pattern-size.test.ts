import { RE2JS } from 're2js';
import { estimateProgramSize } from '../../../functions/proxy/plugins/pattern-size.ts';
import { issuesOf } from '../../support/documents.ts';

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
