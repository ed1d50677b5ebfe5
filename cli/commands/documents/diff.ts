/** `routes diff`, `consumers diff` and so on. */
import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { findChanges } from '../../documents/changes.ts';
import { readFile } from '../../documents/files.ts';
import type { Kind } from '../../documents/kinds.ts';
import { idArgument, parseVersion, reveal } from '../../documents/options.ts';
import { requireHistory, requireVersion } from '../../documents/stored.ts';
import type { Origin } from '../../documents/yaml.ts';
import { renderDiff } from '../../plan/text-diff.ts';
import { CliError } from '../../terminal/cli-error.ts';
import { withExamples } from '../../terminal/examples.ts';

interface DiffOptions {
  readonly from?: number;
  readonly to?: number;
  readonly reveal?: boolean;
}

/** Creates `diff`. It fails with `FOUND` if there is a difference. */
export function createDiffCommand(context: Context, kind: Kind): Command {
  const { command: name, singular, exampleId } = kind;
  const command = new Command('diff')
    .description(
      `compare versions of a ${singular}, or a version with a file; status 1 when they differ`,
    )
    .addArgument(idArgument(kind))
    .argument('[file]', 'what to compare with; - for stdin')
    .option('--from <version>', 'older side (the version before the other side)', parseVersion)
    .option('--to <version>', 'newer side (the newest version)', parseVersion)
    .addOption(reveal())
    .action((id: string, file: string | undefined, options: DiffOptions) =>
      diff(context, kind, { id, file, ...options }),
    );
  return withExamples(command, [
    { does: 'What the last change was', run: `npx countersign ${name} diff ${exampleId}` },
    {
      does: 'Between two versions',
      run: `npx countersign ${name} diff ${exampleId} --from 1 --to 2`,
    },
    {
      does: 'What putting the file would change',
      run: `npx countersign ${name} diff ${exampleId} ${exampleId}.json`,
    },
  ]);
}

interface DiffRequest extends DiffOptions {
  readonly id: string;
  readonly file: string | undefined;
}

interface Side {
  readonly name: string;
  readonly text: string;
}

async function diff(context: Context, kind: Kind, request: DiffRequest): Promise<void> {
  const [old, next] = await readSides(context, kind, request);
  const output = context.output();
  const isConsumer = kind.name === 'consumers';
  const lines = renderDiff(old.text, next.text, {
    ...{ reveal: request.reveal ?? false, isConsumer, paint: output.paint },
  });
  const changed = findChanges(old.text, next.text);
  if (changed.length > 0) context.setExitCode('FOUND');
  output.result({ id: request.id, from: old.name, to: next.name, changed }, () =>
    changed.length === 0
      ? `${old.name} and ${next.name} are the same.`
      : `${output.paint('bold', `${old.name} → ${next.name}`)}\n${lines}`,
  );
}

function toYamlError(file: string, { found, place }: NonNullable<Origin['fault']>): CliError {
  const at = `${file}:${place.line}:${place.column}`;
  return new CliError('INVALID', `${at}  found ${found}, expected one document in YAML 1.2.`);
}

async function readSides(
  context: Context,
  kind: Kind,
  { id, file, from, to }: DiffRequest,
): Promise<readonly [Side, Side]> {
  if (file !== undefined && to !== undefined) {
    throw new CliError('USAGE', 'A file and --to are both the newer side: give one of them.');
  }
  const versions = await requireHistory(context, kind, id);
  const newest = versions[0]?.version ?? 0;
  const side = (version: number): Side => ({
    name: `version ${version}`,
    text: requireVersion(versions, version).value,
  });
  if (file !== undefined) {
    const { text, origin } = await readFile(context, file, id);
    if (origin?.fault) throw toYamlError(file, origin.fault);
    return [side(from ?? newest), { name: file, text }];
  }
  const newer = to ?? newest;
  if (from === undefined && newer === 1) {
    throw new CliError('NOT_FOUND', `${kind.name}/${id} has no version before its first one.`);
  }
  return [side(from ?? newer - 1), side(newer)];
}
