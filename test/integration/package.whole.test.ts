/** What `npm pack` would pack, less declarations and template, which `npm run test:package` looks at. */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { inheritedEnv } from '../../local/process-env.ts';
import { countersign } from '../support/cli.ts';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

interface PackedFile {
  readonly path: string;
}

interface Packed {
  readonly size: number;
  readonly files: readonly PackedFile[];
}

let packed: Packed;
let paths: readonly string[];

beforeAll(async () => {
  await run(process.execPath, ['--import', 'tsx', 'package/build.ts', '--bundles-only'], {
    cwd: root,
  });
  const args = ['pack', '--dry-run', '--ignore-scripts', '--offline', '--json'];
  const { stdout } = await run('npm', args, { cwd: root, maxBuffer: 8 * 1024 * 1024 });
  packed = readPacked(stdout);
  paths = packed.files.map(({ path }) => path);
});

/** npm 12 prints an object by package name, older ones an array. */
function readPacked(text: string): Packed {
  const [first] = Object.values(JSON.parse(text) as Record<string, Packed>);
  if (!first) throw new Error('npm packed nothing');
  return first;
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly main: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies?: unknown;
};

test('the package is at most 6 MB', () => {
  expect(packed.size).toBeLessThanOrEqual(6 * 1024 * 1024);
});

test('the package contains the build, the schemas and the docs, and no sources', () => {
  const folders = new Set(paths.map((path) => path.split('/').slice(0, -1).join('/')));
  const top = [...folders].filter((path) => path.split('/').length <= 2).sort();

  expect(top).toEqual(
    [
      ...['', 'bin', 'dist', 'dist/cli', 'dist/create-route', 'dist/hello', 'dist/lib'],
      ...['dist/proxy', 'dist/publisher', 'dist/users', 'schema', 'schema/plugins', 'terraform'],
      ...['docs', 'docs/guides', 'docs/migrate', 'docs/plugins'],
    ].sort(),
  );
  expect(paths.filter((path) => !path.includes('/')).sort()).toEqual([
    'AGENTS.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'LICENSE',
    'README.md',
    'package.json',
  ]);
  expect(paths.filter((path) => /\.ts$/.test(path))).toEqual([]);
});

test('each link of a page leads to a file of the package', () => {
  const pages = paths.filter((path) => path.endsWith('.md'));
  const links = pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)\s]+)\)|srcset="([^"]+)"/g)]
      .map(([, link, source]) => (link ?? source ?? '').split('#')[0] ?? '')
      .filter((link) => link !== '' && !/^\w+:/.test(link))
      .map((link) => ({ page, link, target: join(dirname(page), link) })),
  );

  expect(links.length).toBeGreaterThan(100);
  expect(links.filter(({ target }) => !paths.includes(target))).toEqual([]);
});

test('the package has what package.json names', () => {
  const { exports, main, bin } = manifest;
  const entries = Object.values(exports).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  );
  const named = [...entries, main, ...Object.values(bin)]
    .map((path) => path.replace(/^\.\//, ''))
    .filter((path) => !path.endsWith('.d.ts') && !path.includes('*'));

  expect(named.filter((path) => !paths.includes(path))).toEqual([]);
  expect(paths).toContain('schema/route.json');
});

test('the package depends on nothing, and its constructs import CDK and Node alone', () => {
  const text = readFileSync(join(root, 'dist/lib/index.mjs'), 'utf8');
  const imported = [...text.matchAll(/^import .*from "([^"]+)";$/gm)].map(([, name = '']) => name);
  const others = imported.filter((name) => !/^(node:|aws-cdk-lib(\/|$)|constructs$)/.test(name));

  expect(manifest.dependencies).toBeUndefined();
  expect(imported.length).toBeGreaterThan(10);
  expect(others).toEqual([]);
});

describe('the bundled CLI', () => {
  const entry = 'dist/cli/countersign.mjs';

  /** Bytes of the entry and all that it imports at once. */
  function countEagerBytes(): number {
    const files = new Set([entry]);
    let bytes = 0;
    for (const file of files) {
      const text = readFileSync(join(root, file), 'utf8');
      bytes += text.length;
      const imported = text.matchAll(/(?:\bfrom|\bimport)"(\.\/[^"]+)"/g);
      for (const [, path = ''] of imported) files.add(join(dirname(entry), path));
    }
    return bytes;
  }

  test('loads at once what --version and --help need, and a command when it is named', () => {
    expect(countEagerBytes()).toBeLessThan(100 * 1024);
    expect(readdirSync(join(root, dirname(entry))).join(' ')).toMatch(/check-\w+\.mjs/);
  });
});

describe('the packed CLI, where there is nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-package-'));
  const cli = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    run(process.execPath, [join(folder, 'bin/countersign.mjs'), ...args], {
      cwd: folder,
      env: { ...inheritedEnv(), ...env },
    });

  /** Sizes of the modules of the CLI that a process loaded, by the coverage that Node wrote. */
  function countLoadedBytes(coverage: string): number {
    const scripts = readdirSync(coverage).flatMap((name) => {
      const { result } = JSON.parse(readFileSync(join(coverage, name), 'utf8')) as {
        result: { url: string }[];
      };
      return result.map(({ url }) => url).filter((url) => url.includes('/dist/cli/'));
    });
    return [...new Set(scripts)].reduce((sum, url) => sum + statSync(new URL(url)).size, 0);
  }

  beforeAll(() => {
    for (const path of paths.filter((name) => /^(bin|dist\/cli|package\.json)/.test(name))) {
      cpSync(join(root, path), join(folder, path));
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('prints its version', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

    expect(existsSync(join(folder, 'node_modules'))).toBe(false);
    expect((await cli(['--version'])).stdout).toBe(`${version}\n`);
  });

  test.each(['bash', 'zsh', 'fish'])(
    'completes in %s as the sources do, and loads no other command for it',
    async (shell) => {
      const coverage = join(folder, `coverage-${shell}`);
      const { stdout } = await cli(['completion', shell], { NODE_V8_COVERAGE: coverage });
      const { stdout: fromSource } = await countersign('http://127.0.0.1:9', ['completion', shell]);

      expect(stdout).toBe(fromSource);
      expect(stdout).toContain('upstream');
      // The entry, and the words of all commands. Every command would be more than a megabyte.
      expect(countLoadedBytes(coverage)).toBeLessThan(140 * 1024);
    },
  );

  test('prints a schema, which takes all plugins', async () => {
    const { stdout } = await cli(['schema', 'route']);

    expect(stdout).toBe(readFileSync(join(root, 'schema/route.json'), 'utf8'));
  });
});

test('the licences of the bundled packages go along', () => {
  const text = readFileSync(join(root, 'dist/LICENCES.txt'), 'utf8');

  expect(paths).toContain('dist/LICENCES.txt');
  const named = [...text.matchAll(/^(\S+) \d\S*: /gm)].map(([, name]) => name);
  expect(named).toEqual(
    expect.arrayContaining(['@aws-sdk/client-ssm', 'valibot', 'jose', 'dynalite', 're2js']),
  );
});
