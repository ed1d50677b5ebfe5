/** `check`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { createChecker, type Verdict } from '../check/checker.ts';
import { findConflicts, findOpenRoutes } from '../check/conflicts.ts';
import { invalidDocuments } from '../check/report.ts';
import { assumeSources, type Sources } from '../check/sources.ts';
import type { Context } from '../context.ts';
import { type DocumentFile, isFolder, readFile, readFolder } from '../documents/files.ts';
import { type KindName, kinds } from '../documents/kinds.ts';
import { CliError } from '../terminal/cli-error.ts';
import { withExamples } from '../terminal/examples.ts';
import { findJson } from '../terminal/json.ts';

/** Creates `check`, which reads files and nothing else. It fails with `INVALID`. */
export function createCheckCommand(context: Context): Command {
  const command = new Command('check')
    .argument(
      '<path...>',
      'files, or folders: in routes/ and consumers/ below them documents of that kind, else by their fields',
    )
    .action((paths: string[]) => check(context, paths));
  return withExamples(command, [
    {
      does: 'Every document of a folder; no Region, credentials or network are needed',
      run: 'npx countersign check documents/',
    },
  ]);
}

interface Checked extends Verdict {
  readonly id: string;
  readonly source: string;
}

async function check(context: Context, paths: readonly string[]): Promise<void> {
  const rules = context.settings().rules(rootOf(context));
  const sources = assumeSources(rules);
  const found = await readAll(context, paths);
  const checked: Checked[] = [];
  for (const kind of ['consumers', 'routes'] as const) {
    const own = found.filter((document) => document.kind === kind);
    checked.push(...(await checkAll(context, kind, own, sources)));
  }
  const warnings = findWarnings(checked, sources);
  const output = context.output();
  for (const text of warnings) output.warn(text);
  const invalid = checked.filter(({ issues }) => issues.length > 0);
  const valid = checked.length - invalid.length;
  if (invalid.length > 0)
    throw invalidDocuments(context, invalid, `${valid} of ${checked.length} are valid`);
  output.result({ documents: checked.length, warnings }, () =>
    checked.length === 1 ? '1 document is valid.' : `${checked.length} documents are valid.`,
  );
}

/** The root of the parameters' names. A placeholder is enough without `--path`, because no parameter is read. */
function rootOf(context: Context): string {
  try {
    return context.settings().root();
  } catch (error) {
    if (error instanceof CliError && error.code === 'USAGE') return '/countersign/unknown';
    throw error;
  }
}

type Found = DocumentFile & { readonly kind: KindName };

async function readAll(context: Context, paths: readonly string[]): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const path of paths) {
    if (!isFolder(path)) {
      found.push(await readOne(context, path));
      continue;
    }
    const folders = (Object.keys(kinds) as KindName[]).filter((kind) =>
      existsSync(join(path, kind)),
    );
    for (const kind of folders) {
      for (const file of readFolder(join(path, kind))) found.push({ ...file, kind });
    }
    if (folders.length > 0) continue;
    for (const file of readFolder(path)) found.push({ ...file, kind: guessKind(file) });
  }
  return found;
}

/** A credential is known by its place alone. */
async function readOne(context: Context, path: string): Promise<Found> {
  const below = /(?:^|\/)consumers\/([^/]+\/credentials\/.+)\.(?:json|ya?ml)$/i.exec(path);
  const alone = /(?:^|\/)([^/]+(?:\/credentials\/[^/]+)+)\.(?:json|ya?ml)$/i.exec(path);
  const id = (below ?? alone)?.[1];
  const file = await readFile(context, path, id);
  return { ...file, kind: id === undefined ? guessKind(file) : 'consumers' };
}

/** A consumer has a user name and no path. */
function guessKind({ text }: DocumentFile): KindName {
  const value = findJson(text)?.value;
  const [first] = Array.isArray(value) ? value : [value];
  const has = (key: string) => typeof first === 'object' && first !== null && key in first;
  return has('username') && !has('uri') && !has('uris') ? 'consumers' : 'routes';
}

async function checkAll(
  context: Context,
  kind: KindName,
  files: readonly DocumentFile[],
  sources: Sources,
): Promise<readonly Checked[]> {
  const checker = await createChecker(context, sources);
  const checked: Checked[] = [];
  for (const { id, text, file, origin } of files) {
    const parameter = `${rootOf(context)}/${kind}/${id}`;
    checked.push({ ...(await checker.check({ parameter, text, origin })), id, source: file });
  }
  return checked;
}

function findWarnings(checked: readonly Checked[], sources: Sources): readonly string[] {
  const compiled = checked.flatMap((document) => document.compiled ?? []);
  const open = findOpenRoutes(compiled);
  return [
    ...checked.flatMap(({ warnings }) => warnings),
    ...(open.length > 0
      ? [`no access plugin protects ${open.join(', ')}: anyone who knows the URL may call it`]
      : []),
    ...findConflicts(compiled),
    ...sources.remarks(),
  ];
}
