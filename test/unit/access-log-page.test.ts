/** docs/request-path.md describes each field of the access line; docs/operations.md those that metrics add. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const toSection = (page: string, heading: string) => {
  const [, section = ''] = read(page).split(`\n## ${heading}\n`);
  return section.split('\n## ', 1)[0] ?? '';
};
const line = toSection('docs/request-path.md', 'The access log');
const metrics = toSection('docs/operations.md', 'Metrics');
const contract = read('test/contract/contract.txt');
const fields = [...contract.matchAll(/^log request\.(\w+)$/gm)].map(([, name = '']) => name);

it('finds the fields of the access line in the contract', () => {
  expect(fields).toEqual(expect.arrayContaining(['requestId', 'totalMs', 'tableAgeSeconds']));
});

it.each(fields)('%s is described', (name) => {
  expect(`${line}${metrics}`).toContain(`\`${name}\``);
});

it.each([...line.matchAll(/"(\w+)":/g)].map(([, name]) => name))(
  '%s of the example has a row in the table',
  (name) => {
    const cells = [...line.matchAll(/^\| (`.*?) \|/gm)].map(([, cell]) => cell).join(' ');
    expect(cells).toContain(`\`${name}\``);
  },
);
