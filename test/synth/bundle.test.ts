/** What Lambda loads at a cold start, counted on the built artefact. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', '..', 'dist', 'proxy');
/** What is loaded before the first call for a table. */
const eagerBudgetBytes = 75 * 1024;
/** That and what is loaded while the answer is under way. */
const startBudgetBytes = 120 * 1024;
/** Lambda fetches and unpacks all of it, whatever a route needs. The validator of JSON Schemas alone is 130 KB. */
const totalBudgetBytes = 1000 * 1024;

describe('the built proxy', () => {
  const eager = findEager('index.mjs');
  const sources = [...eager].flatMap(readSources);
  const second = findEager(findChunkOf('routes/snapshot/compile-record.ts'));
  const start = new Set([...eager, ...second]);

  it(`loads at most ${eagerBudgetBytes} bytes eagerly`, () => {
    expect(countBytes([...eager])).toBeLessThanOrEqual(eagerBudgetBytes);
  });

  it(`loads at most ${startBudgetBytes} bytes until a route can be compiled`, () => {
    expect(countBytes([...start])).toBeLessThanOrEqual(startBudgetBytes);
  });

  it(`comes to at most ${totalBudgetBytes} bytes with all that it loads lazily`, () => {
    const all = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    expect(countBytes(all.filter((file) => file.endsWith('.mjs')))).toBeLessThanOrEqual(
      totalBudgetBytes,
    );
  });

  it('has one chunk for each layer beside the entry, however many plugins share parts of them', () => {
    // esbuild keeps its own few helpers apart.
    const isLarge = (file: string) => countBytes([file]) > 2048;
    expect([...eager].filter((file) => isLarge(file) && file !== 'index.mjs')).toHaveLength(1);
    expect([...start].filter((file) => isLarge(file) && file !== 'index.mjs')).toHaveLength(2);
  });

  it('loads the AWS SDK and the JSON error locator only when they are needed', () => {
    const text = [...eager].map((file) => readFileSync(join(folder, file), 'utf8')).join('');

    expect(text).not.toContain('AssumeRoleWithWebIdentity');
    expect(text).not.toContain('CloseBracketExpected');
    expect(text).toMatch(/import\("\.\/sdk\/sdk-credentials\.mjs"/);
  });

  it('finds what it loads lazily', () => {
    const lazy = [...start].flatMap((file) => {
      const paths = readFileSync(join(folder, file), 'utf8').matchAll(/import\("(\.[^"]+)"\)/g);
      return [...paths].map(([, path = '']) => join(folder, file, '..', path));
    });

    expect(lazy.length).toBeGreaterThan(5);
    expect(lazy.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('has no package of others in its eager part, and one in what compiles documents', () => {
    const toPackages = (files: ReadonlySet<string>) =>
      [...files]
        .flatMap(readSources)
        .flatMap((source) => /node_modules\/(?:@[^/]+\/)?[^/]+/.exec(source)?.[0] ?? []);

    expect(toPackages(eager)).toEqual([]);
    expect([...new Set(toPackages(start))]).toEqual(['node_modules/valibot']);
  });

  it('loads of the plugins the one that calls AWS, and what all of them share, when it compiles documents', () => {
    expect(sources.filter((source) => source.includes('functions/proxy/plugins/'))).toEqual([]);

    const plugins = [...start]
      .flatMap(readSources)
      .filter((source) => source.includes('functions/proxy/plugins/'));
    expect(plugins.map((source) => source.replace(/^.*\/plugins\//, '')).sort()).toEqual([
      'plugin.ts',
      'registry.ts',
      'serverless/aws-lambda.ts',
    ]);
  });

  it("imports nothing but its own files: an import of Node's reads every export of the module", () => {
    const imports = [...eager].flatMap((file) => findImports(file));

    expect(imports.length).toBeGreaterThan(0);
    expect(imports.filter((name) => !name.startsWith('.'))).toEqual([]);
  });
});

/** A file and everything that it imports statically. */
function findEager(entry: string): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (file: string) => {
    if (found.has(file)) return;
    found.add(file);
    for (const name of findImports(file)) {
      if (name.startsWith('.')) visit(join(file, '..', name));
    }
  };
  visit(entry);
  return found;
}

/** @returns the file that a lazy import of this source loads */
function findChunkOf(source: string): string {
  const name = source.replace(/^.*\/|\.ts$/g, '');
  const file = readdirSync(folder).find((other) => other.startsWith(`${name}-`));
  if (file === undefined) throw new Error(`${source} is in no chunk of its own`);
  return file;
}

function findImports(file: string): string[] {
  const text = readFileSync(join(folder, file), 'utf8');
  const statements = text.matchAll(
    /(?:^|[;}\n])(?:import|export)\b[^;"'(]*?(?:from)?["']([^"']+)["']/g,
  );
  return [...statements].map(([, name = '']) => name);
}

/** What a file was made of, from its source map. */
function readSources(file: string): string[] {
  const map = JSON.parse(readFileSync(join(folder, `${file}.map`), 'utf8')) as {
    readonly sources: readonly string[];
  };
  return map.sources.filter((source) => !source.startsWith('builtin:'));
}

function countBytes(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
}
