/** Bundles each test file with the sources that it imports; those that are mutated come instrumented. */
import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import type { Instrumented } from './instrument.ts';

/** A test file, ready to be run. */
export interface Bundle {
  readonly testFile: string;
  readonly code: string;
  /** The mutated files that it imports, itself, through test/support or through files of the same folder. */
  readonly sources: readonly string[];
}

/** @param sources by their path from the root */
export async function bundleTests(
  root: string,
  testFiles: readonly string[],
  sources: ReadonlyMap<string, Instrumented>,
): Promise<readonly Bundle[]> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [...testFiles],
    outdir: 'out',
    outbase: '.',
    bundle: true,
    write: false,
    metafile: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    supported: { 'dynamic-import': false },
    logLevel: 'error',
    plugins: [replaceSources(root, sources)],
  });
  const bundles: Bundle[] = [];
  for (const { path, text } of outputFiles) {
    const testFile = metafile.outputs[relative(root, path)]?.entryPoint;
    if (testFile === undefined) continue;
    const used = [...sources.keys()].filter((source) => isNear(metafile, testFile, source));
    if (used.length > 0) bundles.push({ testFile, code: text, sources: used });
  }
  return bundles;
}

const samples = 'test/support/sample.ts';
/** A mutant that a few inputs do not show is not shown by a thousand, mostly. And the same inputs in each run. */
const shortSamples = `
  export const sample = (items) => items.filter((_, index) => index % 4 === 0);
  export const isWhole = false;
  export const wholeTest = test.skip;
  export const toRuns = (whole) => Math.ceil(whole / 40);
`;

/** Nearly every test has its values from here, so that it says nothing of what a test is about. */
const builders = 'test/support/builders.ts';

/** What is tested through the plugins in front of it: their tests are tests of these folders. */
const fronts: readonly { readonly behind: RegExp; readonly front: RegExp }[] = [
  {
    behind: /^functions\/proxy\/upstream\/balance\//,
    front: /^functions\/proxy\/(routes|plugins\/(serverless|traffic))\//,
  },
  { behind: /^functions\/proxy\/routes\/shared\//, front: /^functions\/proxy\/routes\// },
  {
    behind: /^functions\/proxy\/(upstream|send)\//,
    front: /^functions\/proxy\/plugins\/serverless\//,
  },
  { behind: /^functions\/proxy\/chain\//, front: /^functions\/proxy\/plugins\// },
  {
    behind: /^functions\/proxy\/plugins\/[a-z-]+\.ts$/,
    front: /^functions\/proxy\/(plugins|routes)\//,
  },
];

/** Most tests come past `http/path.ts` somehow; those that look at its decisions are near it. */
function isNear({ inputs }: Metafile, testFile: string, source: string): boolean {
  const reached = new Set([testFile]);
  for (const file of reached) {
    if (!isOpen(file, source) || file === builders) continue;
    for (const { path } of inputs[file]?.imports ?? []) reached.add(path);
  }
  return reached.has(source);
}

/** Whether what a file imports is tested with it: files of the source's own folder, and plugins of the one above. */
function isOpen(file: string, source: string): boolean {
  const folder = dirname(source);
  if (file.startsWith('test/') || dirname(file) === folder) return true;
  const place = fronts.find(({ behind }) => behind.test(source));
  if (place) return place.front.test(file) || place.behind.test(file);
  return dirname(file) === dirname(folder) && /\/plugins\/\w+\/./.test(folder);
}

function replaceSources(root: string, sources: ReadonlyMap<string, Instrumented>): Plugin {
  return {
    name: 'mutants',
    setup(on) {
      on.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const name = relative(root, path);
        const given = name === samples ? shortSamples : sources.get(name)?.source;
        const contents = given ?? (await readFile(path, 'utf8'));
        return { loader: 'ts', contents: withPlaces(contents, path) };
      });
    },
  };
}

/** A bundle has one place of its own; the files in it keep theirs. */
function withPlaces(source: string, path: string): string {
  return source
    .replaceAll('import.meta.dirname', JSON.stringify(dirname(resolve(path))))
    .replaceAll('import.meta.filename', JSON.stringify(resolve(path)));
}
