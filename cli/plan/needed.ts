/** Objects that a plan would take away from documents that name them. */
import { isLinkIssue } from '../check/shared-view.ts';
import type { Text, Together } from '../check/together.ts';
import { CliError } from '../terminal/cli-error.ts';
import type { Change } from './plan.ts';

/** What there is before and after a plan. */
export interface Sides {
  readonly changes: readonly Change[];
  readonly before: Together<Text>;
  readonly after: Together<Text>;
}

/** Whether a change may decide about documents that it does not write. */
export function isOfOthers({ kind, action }: Change): boolean {
  if (kind.name === 'routes' || kind.name === 'consumers' || action === 'keep') return false;
  return action !== 'add' || kind.name === 'global_rules';
}

/** @throws CliError CONFLICT that names the documents whose objects would be gone */
export function assertNotNeeded({ before, after }: Sides): void {
  const toKey = ({ kind, id }: Text) => `${kind.name}/${id}`;
  const known = new Set(before.checked.filter(hasDeadLink).map(toKey));
  const broken = after.checked.filter((own) => hasDeadLink(own) && !known.has(toKey(own)));
  if (broken.length === 0) return;
  const lacks = broken.flatMap(({ issues }) => issues.filter(isLinkIssue));
  const names = [...new Set(lacks.map(({ expected }) => expected.split(':')[0] ?? ''))];
  const usedBy = broken.map(toKey);
  throw new CliError(
    'CONFLICT',
    `${usedBy.join(', ')} ${usedBy.length === 1 ? 'names' : 'name'} ${names.join(', ')}, and would not be available without it; nothing was written.`,
    { hint: 'Change these documents first, or use --force.', details: { usedBy } },
  );
}

function hasDeadLink({ issues }: Together<Text>['checked'][number]): boolean {
  return issues.some(isLinkIssue);
}
