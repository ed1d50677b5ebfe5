/** Every export of the runtime, the constructs and the CLI says what it is, in TSDoc on the line before it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** TypeScript 7 has no compiler API, so the lines are read: declarations begin at the start of a line. */
const declaration =
  /^export (?:async |abstract |declare )*(?:function\*?|const|class|interface|type) (\w+)/;

/** @returns names of exports whose previous line does not end a TSDoc comment */
function findUndocumented(source: string): string[] {
  const lines = source.split('\n');
  return lines.flatMap((line, index) => {
    const name = declaration.exec(line)?.[1];
    const isDocumented = lines[index - 1]?.trimEnd().endsWith('*/') ?? false;
    return name === undefined || isDocumented ? [] : [name];
  });
}

test('an export without TSDoc is found, and a documented one is not', () => {
  expect(findUndocumented('/** Adds. */\nexport function add() {}\n')).toEqual([]);
  expect(findUndocumented('\nexport async function* add() {}\nexport type Sum = 1;')).toEqual([
    'add',
    'Sum',
  ]);
});

test.each(['functions/proxy', 'lib', 'cli'])('every export of %s has TSDoc', (folder) => {
  const root = join(import.meta.dirname, '..', '..', folder);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  expect(files.length).toBeGreaterThan(20);
  const undocumented = files.flatMap((file) =>
    findUndocumented(readFileSync(join(root, file), 'utf8')).map(
      (name) => `${folder}/${file}: ${name}`,
    ),
  );
  expect(undocumented).toEqual([]);
});
