/** Needs and their comparison for people. */
import type { Paint } from '../terminal/output.ts';
import type { Comparison, Gap, Grant } from './compare.ts';
import type { Need } from './need.ts';
import { type Needs, toPolicyDocument } from './needs.ts';

/** What `policy` shows. */
export interface PolicyReport {
  readonly needs: Needs;
  readonly remarks: readonly string[];
  /** Undefined when no role was named. */
  readonly compared: { readonly role: string; readonly comparison: Comparison } | undefined;
}

/** Renders the report of `policy` for a terminal. */
export function renderReport({ needs, remarks, compared }: PolicyReport, paint: Paint): string {
  const sections = [
    [paint('bold', 'The execution role needs'), toJson(needs.role)],
    ...[...needs.assumed].map(([arn, own]) => [paint('bold', `${arn} needs`), toJson(own)]),
    needs.unresolved.length === 0
      ? []
      : [
          paint('bold', 'Not worked out'),
          ...needs.unresolved.map(({ route, host, reason }) => `  ${route}: ${host}: ${reason}`),
        ],
    remarks.map((remark) => `! ${remark}`),
    compared ? renderComparison(compared.role, compared.comparison, paint) : [],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function renderComparison(
  role: string,
  { missing, unclear, superfluous, wide }: Comparison,
  paint: Paint,
): string[] {
  const lines = [
    ...missing.map((gap) => `${paint('red', 'missing')}      ${describeGap(gap)}`),
    ...unclear.map((gap) => `${paint('yellow', 'unclear')}      ${describeGap(gap)}`),
    ...superfluous.map((grant) => `${paint('yellow', 'superfluous')}  ${describeGrant(grant)}`),
    ...wide.map((grant) => `${paint('yellow', 'wide')}         ${describeGrant(grant)}`),
  ];
  const title = paint('bold', `The role ${role}`);
  if (lines.length === 0) return [title, `  ${paint('green', 'has this and no more')}`];
  return [title, ...lines.map((line) => `  ${line}`)];
}

function describeGap({ need, reason }: Gap): string {
  return `${need.action} on ${need.resources.join(' or ')}${describeRoutes(need)}: ${reason}`;
}

/** Names the routes that need a statement, in parentheses; an empty text where no route does. */
export function describeRoutes({ routes }: Pick<Need, 'routes'>): string {
  if (routes.length === 0) return '';
  return ` (route${routes.length === 1 ? '' : 's'} ${routes.join(', ')})`;
}

function describeGrant({ policy, action, resource }: Grant): string {
  return `${action} on ${resource} (policy ${policy})`;
}

function toJson(needs: readonly Need[]): string {
  return JSON.stringify(toPolicyDocument(needs), null, 2);
}
