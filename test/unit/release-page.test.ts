/** The table of parameters on the page about the template. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parameters } from '../../release/parameters.ts';

const file = join(import.meta.dirname, '..', '..', 'docs', 'install-cloudformation.md');
const rows = readFileSync(file, 'utf8').matchAll(/^\| (`[A-Z][^|]*) \| ([^|]*) \| [^|]+ \|$/gm);
const onPage = [...rows].flatMap(([, names = '', value = '']) =>
  [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => [name, value.replaceAll('`', '').trim()]),
);

test('the page lists the parameters of the template with their defaults', () => {
  const expected = Object.entries(parameters).map(([name, parameter]) => {
    const value = 'Default' in parameter ? String(parameter.Default) : undefined;
    return [name, value === undefined ? 'required' : value || 'none'];
  });

  expect(onPage).toEqual(expected);
});
