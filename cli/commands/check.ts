/** `check`. */
import { dirname } from 'node:path';
import { Command } from 'commander';
import { findConflicts, findOpenRoutes } from '../check/conflicts.ts';
import { invalidDocuments } from '../check/report.ts';
import { assumeSources } from '../check/sources.ts';
import { type Checked, checkTogether, type Text } from '../check/together.ts';
import type { Context } from '../context.ts';
import { type DocumentFile, isFolder, readFile, readFolder } from '../documents/files.ts';
import { findKindFolders } from '../documents/folders.ts';
import { type Kind, kinds } from '../documents/kinds.ts';
import { CliError } from '../terminal/cli-error.ts';
import { withExamples } from '../terminal/examples.ts';
import { findJson } from '../terminal/json.ts';

/** Creates `check`, which reads files and nothing else. It fails with `INVALID`. */
export function createCheckCommand(context: Context): Command {
  const command = new Command('check')
    .argument(
      '<path...>',
      'files, or folders: in routes/, consumers/, services/ and so on below them documents of that kind, else by their fields',
    )
    .action((paths: string[]) => check(context, paths));
  return withExamples(command, [
    {
      does: 'Every document of a folder; no Region, credentials or network are needed',
      run: 'npx countersign check documents/',
    },
  ]);
}

type Found = Text & { readonly source: string };

async function check(context: Context, paths: readonly string[]): Promise<void> {
  const sources = assumeSources(context.settings().rules(rootOf(context)));
  const { texts, whole } = await readAll(context, paths);
  const isWhole = (name: Kind['name']) => whole.has(name);
  const { checked, view } = await checkTogether(context, texts, { sources, isWhole });
  const warnings = [...findWarnings(checked), ...view.remarks(), ...sources.remarks()];
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

interface FoundFiles {
  readonly texts: readonly Found[];
  /** Kinds that have a folder of their own, in which all their documents are. */
  readonly whole: ReadonlySet<Kind['name']>;
}

async function readAll(context: Context, paths: readonly string[]): Promise<FoundFiles> {
  const texts: Found[] = [];
  const whole = new Set<Kind['name']>();
  for (const path of paths) {
    if (!isFolder(path)) {
      texts.push(await readOne(context, path));
      continue;
    }
    const parts = findKindFolders(path);
    for (const { kind, folder } of parts) {
      whole.add(kind.name);
      texts.push(...readFolder(folder).map((file) => toFound(file, kind)));
    }
    if (parts.length > 0) continue;
    texts.push(...readFolder(path).map((file) => toFound(file, guessKind(file))));
  }
  return { texts, whole };
}

function toFound({ file: source, ...document }: DocumentFile, kind: Kind): Found {
  return { ...document, kind, source };
}

/** A credential is known by its place alone. */
async function readOne(context: Context, path: string): Promise<Found> {
  const below = /(?:^|\/)consumers\/([^/]+\/credentials\/.+)\.(?:json|ya?ml)$/i.exec(path);
  const alone = /(?:^|\/)([^/]+(?:\/credentials\/[^/]+)+)\.(?:json|ya?ml)$/i.exec(path);
  const id = (below ?? alone)?.[1];
  const file = await readFile(context, path, id);
  return toFound(file, id === undefined ? guessKind(file) : kinds.consumers);
}

/** By the folder, else by the fields: a consumer has a user name and no path, and a shared object neither. */
function guessKind({ text, file }: DocumentFile): Kind {
  const folder = dirname(file).split(/[/\\]/).at(-1) ?? '';
  if (Object.hasOwn(kinds, folder)) return kinds[folder as Kind['name']];
  const value = findJson(text)?.value;
  const [first] = Array.isArray(value) ? value : [value];
  const has = (key: string) => typeof first === 'object' && first !== null && key in first;
  return has('username') && !has('uri') && !has('uris') ? kinds.consumers : kinds.routes;
}

function findWarnings(checked: readonly Checked[]): readonly string[] {
  const compiled = checked.flatMap((document) => document.compiled ?? []);
  const open = findOpenRoutes(compiled);
  return [
    ...checked.flatMap(({ warnings }) => warnings),
    ...(open.length > 0
      ? [`no access plugin protects ${open.join(', ')}: anyone who knows the URL may call it`]
      : []),
    ...findConflicts(compiled),
  ];
}
