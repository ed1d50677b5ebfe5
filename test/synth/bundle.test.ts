/** What Lambda loads at a cold start, counted on the built artefact. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', '..', 'dist', 'proxy');
/** DESIGN §8 */
const eagerBudgetBytes = 120 * 1024;
/** Lambda fetches and unpacks all of it, whatever a route needs. */
const totalBudgetBytes = 800 * 1024;

describe('the built proxy', () => {
  const eager = findEager('index.mjs');
  const sources = [...eager].flatMap(readSources);

  it(`loads at most ${eagerBudgetBytes} bytes eagerly`, () => {
    expect(countBytes([...eager])).toBeLessThanOrEqual(eagerBudgetBytes);
  });

  it(`comes to at most ${totalBudgetBytes} bytes with all that it loads lazily`, () => {
    const all = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    expect(countBytes(all.filter((file) => file.endsWith('.mjs')))).toBeLessThanOrEqual(
      totalBudgetBytes,
    );
  });

  it('has its eager part in one chunk beside the entry, however many plugins share parts of it', () => {
    // esbuild keeps its own few helpers apart.
    const files = [...eager].filter((file) => countBytes([file]) > 1024);
    expect(files).toHaveLength(2);
  });

  it('loads the AWS SDK and the JSON error locator only when they are needed', () => {
    const text = [...eager].map((file) => readFileSync(join(folder, file), 'utf8')).join('');

    expect(text).not.toContain('AssumeRoleWithWebIdentity');
    expect(text).not.toContain('CloseBracketExpected');
    expect(text).toMatch(/import\("\.\/sdk\/sdk-credentials\.mjs"/);
  });

  it('finds what it loads lazily', () => {
    const lazy = [...eager].flatMap((file) => {
      const paths = readFileSync(join(folder, file), 'utf8').matchAll(/import\("(\.[^"]+)"\)/g);
      return [...paths].map(([, path = '']) => join(folder, file, '..', path));
    });

    expect(lazy.length).toBeGreaterThan(5);
    expect(lazy.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('has one package of others in its eager part', () => {
    const packages = sources.flatMap(
      (source) => /node_modules\/(@[^/]+\/)?[^/]+/.exec(source) ?? [],
    );
    expect([...new Set(packages.filter((name) => name?.startsWith('node_modules/')))]).toEqual([
      'node_modules/valibot',
    ]);
  });

  it('loads of the plugins the one that calls AWS, and what all of them share', () => {
    const plugins = sources.filter((source) => source.includes('functions/proxy/plugins/'));
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
