/** Renders needs as text. */
import type { Paint } from '../terminal/output.ts';
import type { Need } from './need.ts';
import { type Needs, toPolicyDocument } from './needs.ts';

/** What `policy` shows. */
export interface PolicyReport {
  readonly needs: Needs;
  readonly remarks: readonly string[];
}

/** Renders the report of `policy` for a terminal. */
export function renderReport({ needs, remarks }: PolicyReport, paint: Paint): string {
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
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function toJson(needs: readonly Need[]): string {
  return JSON.stringify(toPolicyDocument(needs), null, 2);
}
