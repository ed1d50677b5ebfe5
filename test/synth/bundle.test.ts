/** What Lambda loads at a cold start, counted on the built artefact. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', '..', 'dist', 'proxy');
/** DESIGN §8 */
const budgetBytes = 120 * 1024;

describe('the built proxy', () => {
  const eager = findEager('index.mjs');

  it(`loads at most ${budgetBytes} bytes eagerly`, () => {
    const bytes = [...eager].reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);

    expect(bytes).toBeLessThanOrEqual(budgetBytes);
  });

  it('loads the AWS SDK and the JSON error locator only when they are needed', () => {
    const text = [...eager].map((file) => readFileSync(join(folder, file), 'utf8')).join('');

    expect(text).not.toContain('AssumeRoleWithWebIdentity');
    expect(text).not.toContain('CloseBracketExpected');
    expect(text).toMatch(/import\("\.\/sdk\/sdk-credentials\.mjs"/);
  });

  it('loads no plugin, nor what plugins alone need, before a document names it', () => {
    const text = [...eager].map((file) => readFileSync(join(folder, file), 'utf8')).join('');

    for (const own of ['error parsing regexp', 'DynamoDB_20120810', 'access-control-allow']) {
      expect(text).not.toContain(own);
    }
  });

  it('imports nothing but its own files and Node', () => {
    const imports = [...eager]
      .flatMap((file) => findImports(file))
      .filter((name) => !name.startsWith('.'));

    expect(imports.filter((name) => !name.startsWith('node:'))).toEqual([]);
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
