/** A document that there is no room for in the index of all paths. Imported only when there is one. */
import type { FindingLists } from './findings.ts';
import type { DocumentInForce } from './in-force.ts';
import { measureRoom, toRoomIssue } from './index-room.ts';
import type { DocumentParameter } from './tree.ts';

/** Takes a document's routes away until there is room: to answer 503 for its paths would take the same room. */
export function withoutRoom(
  document: DocumentInForce,
  { name, version }: Pick<DocumentParameter, 'name' | 'version'>,
  findings: FindingLists,
): DocumentInForce {
  const issue = toRoomIssue(measureRoom(document.routes));
  // What was found before says what is in force of it, and nothing is.
  const known = findings.invalid.filter(({ parameter }) => parameter === name);
  const others = findings.invalid.filter(({ parameter }) => parameter !== name);
  const issues = [issue, ...known.flatMap((finding) => finding.issues)];
  findings.invalid.splice(0, findings.invalid.length, ...others, {
    ...{ parameter: name, version, fault: 'unfulfilled', inForce: null, issues },
  });
  const { whole = document } = document;
  return {
    ...document,
    ...{ whole, routes: [], missing: [issue], digest: `no room for ${document.digest}` },
  };
}
