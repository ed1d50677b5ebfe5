/** Renders a plan as text or as JSON. */
import { describeDocument } from '../documents/summary.ts';
import type { Paint } from '../terminal/output.ts';
import type { Action, Change } from './plan.ts';
import { renderDiff } from './text-diff.ts';

/** How a plan is shown. */
export interface RenderOptions {
  readonly paint: Paint;
  readonly reveal: boolean;
  /** Shows the texts of all new documents. @default of at most {@link maxTexts} */
  readonly isVerbose?: boolean | undefined;
}

/** If a plan has more new documents, it has one line for each. */
export const maxTexts = 5;

const signs = { add: '+', change: '~', remove: '-', keep: ' ' } as const;
const colours = { add: 'green', change: 'yellow', remove: 'red', keep: 'dim' } as const;

/** Renders each change with its difference. Unchanged documents are only counted. */
export function renderPlan(changes: readonly Change[], options: RenderOptions): string {
  const todo = changes.filter(({ action }) => action !== 'keep');
  const added = todo.filter(({ action }) => action === 'add');
  const isShort = added.length > maxTexts && !options.isVerbose;
  const removed = todo.filter(({ action }) => action === 'remove');
  const inFull = todo.filter(({ action }) => action === 'change' || (action === 'add' && !isShort));
  const lines = added.map((change) => renderLine(change, options));
  const blocks = [
    ...inFull.map((change) => renderChange(change, options)),
    ...(isShort ? [[...lines, '-v shows the texts of new documents.'].join('\n')] : []),
    ...(removed.length > 0
      ? [removed.map((change) => renderTitle(change, options)).join('\n')]
      : []),
  ];
  // A single change needs no counts.
  const counts = changes.length > 1 ? [renderCounts(changes)] : [];
  return [...blocks, ...counts].join('\n\n');
}

/** Renders a new document as one line: its name, methods and paths. */
function renderLine({ kind, id, after = '' }: Change, { paint }: RenderOptions): string {
  const summaries = describeDocument(kind, after);
  const [first] = summaries;
  const what = [...(first?.methods ?? []), ...(first?.paths ?? [])].slice(0, maxWords);
  const more = summaries.length > 1 ? [`and ${summaries.length - 1} more`] : [];
  const title = paint(colours.add, `${signs.add} ${kind.name}/${id}`);
  return [title, [...what, ...more].join(' ')].filter(Boolean).join('  ');
}

/** Methods and paths beyond these are left out of a document's line. */
const maxWords = 6;

function renderTitle({ kind, id, action, before }: Change, { paint }: RenderOptions): string {
  const version = before ? `  (version ${before.version})` : '';
  return paint(colours[action], `${signs[action]} ${kind.name}/${id}${version}`);
}

function renderChange(change: Change, options: RenderOptions): string {
  const { kind, before, after } = change;
  const { paint, reveal } = options;
  const isConsumer = kind.name === 'consumers';
  const diff = renderDiff(before?.value, after, { reveal, isConsumer, paint });
  return `${renderTitle(change, options)}\n${diff.replaceAll(/^/gm, '    ')}`;
}

function renderCounts(changes: readonly Change[]): string {
  const count = (action: Action) => changes.filter((change) => change.action === action).length;
  const unchanged = count('keep') > 0 ? `, ${count('keep')} unchanged` : '';
  return `Plan: ${count('add')} to add, ${count('change')} to change, ${count('remove')} to remove${unchanged}.`;
}
