/** `routes history`, `consumers history`. */
import { Command } from 'commander';
import { createChecker, type PlacedIssue } from '../../check/checker.ts';
import { readSources } from '../../check/sources.ts';
import type { Context } from '../../context.ts';
import { findChanges } from '../../documents/changes.ts';
import type { Kind } from '../../documents/kinds.ts';
import { idArgument } from '../../documents/options.ts';
import { requireHistory } from '../../documents/stored.ts';
import { withExamples } from '../../terminal/examples.ts';
import { renderTable, toMinute, toPlain } from '../../terminal/table.ts';

/** Creates `history`. It fails with `NOT_FOUND` if there is no such document. */
export function createHistoryCommand(context: Context, kind: Kind): Command {
  const { command: name, singular, exampleId } = kind;
  const command = new Command('history')
    .description(`list the versions of a ${singular}, the changes of each, and which are valid`)
    .addArgument(idArgument(kind))
    .action((id: string) => history(context, kind, id));
  return withExamples(command, [
    { does: 'Newest first', run: `npx countersign ${name} history ${exampleId}` },
  ]);
}

/** A longer list of places would not help to find a version. */
const maxChanges = 4;

interface Row {
  readonly version: number;
  readonly modified: string | undefined;
  readonly user: string | undefined;
  readonly changed: readonly string[];
  readonly issues: readonly PlacedIssue[];
}

async function history(context: Context, kind: Kind, id: string): Promise<void> {
  const versions = await requireHistory(context, kind, id);
  const texts = versions.map(({ value }) => value);
  const checker = await createChecker(context, await readSources(context, texts));
  const rows: Row[] = [];
  for (const [index, { name, value, version, modified, user }] of versions.entries()) {
    const { issues } = await checker.check({ parameter: name, text: value });
    const changed = findChanges(versions[index + 1]?.value, value);
    rows.push({ version, modified: modified?.toISOString(), user, changed, issues });
  }
  const output = context.output();
  output.result(rows, () => {
    const head = ['VERSION', 'WRITTEN', 'BY', 'STATE', 'CHANGED'];
    const lines = rows.map(({ version, modified, user, changed, issues }) => [
      String(version),
      toMinute(modified),
      user?.split('/').at(-1) ?? '',
      issues.length > 0 ? output.paint('red', 'invalid') : output.paint('green', 'valid'),
      toShort(changed),
    ]);
    return renderTable([head, ...lines]);
  });
  const [newest, previous] = versions;
  if (output.isJson || !newest || !previous) return;
  const { version } = previous;
  output.note(
    `Compare: ${context.commandLine(`${kind.command} diff ${id} --from ${version} --to ${newest.version}`)}`,
  );
  output.note(`Go back: ${context.commandLine(`${kind.command} rollback ${id} --to ${version}`)}`);
}

function toShort(changed: readonly string[]): string {
  const more = changed.length - maxChanges;
  const shown = changed.slice(0, maxChanges).map(toPlain);
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(' ');
}
