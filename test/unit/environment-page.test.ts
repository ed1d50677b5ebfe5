/** docs/operations.md lists every variable that the runtime reads. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const [, section = ''] = /\n## Environment\n(.*?)\n## /s.exec(read('docs/operations.md')) ?? [];
const config = read('functions/proxy/config.ts');
const names = [...new Set(config.match(/(?<=')COUNTERSIGN_[A-Z_]+(?=')/g))];

it('finds variables in the source', () => {
  expect(names).toContain('COUNTERSIGN_PARAMETER_PATH');
});

it.each(names)('has a row for %s', (name) => {
  expect(section).toContain(`\n| \`${name}\` |`);
});

it('has no row for a variable that the runtime does not read', () => {
  const rows = [...section.matchAll(/\| `(COUNTERSIGN_\w+)` \|/g)].map(([, name]) => name);
  expect(rows.toSorted()).toEqual(names.toSorted());
});
