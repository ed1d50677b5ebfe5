/** A folder from elsewhere, with symbolic links in it: the CLI writes to none of the files that they lead to. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertNoLinks, isId, writeFiles } from '../../cli/documents/files.ts';

let folder: string;
let outside: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-links-'));
  outside = mkdtempSync(join(tmpdir(), 'countersign-outside-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  rmSync(outside, { recursive: true });
});

const write = (name: string) =>
  writeFiles([{ file: join(folder, name), text: 'secret\n' }], {
    ...{ folder, force: true, isPrivate: true },
  });

test.each<[what: string, name: string, link: () => void]>([
  [
    'a link to a file that is not there',
    'acme.json',
    () => symlinkSync(join(outside, 'a'), join(folder, 'acme.json')),
  ],
  [
    'a link to a file',
    'acme.json',
    () => {
      writeFileSync(join(outside, 'a'), 'theirs');
      symlinkSync(join(outside, 'a'), join(folder, 'acme.json'));
    },
  ],
  ['a link to a folder', 'team/acme.json', () => symlinkSync(outside, join(folder, 'team'))],
])('%s is refused, and nothing is written', (_, name, link) => {
  link();

  expect(() => write(name)).toThrow('is a symbolic link');

  for (const file of readdirSync(outside)) {
    expect(readFileSync(join(outside, file), 'utf8')).toBe('theirs');
  }
});

test('the folder itself may be a link: the operator has named it', () => {
  mkdirSync(join(outside, 'real'));
  symlinkSync(join(outside, 'real'), join(folder, 'link'));

  expect(() => assertNoLinks(join(folder, 'link'), join(folder, 'link', 'a.json'))).not.toThrow();
});

test.each(['.countersign', '.git/config', 'a/.hidden', '..', 'a/..'])(
  '%s is not a valid id for a file',
  (id) => {
    expect(isId(id)).toBe(false);
  },
);
