/** The documentation is true: paths exist, commands work, JSON examples are valid documents. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { allPlugins } from '../../functions/proxy/plugins/all.ts';
import { assumedObjects } from '../../functions/proxy/routes/judge.ts';
import { type Stack, startStack } from '../../local/stack/stack.ts';
import { toServices } from '../support/builders.ts';
import { send } from '../support/client.ts';
import { compile, rules } from '../support/documents.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const pages = [
  'README.md',
  'AGENTS.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;

describe.each(pages)('%s', (page) => {
  const text = read(page);

  it('links to pages and headings that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(#[^)]*)?\)/g)];
    const broken = links.filter(([, file = '', anchor]) => {
      const target = join(page, '..', file === '' ? (page.split('/').at(-1) ?? '') : file);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !toAnchors(read(target)).includes(anchor);
    });

    expect(broken.map(([link]) => link)).toEqual([]);
  });

  it('names files that exist', () => {
    const names = [
      ...text.matchAll(
        /`((?:functions|lib|bin|cli|schema|local|test|bench|docs|package|pictures|release|terraform|\.ci|\.github)\/[\w./-]*)`/g,
      ),
    ];

    expect(
      names.map(([, name = '']) => name).filter((name) => !existsSync(join(root, name))),
    ).toEqual([]);
  });

  it('names npm scripts that exist', () => {
    const names = [
      ...text.matchAll(/npm (?:run )?(?:--silent )?(start|test(?=\b[^:])|(?<=run )[\w:]+)/g),
    ];

    expect(
      names.map(([, name = '']) => name).filter((name) => scripts[name] === undefined),
    ).toEqual([]);
  });
});

it('docs/operations.md explains every error code, with the status that it has', () => {
  const codes = [...read('functions/proxy/http/errors.ts').matchAll(/^ {2}([A-Z_]+): \[(\d+),/gm)];
  const rows = new Map(
    [...read('docs/operations.md').matchAll(/^\| `([A-Z_]+)` \| (\d+)/gm)].map(
      ([, code = '', status = '']) => [code, status],
    ),
  );

  expect(codes.length).toBeGreaterThan(15);
  expect(rows).toEqual(new Map(codes.map(([, code = '', status = '']) => [code, status])));
});

it('docs/route-documents.md lists all plugins in the order in which they run', () => {
  const [, table = ''] =
    /### Other plugins\n([\s\S]*?\n)\n[^|]*route is open/.exec(read('docs/route-documents.md')) ??
    [];
  const cells = [...table.matchAll(/^\| (.*?) \|/gm)].map(([, cell = '']) => cell);
  const listed = cells.flatMap((cell) => [...cell.matchAll(/`([\w-]+)`/g)].map(([, name]) => name));
  const byPriority = allPlugins.names
    .flatMap((name) => allPlugins.get(name) ?? [])
    .sort((a, b) => b.priority - a.priority);

  expect(listed).toEqual(byPriority.map(({ name }) => name));
});

describe('the JSON examples of route documents', () => {
  it.each(examplesOf('uri'))('are valid: %s', async (text) => {
    const document: unknown = JSON.parse(
      text.replace(/ \/\/ .*$/gm, '').replace(/ {2,}\/\/.*$/gm, ''),
    );
    const compiled = await compile(document, {
      references: { rules, readSecret: () => 'a-secret', readVariable: () => undefined },
      services: toServices({ allowedHosts: '*.azurewebsites.net' }),
      shared: assumedObjects,
    });

    expect(compiled.routes).toHaveLength(1);
  });
});

it.each(examplesOf('username'))('the example of a consumer is valid: %s', async (text) => {
  const compiled = await compile(JSON.parse(text), {
    kind: 'consumer',
    references: { rules, readSecret: () => 'a-secret-of-16-bytes', readVariable: () => undefined },
    shared: assumedObjects,
  });

  expect(compiled.consumers).toHaveLength(1);
});

describe("the README's curl lines", () => {
  const blocks = [
    ...read('README.md').matchAll(/```sh\n(curl [^\n]*)\n```\n\n```\n([\s\S]*?)```/g),
  ];
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack();
  });

  afterAll(() => stack.close());

  it.each(blocks.map(([, command = '', printed = '']) => [command, printed]))(
    'print what the page shows: %s',
    async (command, printed) => {
      const [, port = '', target = ''] = /127\.0\.0\.1:(\d+)([^' ]*)/.exec(command) ?? [];
      const url = port === '3000' ? stack.url : stack.helloUrl.replace(/\/$/, '');
      const [, body] = / -d '([^']*)'/.exec(command) ?? [];
      const headers = [...command.matchAll(/ -H '(\S+): ([^']*)'/g)].map(
        ([, name = '', value = '']) => [name, value] as const,
      );
      const method = body === undefined ? 'GET' : 'POST';
      const response = await send(url, { method, target, headers, ...(body && { body }) });

      const [statusLine = '', ...lines] = printed.split('\n\n')[0]?.split('\n') ?? [];
      expect(statusLine).toContain(` ${response.status} `);
      for (const line of lines) {
        const [name = '', value] = line.split(': ');
        expect(response.header(name)).toBe(value);
      }
      expect(response.text().trim()).toBe(printed.split('\n\n')[1]?.trim());
    },
  );

  it('shows one refused, one answered, and one that the upstream answers with a problem', () => {
    expect(blocks).toHaveLength(3);
  });
});

describe('npm start', () => {
  it('explains itself with --help', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', join(root, 'local', 'start', 'start.ts'), '--help'],
      { cwd: root },
    );

    expect(stdout).toContain('--port');
    expect(stdout).toContain('--part');
  });
});

/** @returns the JSON blocks of all pages that begin with the field */
function examplesOf(first: string): string[] {
  const block = new RegExp(`\`\`\`jsonc?\\n(\\{\\n {2}"${first}"[\\s\\S]*?)\`\`\``, 'g');
  return pages.flatMap((page) => [...read(page).matchAll(block)].map(([, text = '']) => text));
}

/** GitHub's anchors of a page's headings. */
function toAnchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(
    ([, heading = '']) =>
      `#${heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .trim()
        .replaceAll(' ', '-')}`,
  );
}
