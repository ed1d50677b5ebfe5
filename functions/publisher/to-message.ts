/** Findings → the message to the operators; undefined when there is nothing to tell. */

import { toVisible } from '../proxy/documents/visible-text.ts';
import { toConsequence } from '../proxy/routes/invalid-document.ts';
import { sharedFolders } from '../proxy/routes/kind.ts';
import type { Finding } from './finding.ts';

export interface Message {
  /** One line of ASCII. */
  readonly subject: string;
  readonly text: string;
}

/** SNS takes less than 100 characters. */
const maxSubjectCharacters = 99;
/** One secret may be in very many documents. */
const maxListed = 50;
/** SNS takes 256 KB, and a message that it refuses would be sent again with each later one. */
const maxBytes = 200 * 1024;
/** Lines about one parameter: an array may have hundreds of routes with a fault each. */
const maxLines = 40;

/** What names of parameters begin with, below the root. */
const folders = ['routes', 'consumers', 'secrets', ...Object.keys(sharedFolders)].map(
  (folder) => `${folder}/`,
);

/** @param root of the proxy's documents, which the message is about */
export function toMessage(findings: readonly Finding[], root: string): Message | undefined {
  const all = findings.filter(isWorthTelling);
  const refused = all.filter(({ outcome }) => outcome === 'refused');
  const [first] = refused.length > 0 ? refused : all;
  if (!first) return undefined;
  const told = selectFirst(all.slice(0, maxListed).map(toParagraph));
  if (all.length > told.length) told.push(`${all.length - told.length} more are in the log.`);
  told.push(...toAdvice(refused));
  return { subject: toSubject(first, all.length - 1, root), text: told.join('\n\n') };
}

/** @returns the paragraphs that a message has room for */
function selectFirst(paragraphs: readonly string[]): string[] {
  let bytes = 0;
  return paragraphs.filter((paragraph) => {
    bytes += Buffer.byteLength(paragraph);
    return bytes <= maxBytes;
  });
}

function toSubject({ outcome, parameter }: Finding, others: number, root: string): string {
  const rest = others > 0 ? ` and ${others} more` : '';
  const name = toVisible(parameter.slice(root.length + 1));
  const maxName = maxSubjectCharacters - `Countersign: ${outcome} ${rest}`.length;
  const short = name.length > maxName ? `${name.slice(0, maxName - 3)}...` : name;
  return `Countersign: ${outcome} ${short}${rest}`;
}

function toAdvice(refused: readonly Finding[]): string[] {
  const missing = refused.filter((finding) => isUnfulfilled(finding)).length;
  const advice: string[] = [];
  if (missing < refused.length) {
    advice.push(
      'A refused version never comes into force: write a corrected one, or the text of an older one again.',
    );
  }
  if (missing > 0) {
    advice.push(
      'What answers 503, or is refused, for something that is missing is back by itself when that is there.',
    );
  }
  return advice;
}

function isUnfulfilled(finding: Finding): boolean {
  return finding.outcome === 'refused' && finding.fault === 'unfulfilled';
}

/** @returns whether operators are sent a message about it; the log has every finding */
export function isWorthTelling(finding: Finding): boolean {
  // Secrets are written before the documents that refer to them.
  if (finding.outcome === 'unused') return false;
  if (finding.outcome !== 'accepted') return true;
  return finding.openRoutes.length > 0 || finding.warnings.length > 0;
}

function toParagraph(finding: Finding): string {
  const cause = finding.secret ?? finding.through;
  const because = cause ? ` (after a change of ${cause})` : '';
  const sentences = toSentences(finding);
  const more = sentences.length - maxLines;
  const rest = more > 0 ? [`  ${more} more lines about it are in the log.`] : [];
  const lines = [`${finding.parameter}${because}`, ...sentences.slice(0, maxLines), ...rest];
  return lines.map(toVisibleLine).join('\n');
}

/** Names of fields and ids come from documents; what begins a line is ours. */
function toVisibleLine(line: string): string {
  return `${/^ */.exec(line)?.[0] ?? ''}${toVisible(line.trimStart())}`;
}

function toSentences(finding: Finding): readonly string[] {
  switch (finding.outcome) {
    case 'accepted':
      return [
        `  version ${finding.version} is in force.`,
        ...finding.openRoutes.map((id) => `  The route ${id} is open: it has no access plugin.`),
        ...finding.warnings.map((warning) => `  ${warning}`),
      ];
    case 'refused':
      return [
        `  version ${finding.version} ${isUnfulfilled(finding) ? 'LACKS something' : 'is REFUSED'}; ${toConsequence(finding)}.`,
        ...finding.issues.map(
          ({ pointer, found, expected }) =>
            `  at ${pointer === '' ? 'the top' : pointer}: found ${found}, expected ${expected}`,
        ),
      ];
    case 'deleted':
      return ['  is deleted.'];
    case 'unused':
      return ['  is a secret that no document refers to.'];
    case 'stray':
      return [
        `  is not used: its name is not below ${folders.slice(0, -1).join(', ')} or ${folders.at(-1)}, or has a folder credentials in another place than consumers/<username>/credentials/<id>.`,
      ];
  }
}
