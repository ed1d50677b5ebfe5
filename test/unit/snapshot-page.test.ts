/** docs/snapshot.md says which test holds each promise: the test is there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const [, section = ''] = read('docs/snapshot.md').split('\n## Which tests hold this\n');
const rows = [...section.matchAll(/^\| (.+) \| `(test\/\S+)` \| `(.+)` \|$/gm)].map(
  ([, promise = '', file = '', name = '']) => [promise, file, name] as const,
);

it('has a row for each promise', () => {
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  // The head of the table has two.
  expect(rows.length).toBe(lines.length - 2);
  expect(rows.length).toBeGreaterThan(40);
});

it.each(rows)('%s: %s has a test named %s', (_, file, name) => {
  expect(read(file)).toContain(name);
});
