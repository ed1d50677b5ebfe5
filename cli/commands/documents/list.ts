/** `routes list`, `consumers list` and so on. */
import { Command } from 'commander';
import type { PlacedIssue } from '../../check/checker.ts';
import { renderIssue } from '../../check/report.ts';
import { readSources } from '../../check/sources.ts';
import { checkTogether, type Text } from '../../check/together.ts';
import type { Context } from '../../context.ts';
import { findRouteGuards, type RouteGuards } from '../../documents/guards.ts';
import type { Kind } from '../../documents/kinds.ts';
import { readRelated, type StoredKind } from '../../documents/stored.ts';
import { describeDocument, type Summary } from '../../documents/summary.ts';
import { withExamples } from '../../terminal/examples.ts';
import { fitRows, renderTable, toMinute } from '../../terminal/table.ts';

/** Creates `list`, which also names invalid documents. */
export function createListCommand(context: Context, kind: Kind): Command {
  const command = new Command('list')
    .description(`list the ${kind.plural}, and show which of them are invalid`)
    .action(() => list(context, kind));
  return withExamples(command, [
    { does: `Every ${kind.singular} of the proxy`, run: `npx countersign ${kind.command} list` },
    { does: 'For a script', run: `npx countersign ${kind.command} list --json` },
  ]);
}

interface Row extends Summary {
  readonly id: string;
  readonly version: number;
  readonly modified: string | undefined;
  /** A route's plugins that keep clients out; undefined if they are not known, and for other kinds. */
  readonly guards?: readonly string[] | undefined;
  readonly issues: readonly PlacedIssue[];
}

async function list(context: Context, kind: Kind): Promise<void> {
  const rows = await readRows(context, kind);
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

async function readRows(context: Context, kind: Kind): Promise<Row[]> {
  const stored = await readRelated(context, [kind]);
  const own = stored.get(kind.name)?.documents ?? [];
  if (own.length === 0) return [];
  const texts = [...stored.values()].flatMap(toTexts);
  const sources = await readSources(
    context,
    texts.map(({ text }) => text),
  );
  const isWhole = (name: Kind['name']) => stored.get(name)?.isWhole ?? false;
  const { checked, ...together } = await checkTogether(context, texts, { sources, isWhole });
  const byName = new Map(own.map((document) => [document.id, document]));
  const rows: Row[] = [];
  for (const { id, text, issues } of checked.filter((document) => document.kind === kind)) {
    const { name, version = 0, modified } = byName.get(id) ?? {};
    const guards: RouteGuards =
      kind.name === 'routes' && name !== undefined
        ? await findRouteGuards(together, { parameter: name, text })
        : [];
    for (const [index, summary] of describeDocument(kind, text).entries()) {
      const row = { id, version, modified: modified?.toISOString(), ...summary };
      rows.push({ ...row, ...(kind.name === 'routes' && { guards: guards[index] }), issues });
    }
  }
  return rows;
}

function toTexts({ kind, documents }: StoredKind): Text[] {
  return documents.map(({ id, value: text }) => ({ kind, id, text }));
}

function renderRows(context: Context, kind: Kind, rows: readonly Row[]): string {
  if (rows.length === 0) {
    const add = context.commandLine(`${kind.command} edit ${kind.exampleId}`);
    return `No ${kind.plural} below ${context.settings().root()}/${kind.name}. Add one: ${add}`;
  }
  const { paint } = context.output();
  const { head, groups, toCells } = layouts[kind.name] ?? ofPlugins;
  const lines = rows.map((row) => {
    const shown = row.issues.length > 0 ? 'invalid' : row.state;
    const name = row.item === undefined ? row.id : `${row.id}#${row.item}`;
    return [name, paint(stateColours[shown] ?? 'reset', shown), ...toCells(row)];
  });
  const titles = [kind.idName, 'state', ...head];
  const table = [titles.map((name) => paint('bold', name.toUpperCase())), ...lines];
  // An id is shortened last, because other commands take it.
  return renderTable(fitRows(table, { maxWidth, groups: [groups, [0]] }));
}

/** Fits a terminal beside an editor; `--json` has everything. */
const maxWidth = 100;

function toRouteCells({ methods, paths, upstream, guards, version, modified }: Row): string[] {
  return [
    ...[methods.join(' ') || 'any', paths.join(' '), upstream ?? '-', renderGuards(guards)],
    ...[String(version), modified?.slice(0, 'YYYY-MM-DD'.length) ?? ''],
  ];
}

function toVersionCells({ version, modified }: Row): string[] {
  return [String(version), toMinute(modified)];
}

/** The columns of a kind, behind id and state. */
interface Layout {
  readonly head: readonly string[];
  /** Columns to shorten, counted with id and state. */
  readonly groups: readonly number[];
  readonly toCells: (row: Row) => string[];
}

const ofPlugins: Layout = {
  head: ['plugins', 'version', 'changed'],
  groups: [2],
  toCells: (row) => [row.plugins.join(' ') || '-', ...toVersionCells(row)],
};

const layouts: Readonly<Partial<Record<Kind['name'], Layout>>> = {
  routes: {
    head: ['methods', 'paths', 'upstream', 'guard', 'ver', 'changed'],
    groups: [2, 3, 4, 5],
    toCells: toRouteCells,
  },
  services: {
    head: ['plugins', 'upstream', 'version', 'changed'],
    groups: [2, 3],
    toCells: (row) => [row.plugins.join(' ') || '-', row.upstream ?? '-', ...toVersionCells(row)],
  },
  upstreams: {
    head: ['nodes', 'version', 'changed'],
    groups: [2],
    toCells: (row) => [row.upstream ?? '-', ...toVersionCells(row)],
  },
};

function renderGuards(guards: readonly string[] | undefined): string {
  if (guards === undefined) return '?';
  return guards.length === 0 ? 'open' : guards.join(' ');
}

const stateColours: Readonly<Record<string, 'green' | 'red' | 'dim'>> = {
  on: 'green',
  off: 'dim',
  invalid: 'red',
};
