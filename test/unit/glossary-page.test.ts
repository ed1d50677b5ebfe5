/** docs/glossary.md: each word once, in order, in one or two sentences, and in use. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const read = (name: string) => readFileSync(join(root, name), 'utf8');
const page = read('docs/glossary.md');
const rows = [...page.matchAll(/^\| ([^|]+) \| ([^|]+) \|$/gm)]
  .map(([, word = '', meaning = '']) => ({ word, meaning }))
  .filter(({ word }) => word !== 'word');
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && name !== 'glossary.md')
    .map((name) => `docs/${name}`),
];
const sources = ['functions', 'lib', 'cli'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`),
);
/** Comments in one line, and `payloadHash` as two words. */
const text = [...pages, ...sources]
  .map(read)
  .join('\n')
  .replaceAll(/\s*\n\s*(?:\*|\/\/)?\s*/g, ' ')
  .replaceAll(/([a-z])([A-Z])/g, '$1 $2');

/** The words of the house style, and those that the pages define. */
const wanted = [
  ...['client', 'upstream', 'route', 'route table', 'match', 'plugin', 'consumer', 'rewrite'],
  ...['sign', 'signer', 'verifier', 'canonical request', 'payload hash', 'credential scope'],
  ...['credentials provider', 'send', 'relay', 'prelude', 'hop-by-hop', 'end-to-end', 'problem'],
  ...['deadline', 'timeout', 'last valid version', 'document', 'publisher', 'snapshot', 'refresh'],
  ...['malformed', 'unfulfilled', 'in force', 'open route', 'access plugin', 'direct mode', 'edge'],
];

test('the page defines the words of the product', () => {
  const words = rows.map(({ word }) => word);

  expect(wanted.filter((word) => !words.includes(word))).toEqual([]);
});

test('each word is there once, in alphabetical order', () => {
  const words = rows.map(({ word }) => word);
  const plain = (word: string) => word.replaceAll(/[ -]/g, '');
  const sorted = [...new Set(words)].sort((a, b) => (plain(a) < plain(b) ? -1 : 1));

  expect(words).toEqual(sorted);
});

test.each(rows)(
  '$word is explained in one or two sentences, with a link at most',
  ({ meaning }) => {
    const spoken = meaning.replaceAll(/`[^`]*`|\[[^\]]*\]\([^)]*\)\.?$/g, 'x').trim();

    expect(meaning).toMatch(/^[A-Z].*\.$/);
    expect(spoken.match(/[.](?= [A-Z]|$)/g)?.length ?? 1).toBeLessThanOrEqual(2);
  },
);

test.each(rows.map(({ word }) => word))('%s is in use', (word) => {
  const forms = new RegExp(
    `(?<![\\w-])${word.replaceAll(/[ -]/g, '[ -]')}(s|es|ed|d|ing)?(?![\\w-])`,
    'i',
  );

  expect(forms.test(text)).toBe(true);
});

test.each(['README.md', 'AGENTS.md', 'docs/request-path.md', 'docs/architecture.md'])(
  '%s links to the page',
  (name) => {
    expect(read(name)).toMatch(/\]\((docs\/)?glossary\.md\)/);
  },
);
