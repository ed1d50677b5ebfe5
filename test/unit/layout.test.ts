/** The floors of functions/proxy (docs/architecture.md): a file imports its own floor or lower ones, types included. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const root = join(import.meta.dirname, '../../functions/proxy');

/** Lowest first. Folders of one floor do not import each other. */
const floors: readonly (readonly string[])[] = [
  ['http'],
  ['chain', 'sign', 'documents'],
  ['log', 'send'],
  ['upstream'],
  ['plugins'],
  ['routes'],
];

const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts'));

function readImports(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const specifiers = [...text.matchAll(/(?:from\s+|import\s*\(\s*)'(\.{1,2}\/[^']+)'/g)];
  return specifiers.map(([, specifier = '']) => posix.join(posix.dirname(file), specifier));
}

/** Files beside the folders stand on top of them; `index.ts` on top of all. */
function toFloor(file: string): number {
  const folder = file.split('/')[0] ?? '';
  const floor = floors.findIndex((names) => names.includes(folder));
  if (floor >= 0) return floor;
  if (file.includes('/')) throw new Error(`${file} is on no floor`);
  return file === 'index.ts' ? floors.length + 1 : floors.length;
}

const imports = new Map(files.map((file) => [file, readImports(file)]));

test('every file of the runtime imports its own floor or lower ones', () => {
  const upward = [...imports].flatMap(([file, targets]) =>
    targets.filter((target) => isUpward(file, target)).map((target) => `${file} -> ${target}`),
  );

  expect(imports.size).toBeGreaterThan(80);
  expect(upward).toEqual([]);
});

function isUpward(file: string, target: string): boolean {
  if (target.startsWith('..')) return true;
  const [from, to] = [toFloor(file), toFloor(target)];
  const isBeside = from === to && from < floors.length;
  return to > from || (isBeside && file.split('/')[0] !== target.split('/')[0]);
}

test('no file of the runtime imports itself through others, types included', () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    for (const target of imports.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);

  expect(circles).toEqual([]);
});
