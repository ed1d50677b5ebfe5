/** Renders a plan as text or as JSON. */
import type { Kind } from '../documents/kinds.ts';
import type { Paint } from '../terminal/output.ts';
import type { Action, Change } from './plan.ts';
import { renderDiff } from './text-diff.ts';

/** How a plan is shown. */
export interface RenderOptions {
  readonly kind: Kind;
  readonly paint: Paint;
  readonly reveal: boolean;
}

const signs = { add: '+', change: '~', remove: '-', keep: ' ' } as const;
const colours = { add: 'green', change: 'yellow', remove: 'red', keep: 'dim' } as const;

/** Renders each change with its difference. Unchanged documents are only counted. */
export function renderPlan(changes: readonly Change[], options: RenderOptions): string {
  const blocks = changes
    .filter(({ action }) => action !== 'keep')
    .map((change) => renderChange(change, options));
  // A single change needs no counts.
  const counts = changes.length > 1 ? [renderCounts(changes)] : [];
  return [...blocks, ...counts].join('\n\n');
}

function renderChange({ id, action, before, after }: Change, options: RenderOptions): string {
  const { kind, paint, reveal } = options;
  const version = before ? `  (version ${before.version})` : '';
  const title = paint(colours[action], `${signs[action]} ${kind.name}/${id}${version}`);
  if (action === 'remove') return title;
  const isConsumer = kind.name === 'consumers';
  const diff = renderDiff(before?.value, after, { reveal, isConsumer, paint });
  return `${title}\n${diff.replaceAll(/^/gm, '    ')}`;
}

function renderCounts(changes: readonly Change[]): string {
  const count = (action: Action) => changes.filter((change) => change.action === action).length;
  const unchanged = count('keep') > 0 ? `, ${count('keep')} unchanged` : '';
  return `Plan: ${count('add')} to add, ${count('change')} to change, ${count('remove')} to remove${unchanged}.`;
}
