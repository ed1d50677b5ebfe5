/** `routes list`, `consumers list`. */
import { Command } from 'commander';
import { createChecker, type PlacedIssue } from '../../check/checker.ts';
import { renderIssue } from '../../check/report.ts';
import { readSources } from '../../check/sources.ts';
import type { Context } from '../../context.ts';
import { findRouteGuards, type RouteGuards } from '../../documents/guards.ts';
import type { Kind } from '../../documents/kinds.ts';
import { readStored, type StoredDocument } from '../../documents/stored.ts';
import { describeDocument, type Summary } from '../../documents/summary.ts';
import { withExamples } from '../../terminal/examples.ts';
import { fitRows, renderTable, toMinute } from '../../terminal/table.ts';

/** Creates `list`, which also names invalid documents. */
export function createListCommand(context: Context, kind: Kind): Command {
  const command = new Command('list')
    .description(`list the ${kind.name}, and show which of them are invalid`)
    .action(() => list(context, kind));
  return withExamples(command, [
    { does: `Every ${kind.singular} of the proxy`, run: `npx countersign ${kind.name} list` },
    { does: 'For a script', run: `npx countersign ${kind.name} list --json` },
  ]);
}

interface Row extends Summary {
  readonly id: string;
  readonly version: number;
  readonly modified: string | undefined;
  /** Of routes: the plugins that keep clients out; undefined if that is not known. */
  readonly guards?: readonly string[] | undefined;
  readonly issues: readonly PlacedIssue[];
}

async function list(context: Context, kind: Kind): Promise<void> {
  const stored = await readStored(context, kind);
  const rows = await toRows(context, kind, stored);
  const output = context.output();
  output.result(rows, () => renderRows(context, kind, rows));
  for (const { id, issues } of rows) {
    for (const issue of issues) output.warn(renderIssue(`${kind.name}/${id}`, issue));
  }
  if (rows.some(({ issues }) => issues.length > 0)) {
    output.note(
      'The last valid version of an invalid document stays in force, if it has the same access plugins. A document that lacks something answers 503.',
    );
  }
}

async function toRows(
  context: Context,
  kind: Kind,
  stored: readonly StoredDocument[],
): Promise<Row[]> {
  if (stored.length === 0) return [];
  const texts = stored.map(({ value }) => value);
  const checker = await createChecker(context, await readSources(context, texts));
  const rows: Row[] = [];
  for (const { id, name, value, version, modified } of stored) {
    const { issues } = await checker.check({ parameter: name, text: value });
    const guards: RouteGuards =
      kind.name === 'routes'
        ? await findRouteGuards(checker, { parameter: name, text: value })
        : [];
    for (const [index, summary] of describeDocument(kind, value).entries()) {
      const row = { id, version, modified: modified?.toISOString(), ...summary };
      rows.push({ ...row, ...(kind.name === 'routes' && { guards: guards[index] }), issues });
    }
  }
  return rows;
}

function renderRows(context: Context, kind: Kind, rows: readonly Row[]): string {
  if (rows.length === 0) {
    const add = context.commandLine(`${kind.name} edit ${kind.exampleId}`);
    return `No ${kind.name} below ${context.settings().root()}/${kind.name}. Add one: ${add}`;
  }
  const { paint } = context.output();
  const isRoutes = kind.name === 'routes';
  const head = isRoutes
    ? [kind.idName, 'state', 'methods', 'paths', 'upstream', 'guard', 'ver', 'changed']
    : [kind.idName, 'state', 'plugins', 'version', 'changed'];
  const lines = rows.map((row) => {
    const shown = row.issues.length > 0 ? 'invalid' : row.state;
    const name = row.item === undefined ? row.id : `${row.id}#${row.item}`;
    return [
      name,
      paint(stateColours[shown] ?? 'reset', shown),
      ...(isRoutes ? toRouteCells(row) : toConsumerCells(row)),
    ];
  });
  const table = [head.map((name) => paint('bold', name.toUpperCase())), ...lines];
  // An id is shortened last, because other commands take it.
  const groups = isRoutes ? [[2, 3, 4, 5], [0]] : [[2], [0]];
  return renderTable(fitRows(table, { maxWidth, groups }));
}

/** Fits a terminal beside an editor; `--json` has everything. */
const maxWidth = 100;

function toRouteCells({ methods, paths, upstream, guards, version, modified }: Row): string[] {
  return [
    ...[methods.join(' ') || 'any', paths.join(' '), upstream ?? '-', renderGuards(guards)],
    ...[String(version), modified?.slice(0, 'YYYY-MM-DD'.length) ?? ''],
  ];
}

function toConsumerCells({ plugins, version, modified }: Row): string[] {
  return [plugins.join(' ') || '-', String(version), toMinute(modified)];
}

function renderGuards(guards: readonly string[] | undefined): string {
  if (guards === undefined) return '?';
  return guards.length === 0 ? 'open' : guards.join(' ');
}

const stateColours: Readonly<Record<string, 'green' | 'red' | 'dim'>> = {
  on: 'green',
  off: 'dim',
  invalid: 'red',
};
